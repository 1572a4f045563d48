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
   "storeid": "81200041",
   "name": "The Copper Kettle",
   "display_order": "999999",
   "data": {
    "address": "12 Tallow Lane\r\nLondon\r\nEC4M 9XZ",
    "description": "Mondays, 7pm",
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
    "T",
    "u",
    "e",
    "s",
    "d",
    "a",
    "y"
   ],
   "google_placeid": "",
   "timezone": "Europe/London",
   "country": "GB",
   "filters_bitwise": 1
  },
  {
   "storeid": "81200042",
   "name": "The Copper Kettle",
   "display_order": "999999",
   "data": {
    "address": "12 Tallow Lane\r\nLondon\r\nEC4M 9XZ",
    "description": "Mondays, 7pm",
    "website": "https://copperkettle.example/book/",
    "website_text": "Book a table",
    "phone": "020 7946 0123",
    "email": "bar@copperkettle.example",
    "map_lat": "51.5139",
    "map_lng": "-0.1027",
    "markerid": "default"
   },
   "custom_data": false,
   "google_placeid": "",
   "timezone": "Europe/London",
   "country": "GB",
   "filters_bitwise": 1
  },
  {
   "storeid": "81200043",
   "name": "The Copper Kettle",
   "display_order": "999999",
   "data": {
    "address": "12 Tallow Lane\r\nLondon\r\nEC4M 9XZ",
    "description": "Mondays, 7pm",
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
    null,
    7,
    [
     "Friday"
    ]
   ],
   "google_placeid": "",
   "timezone": "Europe/London",
   "country": "GB",
   "filters_bitwise": 1
  },
  {
   "storeid": "81200044",
   "name": "The Copper Kettle",
   "display_order": "999999",
   "data": {
    "address": "12 Tallow Lane\r\nLondon\r\nEC4M 9XZ",
    "description": "Mondays, 7pm",
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
    "Sunday roast",
    "South London"
   ],
   "google_placeid": "",
   "timezone": "Europe/London",
   "country": "GB",
   "filters_bitwise": 1
  },
  {
   "storeid": "81200045",
   "name": "The Copper Kettle",
   "display_order": "999999",
   "data": {
    "address": "12 Tallow Lane\r\nLondon\r\nEC4M 9XZ",
    "description": "8.15pm",
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
    "South London",
    "thursday"
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