"""The worked examples of sources.md 11.4 as they stand there: inputs that must load and work unchanged."""
# ruff: noqa: E501 - quoted as they stand

from typing import Final

HTML: Final = r"""
[source]
key = "question-one-html"
name = "Question One"
home = "https://questionone.com"
[defaults]
country = "GB"
timezone = "Europe/London"
currency = "GBP"

[index]
kind = "html"
url = "https://questionone.com/venues/"
item = "a.media-card"
next = "link[rel=next]@href"
max_pages = 40
[index.fields]
key = { select = "@href", regex = "/venues/([^/]+)/" }
url = "@href"
name = "h3"
schedule = ".excerpt"
image = "img@src"
[index.drop]
image = "/assets/images/placeholder/"

[detail]
fallbacks = ["jsonld", "microdata", "opengraph"]
require = ["address", "schedule"]
[detail.fields]
schedule = '.text-with-icon:has(use[href$="#calendar"]) .text-with-icon__text'
address  = '.text-with-icon:has(use[href$="#pin"]) .text-with-icon__text'
fee      = '.text-with-icon:has(use[href$="#tag"]) .text-with-icon__text'
phone    = '.text-with-icon:has(use[href$="#phone"]) .text-with-icon__text'
website  = '.text-with-icon:has(use[href$="#link"]) a@href'
description = { select = ".post-content-area p", join = "\n\n" }
"""

HEADINGS: Final = r"""
[index]
kind = "html"
url = "https://example.org/where-to-play/"
within = "#entry-content-anchor"
item = "p:has(a)"
[index.group]            # the nearest preceding match, carried down until the next one
select = "h3"
day = { regex = "Trivia (\\w+)" }
[index.fields]
name = "a"
url = "a@href"
time = { select = ".", regex = "(\\d[\\d:.]*\\s*[ap]m)" }
locality = { select = ".", regex = ",\\s*([^,]+),\\s*\\d" }
"""

STOREROCKET: Final = r"""
[index]
kind = "json"
preset = "storerocket"                    # supplies url, path and the usual field names
account = "kDJ3BbK4mn"
require = ["name", "address", "lat", "lng", "url", "schedule"]
[index.fields]
key = { select = "url", regex = "([^/]+)/?$" }
schedule = ["fields[name=Trivia].pivot_field_value", "fields[name=Survey Says].pivot_field_value"]
[detail]
[detail.fields]
image = ".venue-photo@src"
description = [".venue-description.w-richtext:not(.trivia-generic):not(.bingo-generic):not(.survey-generic)", ".venue-description.trivia-generic"]
host = ".host-info .host-name"
host_image = ".host-info .host-image:not(.placeholder):not(.w-condition-invisible)@src"
website = ".icon-block a:has(img[alt*=website])@href"
[detail.status]
paused = ".on-break"
"""

JSONP: Final = r"""
[index]
kind = "json"
url = "https://cdn.storelocatorwidgets.com/json/7f3962110f31589bc13cdc3b7b85cfd7"
jsonp = true                              # strips name( … ) and ;
path = "stores"
secret_keys = ["expressmaps_api_key", "mapbox_api_key", "maptiler_api_key"]
[index.fields]
key = "storeid"
name = "name"
address = "data.address"
lat = "data.map_lat"
lng = "data.map_lng"
day = ["filters[0]", "data.description"]
time = "data.description"
phone = "data.phone"
website = "data.website"
fee = { const = "£2.50" }
url = { const = "https://inquizition.com/find-a-quiz/#{key}" }
"""

