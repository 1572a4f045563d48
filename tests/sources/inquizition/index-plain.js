slw({
 "settings": {
  "language": "en"
 },
 "expressmaps_api_key": "dummy-expressmaps",
 "mapbox_api_key": "dummy-mapbox",
 "maptiler_api_key": "dummy-maptiler",
 "plan_type": "2",
 "filters": [
  "Monday",
  "Tuesday"
 ],
 "branding": "0",
 "stores": [
  {
   "storeid": "81200001",
   "name": "The Copper Kettle",
   "display_order": "999999",
   "data": {
    "address": "12 Tallow Lane\r\nLondon\r\nEC4M 9XZ",
    "description": "Tuesdays, 6.30pm",
    "website": "https://copperkettle.example/book/",
    "website_text": "Book a table",
    "phone": "020 7946 0123",
    "email": "bar@copperkettle.example",
    "map_lat": "51.5139",
    "map_lng": "-0.1027",
    "markerid": "default"
   },
   "custom_data": false,
   "filters": [
    "Tuesday"
   ],
   "google_placeid": "",
   "timezone": "Europe/London",
   "country": "GB",
   "filters_bitwise": 1
  },
  {
   "storeid": "81200002",
   "name": "Dog & Duck",
   "display_order": "999999",
   "data": {
    "address": "3 Mill Row\r\nCambridge\r\nCB1 2ZZ",
    "description": "Wednesdays, 7pm",
    "website": "",
    "website_text": "Book a table",
    "phone": "",
    "email": "",
    "map_lat": "52.2001",
    "map_lng": "0.1400",
    "markerid": "default"
   },
   "custom_data": false,
   "filters": [
    "Wednesday"
   ],
   "google_placeid": "",
   "timezone": "Europe/London",
   "country": "GB",
   "filters_bitwise": 1
  },
  {
   "storeid": 81200003,
   "name": "  The   Lamp  ",
   "display_order": "999999",
   "data": {
    "address": "Unit 15, Uplands Business Park, Blackhorse Ln,  E17 5QQ",
    "description": "Thursdays, 8pm",
    "website": "https://copperkettle.example/book/",
    "website_text": "Book a table",
    "phone": "020 7946 0123",
    "email": "bar@copperkettle.example",
    "map_lat": 51.59,
    "map_lng": -0.03,
    "markerid": "default"
   },
   "custom_data": false,
   "filters": [
    "Thursday"
   ],
   "google_placeid": "",
   "timezone": "Europe/London",
   "country": "GB",
   "filters_bitwise": 1
  }
 ],
 "markers": [],
 "css": "",
 "filter_layout": "1"
});