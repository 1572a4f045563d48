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
 "markers": [],
 "css": "",
 "filter_layout": "1"
});