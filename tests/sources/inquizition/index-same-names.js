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
   "storeid": "81200011",
   "name": "The Railway",
   "display_order": "999999",
   "data": {
    "address": "4 Station Rise\r\nLondon\r\nSW16 5ZD",
    "description": "Mondays, 7.30pm",
    "website": "https://copperkettle.example/book/",
    "website_text": "Book a table",
    "phone": "020 7946 0123",
    "email": "bar@copperkettle.example",
    "map_lat": "51.4205",
    "map_lng": "-0.1283",
    "markerid": "default"
   },
   "custom_data": false,
   "filters": [
    "Monday"
   ],
   "google_placeid": "",
   "timezone": "Europe/London",
   "country": "GB",
   "filters_bitwise": 1
  },
  {
   "storeid": "81200012",
   "name": "The Railway",
   "display_order": "999999",
   "data": {
    "address": "202 Upper Ferry Road\r\nLondon\r\nSW15 6ZD",
    "description": "Tuesdays, 7.30pm",
    "website": "https://copperkettle.example/book/",
    "website_text": "Book a table",
    "phone": "020 7946 0123",
    "email": "bar@copperkettle.example",
    "map_lat": "51.4613",
    "map_lng": "-0.2169",
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
   "storeid": "81200013",
   "name": "The White Horse",
   "display_order": "999999",
   "data": {
    "address": "1-3 Green End\r\nLondon\r\nSW6 4ZL",
    "description": "Wednesdays, 7.30pm",
    "website": "https://copperkettle.example/book/",
    "website_text": "Book a table",
    "phone": "020 7946 0123",
    "email": "bar@copperkettle.example",
    "map_lat": "51.4735",
    "map_lng": "-0.2008",
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
   "storeid": "81200014",
   "name": "The White Horse",
   "display_order": "999999",
   "data": {
    "address": "154 Fleet Hill\r\nLondon\r\nNW3 2ZX",
    "description": "Wednesdays, 7.30pm",
    "website": "https://copperkettle.example/book/",
    "website_text": "Book a table",
    "phone": "020 7946 0123",
    "email": "bar@copperkettle.example",
    "map_lat": "51.5557",
    "map_lng": "-0.1642",
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
   "storeid": "81200015",
   "name": "The White Horse",
   "display_order": "999999",
   "data": {
    "address": "20 Rye View\r\nLondon\r\nSE15 4ZR",
    "description": "Thursdays, 7.30pm",
    "website": "https://copperkettle.example/book/",
    "website_text": "Book a table",
    "phone": "020 7946 0123",
    "email": "bar@copperkettle.example",
    "map_lat": "51.4695",
    "map_lng": "-0.0691",
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