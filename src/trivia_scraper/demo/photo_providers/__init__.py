"""Fake endpoints of the photo providers' interfaces: their own formats and refusals, invented photos (images.md 5.7).

| mount | interface |
|---|---|
| /photo-api/google_places | Places API (New): details, media with a redirect |
| /photo-api/google_classic | Places API: details, photo with a redirect |
| /photo-api/foursquare, /photo-api/here | photos of a place; a place |
| /photo-api/unsplash | search in pages; a picture's download notice |
| /photo-cdn/<provider>/<photo>.jpg | the photos' bytes |

Any place id "place-<n>-<count>" has <count> photos at every provider that goes by ids; `PhotosSwitch` gives a place
exactly the photos that a test wants.
"""