SCRIPT: Final = r"""
[index]
kind = "json"
url = "https://www.speedquizzing.com/find/"
script = { after = "events = JSON.parse(", literal = true }   # a quoted JS string is un-escaped, then parsed
# for `window.gmapLocations = [ … ]` : script = { after = "window.gmapLocations =" }  (balanced brackets)
# for __NEXT_DATA__                  : script = { id = "__NEXT_DATA__" }, path = "props.pageProps…"
[index.fields]
key = "event_id"
lat = "lat"
lng = "lon"
day = "day"
date = "date"
url = { const = "https://www.speedquizzing.com/events/{key}/" }
[detail]
not_found = "skip"                        # 404 is normal here
[detail.fields]
name = "p.mb-0 b"
address = { select = "p.mb-0:has(.fa-map-marker)", regex = ",\\s*(.+)$" }
schedule = "p.mb-0:has(.fa-clock)"
fee = "p.sm1"
host = { select = "#menu4 h3", regex = "hosted by\\s+(?:\\W*\\d+\\s+)?(.+)" }
host_image = "#menu4 img.host-img@src"
"""

RSS: Final = r"""
[index]
kind = "rss"
url = "https://questionone.com/venues/feed/"
page_param = "paged"                      # 2, 3 … until 404 or no items
strip_query = ["url"]
[index.fields]
url = "link"
name = { select = "title", regex = "^(?:PUB QUII?Z\\W+)?(.+?)(?:\\s[–—-]\\s(?:every|first|last|monthly)\\b.*)?$" }
frequency = "title"
"""

WP_REST: Final = r"""
[index]
kind = "wp_rest"
site = "https://example.org"
type = "lct_venue"                        # GET /wp-json/wp/v2/<type>?per_page=100&page=N ; pages from X-WP-TotalPages
keep = { field = "class_list", contains = "lct_game_type-trivia" }
[index.fields]
key = "id"
name = "title.rendered"
url = "link"
description = "content.rendered"
"""

AJAX: Final = r"""
[index]
kind = "ajax"
url = "https://www.geekswhodrink.com/wp-admin/admin-ajax.php"
method = "GET"                            # or POST: parameters go into the form body
accept_status = [200, 500]
must_contain = "quizBlock-"
body = "html"                             # html: item + fields as above; json: path (+ html_path for HTML inside JSON)
item = "a[id^=quizBlock-]"
[index.nonce]                             # fetched in every run, never stored
url = "https://www.geekswhodrink.com/venues/"
regex = "gwdNonce[\"']?\\s*:\\s*[\"']?([0-9a-f]+)"
param = "nonce"
[index.params]
action = "mb_display_mapped_events"
searchInit = "true"
hasAll = "true"
"bounds[northLat]" = "71.35817123219137"  # … and the others of 6.2
[index.fields]
key = { select = "@id", regex = "(\\d+)$" }
name = ["@data-title", "h2"]
address = "@data-address"
lat = "@data-lat"
lng = "@data-lon"
day = ["@data-day", "time"]
image = [".quizBlock__logo@src", ".quizBlock__logo img@src"]
[index.skip]
"@data-brand" = "^(bng|qfac)$"
"@id" = "virtual-"
"""

ICS: Final = r"""
[index]
kind = "ics"
url = "https://example.org/calendar.ics"
match = "quiz|trivia"                     # on SUMMARY
skip_match = "bingo"
[index.fields]
name = { const = "The Example Arms" }
description = "DESCRIPTION"
"""

TRIBE: Final = r"""
[index]
kind = "tribe"                            # GET /wp-json/tribe/events/v1/events?per_page=50&start_date=today&page=N
site = "https://example.org"              # pages from total_pages / next_rest_url
match = "quiz|trivia"
"""

SQUARESPACE: Final = r"""
[index]
kind = "squarespace"                      # GET <page>?format=json ; upcoming[] or items[] ; next page pagination.nextPageUrl
page = "https://example.org/events"
match = "quiz|trivia"
"""

ALL: Final = {
    "html": HTML,
    "headings": HEADINGS,
    "storerocket": STOREROCKET,
    "jsonp": JSONP,
    "script": SCRIPT,
    "rss": RSS,
    "wp_rest": WP_REST,
    "ajax": AJAX,
    "ics": ICS,
    "tribe": TRIBE,
    "squarespace": SQUARESPACE,
}
