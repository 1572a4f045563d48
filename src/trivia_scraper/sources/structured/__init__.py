"""Structured data in pages and feeds (sources.md 11.3, 11.4, 11.6): pure readers, one room a format.

    jsonld.read_jsonld(document, url, *, zone, local_clock, today)        events of a page's JSON-LD
    jsonld.read_jsonld_places(document, url)                              its places (bars, restaurants …)
    microdata.read_microdata(document, url, *, zone, local_clock, today)  Event items, else h-event and hCalendar
    microdata.read_microdata_places(document, url)                        its place items
    opengraph.read_opengraph(document, url)                               og:title, description, image, url
    calendar.read_calendar(text, default_zone, *, today, url, wanted)     iCalendar, grouped into series
    tribe.read_tribe(text, *, url)                                        The Events Calendar's REST answer
    squarespace.read_squarespace(text, default_zone, *, url)              a collection's `?format=json`
    grouping.grouped(entries, *, today, by_name)                          single dates → series
    moments.localised(facts, zone)                                        once the venue's zone is known

Every reader returns a `StructuredReading`; only a body that is unusable as a whole raises PageShapeChanged.
`tribe` and `squarespace` leave dates single, because a series may run over several pages: choose the wanted ones
by name, then call `grouped` on those of all pages together.
"""
