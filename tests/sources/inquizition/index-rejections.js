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
   "name": "A",
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
   "storeid": " ",
   "name": "B",
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
   "storeid": {
    "id": 1
   },
   "name": "C",
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
   "storeid": "81200021",
   "name": "  ",
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
   "storeid": "81200022",
   "name": 17,
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
   "storeid": "81200023",
   "name": "D",
   "display_order": "999999",
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
   "storeid": "81200024",
   "name": "E",
   "display_order": "999999",
   "data": "12 Tallow Lane",
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
   "storeid": "81200025",
   "name": "F",
   "display_order": "999999",
   "data": {
    "address": " \r\n ",
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
   "storeid": "81200026",
   "name": "G",
   "display_order": "999999",
   "data": {
    "address": [
     "12 Tallow Lane"
    ],
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
   "storeid": "81200027",
   "name": "H",
   "display_order": "999999",
   "data": {
    "address": "12 Tallow Lane\r\nLondon\r\nEC4M 9XZ",
    "description": "Tuesdays, 6.30pm",
    "website": "https://copperkettle.example/book/",
    "website_text": "Book a table",
    "phone": "020 7946 0123",
    "email": "bar@copperkettle.example",
    "map_lat": "",
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
   "storeid": "81200028",
   "name": "I",
   "display_order": "999999",
   "data": {
    "address": "12 Tallow Lane\r\nLondon\r\nEC4M 9XZ",
    "description": "Tuesdays, 6.30pm",
    "website": "https://copperkettle.example/book/",
    "website_text": "Book a table",
    "phone": "020 7946 0123",
    "email": "bar@copperkettle.example",
    "map_lat": "51.5139",
    "map_lng": "west",
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
   "storeid": "81200029",
   "name": "J",
   "display_order": "999999",
   "data": {
    "address": "12 Tallow Lane\r\nLondon\r\nEC4M 9XZ",
    "description": "Tuesdays, 6.30pm",
    "website": "https://copperkettle.example/book/",
    "website_text": "Book a table",
    "phone": "020 7946 0123",
    "email": "bar@copperkettle.example",
    "map_lat": null,
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
   "storeid": "81200030",
   "name": "K",
   "display_order": "999999",
   "data": {
    "address": "12 Tallow Lane\r\nLondon\r\nEC4M 9XZ",
    "description": "Tuesdays",
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
   "storeid": "81200031",
   "name": "L",
   "display_order": "999999",
   "data": {
    "address": "12 Tallow Lane\r\nLondon\r\nEC4M 9XZ",
    "description": "",
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
   "storeid": "81200032",
   "name": "M",
   "display_order": "999999",
   "data": {
    "address": "12 Tallow Lane\r\nLondon\r\nEC4M 9XZ",
    "description": "7pm",
    "website": "https://copperkettle.example/book/",
    "website_text": "Book a table",
    "phone": "020 7946 0123",
    "email": "bar@copperkettle.example",
    "map_lat": "51.5139",
    "map_lng": "-0.1027",
    "markerid": "default"
   },
   "custom_data": false,
   "filters": [],
   "google_placeid": "",
   "timezone": "Europe/London",
   "country": "GB",
   "filters_bitwise": 1
  },
  {
   "storeid": "81200033",
   "name": "N",
   "display_order": "999999",
   "data": {
    "address": "12 Tallow Lane\r\nLondon\r\nEC4M 9XZ",
    "description": "Call us",
    "website": "https://copperkettle.example/book/",
    "website_text": "Book a table",
    "phone": "020 7946 0123",
    "email": "bar@copperkettle.example",
    "map_lat": "51.5139",
    "map_lng": "-0.1027",
    "markerid": "default"
   },
   "custom_data": false,
   "filters": [],
   "google_placeid": "",
   "timezone": "Europe/London",
   "country": "GB",
   "filters_bitwise": 1
  },
  {
   "storeid": "81200034",
   "name": "O",
   "display_order": "999999",
   "data": {
    "address": "12 Tallow Lane\r\nLondon\r\nEC4M 9XZ",
    "description": "Tuesdays, 25.00",
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
  "not a store",
  null,
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
  }
 ],
 "markers": [],
 "css": "",
 "filter_layout": "1"
});