"""A description with a mistake: told with file, line, column, key and what to do; the other files still load."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trivia_scraper.sources.declarative import DescriptionFile, read_descriptions
from unit.sources.declarative_cases import problems_in

INDEX = '[index]\nkind = "html"\nurl = "https://quiz.example/"\nitem = "li"\n'
FIELDS = '[index.fields]\nname = "a"\n'
GOOD = INDEX + FIELDS
JSON = '[index]\nkind = "json"\nurl = "https://quiz.example/"\n'

MISTAKES = {
    "unclosed header": ("[index\n", "1:7: is no TOML: Expected ']'"),
    "key twice": ("a = 1\na = 2\n", "2:6: is no TOML: this key stands twice in its table"),
    "no index": ('[source]\nkey = "a"\n', "1:1: index: is required"),
    "bad key": ('[source]\nkey = "Bad Key"\n' + GOOD, "2:1: source.key: must be small letters"),
    "unknown table": ("[detial]\n" + GOOD, "1:2: detial: unknown key, did you mean 'detail'?"),
    "unknown field": (
        GOOD + 'phon = "b"\n',
        "7:1: index.fields.phon: unknown key, did you mean 'index.fields.phone'?",
    ),
    "misspelt index key": (
        INDEX.replace("item", "itm") + FIELDS,
        "4:1: index.itm: unknown key, did you mean 'index.item'",
    ),
    "right key, wrong table": (
        "[defaults]\nmax_pages = 5\n" + GOOD,
        "2:1: defaults.max_pages: unknown key here, did you mean 'index.max_pages'?",
    ),
    "misspelt lookup key": (
        GOOD + 'key = { select = "a", regx = "x" }\n',
        "7:1: index.fields.key.regx: unknown key, did you mean 'index.fields.key.regex'?",
    ),
    "misspelt key inside a list": (
        GOOD + 'key = ["a", { selekt = "b" }]\n',
        "index.fields.key.1.selekt: unknown key, did you mean",
    ),
    "field of a wrong type": (GOOD + "url = 5\n", "7:1: index.fields.url: must be a selector in quotes, a table"),
    "empty list": (GOOD + "url = []\n", "7:1: index.fields.url: must not be empty"),
    "bad selector": (GOOD + 'lat = "p["\n', "7:1: index.fields.lat: 'p[' is no CSS selector"),
    "selector with a child mark first": (GOOD + 'lat = "> p"\n', "it must begin with what is looked for"),
    "selector that another library knows": (GOOD + "lat = \"p:contains('x')\"\n", ":lexbor-contains"),
    "two attributes in one selector": (GOOD + 'lat = "a@href, b@src"\n', "alternatives are a list"),
    "bad item selector": (INDEX.replace('"li"', '"li >"') + FIELDS, "4:1: index.item: 'li >' is no CSS selector"),
    "bad pattern": (
        GOOD + 'time = { select = ".", regex = "(" }\n',
        "7:1: index.fields.time.regex: is no regular expression: missing )",
    ),
    "nested repetition": (
        GOOD + 'time = { select = ".", regex = "(a+)+$" }\n',
        "index.fields.time.regex: this repetition inside a repetition",
    ),
    "alternatives alike": (
        GOOD + 'time = { select = ".", regex = "(a|ab)*c" }\n',
        "alternatives inside this repetition begin alike",
    ),
    "chained repetitions": (
        GOOD + 'time = { select = ".", regex = ".*-.*-.*x" }\n',
        "several open repetitions in a row",
    ),
    "bad skip pattern": (
        INDEX + '[index.skip]\n".x" = "["\n' + FIELDS,
        "6:1: index.skip..x: is no regular expression",
    ),
    "bad match": (INDEX + 'match = "(?"\n' + FIELDS, "5:1: index.match: is no regular expression"),
    "unknown kind": (
        GOOD.replace('"html"', '"htm"'),
        "2:1: index.kind: 'htm' is none of its words, did you mean 'html'?",
    ),
    "no kind": ('[index]\nurl = "https://quiz.example/"\n', "1:2: index.kind: is required"),
    "no url": (
        INDEX.replace('url = "https://quiz.example/"\n', "") + FIELDS,
        "1:2: index.url: is required for kind 'html'",
    ),
    "no item": (INDEX.replace('item = "li"\n', "") + FIELDS, "index.item: is required"),
    "other protocol": (GOOD.replace("https", "ftp"), "3:1: index.url: is no web address"),
    "broken address": (GOOD.replace("quiz.example", "[quiz"), "3:1: index.url: is no web address"),
    "key of another kind": (
        '[index]\nkind = "ics"\nurl = "https://quiz.example/"\nitem = "a"\n',
        "4:1: index.item: means nothing for kind 'ics'",
    ),
    "item in JSON": (JSON + 'item = "a"\n', "4:1: index.item: is for HTML"),
    "bad path": (JSON + FIELDS.replace('"a"', '"a[b"'), "5:1: index.fields.name: 'a[b' is no path"),
    "script without a place": (JSON + "script = {}\n", "4:1: index.script: needs either after or id"),
    "literal by id": (JSON + 'script = { id = "x", literal = true }\n', "index.script.literal: goes with after"),
    "tribe without site": ('[index]\nkind = "tribe"\n', "1:2: index.site: is required for kind 'tribe'"),
    "wp_rest without type": ('[index]\nkind = "wp_rest"\nsite = "https://quiz.example"\n', "index.type: is required"),
    "preset without account": (
        '[index]\npreset = "storerocket"\n',
        "1:2: index.account: is required for the preset 'storerocket'",
    ),
    "unknown preset": (
        '[index]\npreset = "storerockt"\naccount = "a"\n',
        "2:1: index.preset: 'storerockt' is none of its words, did you mean 'storerocket'?",
    ),
    "kind against its preset": (
        '[index]\npreset = "stockist"\nkind = "rss"\naccount = "a"\n',
        "index.kind: is 'json' with the preset",
    ),
    "country in small letters": (
        '[defaults]\ncountry = "gb"\n' + GOOD,
        "2:1: defaults.country: must be two capital letters",
    ),
    "unknown zone": (
        '[defaults]\ntimezone = "Europe/Londn"\n' + GOOD,
        "2:1: defaults.timezone: 'Europe/Londn' is no IANA zone",
    ),
    "country without known money": ('[defaults]\ncountry = "ZZ"\n' + GOOD, "defaults.currency: is required"),
    "half a position": ("[defaults]\nlat = 51.5\n" + GOOD, "defaults.lng: is required"),
    "detail without an address": (GOOD + "[detail]\n", "5:2: index.fields.url: is required"),
    "unknown field in drop": (
        GOOD + '[index.drop]\nimgae = "x"\n',
        "8:1: index.drop.imgae: 'imgae' is none of its words, did you mean 'image'?",
    ),
    "unknown field in require": (
        INDEX + 'require = ["nme"]\n' + FIELDS,
        "5:1: index.require.0: 'nme' is none of its words, did you mean 'name'?",
    ),
    "unknown fallback": (
        GOOD + 'url = "a@href"\n[detail]\nfallbacks = ["jsonldd"]\n',
        "9:1: detail.fallbacks.0: 'jsonldd' is none of its words, did you mean 'jsonld'?",
    ),
    "unknown status": (
        INDEX + '[index.status]\ncanceled = ".x"\n' + FIELDS,
        "6:1: index.status.canceled: unknown key, did you mean 'index.status.cancelled_once'?",
    ),
    "bad duration": ('[source]\nfreshness = "5x"\n' + GOOD, '2:1: source.freshness: "5x" is not a duration'),
    "too often": (
        '[source]\nper_host_interval = "0.5s"\n' + GOOD,
        '2:1: source.per_host_interval: must be at least "1s"',
    ),
    "number as text": (INDEX + 'max_pages = "3"\n' + FIELDS, "5:1: index.max_pages: must be a whole number"),
    "placeholder that is no field": (
        GOOD + 'url = { const = "https://q.example/{kee}" }\n',
        "7:1: index.fields.url: {kee} is no field, did you mean 'key'?",
    ),
    "placeholder of itself": (GOOD + 'url = { const = "{url}" }\n', "index.fields.url: {url} needs itself"),
    "constant and selector": (
        GOOD + 'url = { const = "x", select = "a" }\n',
        "index.fields.url.const: a constant stands alone",
    ),
    "html inside html": (
        GOOD + 'url = { select = "a", html = "b" }\n',
        "index.fields.url.html: is for HTML inside JSON",
    ),
    "disguise": (
        INDEX + '[index.headers]\nUser-Agent = "Mozilla"\n' + FIELDS,
        "6:1: index.headers.User-Agent: is not ours to set",
    ),
    "days that are all one": (
        INDEX + 'dates = { param = "d", format = "day" }\n' + FIELDS,
        "index.dates.format: must tell one day from another",
    ),
    "keep without a word": (
        INDEX + 'keep = { field = "a" }\n' + FIELDS,
        "index.keep: needs either contains or matches",
    ),
    "events and items": (INDEX + 'events = "jsonld"\n' + FIELDS, "index.item: stands for items of HTML"),
    "text without its closing quote": (
        INDEX.replace('"li"', '"li'),
        "4:11: is no TOML: a text in quotes has no closing quote on its line",
    ),
    "backslash in double quotes": (
        GOOD + 'time = { select = ".", regex = "\\d" }\n',
        "is no TOML: a backslash in double quotes: write the text in single quotes",
    ),
    "table twice": (GOOD + FIELDS, "is no TOML: this table stands twice"),
    "curly quotes": (INDEX.replace('"li"', "“li”"), "4:8: is no TOML: no value can begin so"),
    "a word of another language": ("enabled = True\n", "1:11: is no TOML: no value can begin so"),
    "colon for equals": (INDEX.replace("item =", "item:"), "4:5: is no TOML: a line is key = value"),
    "a file of JSON": ('{"index": {}}\n', "1:1: is no TOML: a line is key = value"),
    "kind in capitals": (INDEX.replace("html", "HTML") + FIELDS, "2:1: index.kind: 'HTML' is none of its words, did"),
    "address with a login": (
        INDEX.replace("quiz.example", "me:secret@quiz.example") + FIELDS,
        "3:1: index.url: has a login in it",
    ),
    "no name anywhere": (INDEX, "1:2: index.fields.name: is required: without it every entry is rejected"),
    "what sites call a latitude": (GOOD + 'latitude = "b"\n', "unknown key, did you mean 'index.fields.lat'?"),
    "what sites call a fee": (GOOD + 'price = "b"\n', "unknown key, did you mean 'index.fields.fee'?"),
    "what sites call a town": (GOOD + 'city = "b"\n', "unknown key, did you mean 'index.fields.locality'?"),
    "the kingdom by its letters": ('[defaults]\ncountry = "UK"\n' + GOOD, "2:1: defaults.country: is 'GB' for"),
    "money that nobody has": (
        '[defaults]\ncurrency = "XXQ"\n' + GOOD,
        "2:1: defaults.currency: 'XXQ' is no currency",
    ),
    "a fee in words": ('[defaults]\nfee = "two quid"\n' + GOOD, "2:1: defaults.fee: 'two quid' states no fee"),
    "JSONPath": (
        JSON + 'path = "$.data"\n[index.fields]\nname = "n"\n',
        "4:1: index.path: '$.data': leave out the '$'",
    ),
    "XPath": (
        GOOD + "lat = \"//p[@class='x']\"\n",
        "7:1: index.fields.lat: \"//p[@class='x']\" is no CSS selector: it l",
    ),
    "jQuery's position": (GOOD + 'lat = "td:eq(2)"\n', "is no CSS selector: write :nth-child(3)"),
    "constants in a circle": (
        GOOD + 'url = { const = "{key}" }\nkey = { const = "{url}" }\n',
        "needs what needs it: key → url → key",
    ),
    "a part that no feed has": (
        '[index]\nkind = "rss"\nurl = "https://quiz.example/"\n[index.fields]\nname = "titel"\n',
        "5:1: index.fields.name: no entry has 'titel', did you mean 'title'?",
    ),
    "a part that no calendar has": (
        '[index]\nkind = "ics"\nurl = "https://quiz.example/"\n[index.fields]\ndescription = "DESCRIPTON"\n',
        "5:1: index.fields.description: no entry has 'DESCRIPTON', did you mean 'DESCRIPTION'?",
    ),
    "a text that is too long": (
        GOOD + f'lat = "{"a" * 2_001}"\n',
        "index.fields.lat: must have at most 2000 characters",
    ),
    "another kind beside a preset": (
        '[index]\nkind = "rss"\npreset = "storerocket"\naccount = "abc"\n',
        "2:1: index.kind: is 'json' with the preset 'storerocket': leave it out",
    ),
    "no name for a key": (GOOD, "source.key: is required: the file's name 'Über uns' is no key"),
}


@pytest.mark.parametrize("mistake", MISTAKES, ids=list(MISTAKES))
def test_a_mistake_is_told_with_its_place_and_key(mistake: str) -> None:
    toml, told = MISTAKES[mistake]
    name = "Über uns" if mistake == "no name for a key" else "x"
    problems = problems_in(toml, name)
    assert problems, "nothing was found"
    assert any(told in problem for problem in problems), problems
    assert all(problem.startswith(f"sources.d/{name}.toml:") for problem in problems)


def test_every_mistake_of_a_file_is_told_at_once_and_in_order() -> None:
    problems = problems_in(GOOD + 'lat = "p["\nlng = "q["\nkey = { select = "a", regex = "(" }\n')
    assert [problem.split(":")[1] for problem in problems] == ["7", "8", "9"]


def test_a_kind_that_contradicts_its_preset_is_one_mistake_and_not_five() -> None:
    assert len(problems_in('[index]\nkind = "rss"\npreset = "storerocket"\naccount = "abc"\n')) == 1


def test_a_file_with_a_problem_costs_no_other_file() -> None:
    files = [DescriptionFile("d/bad.toml", "[index"), DescriptionFile("d/good.toml", GOOD)]
    read = read_descriptions(files)
    assert [source.slug for source in read.sources] == ["good"]
    assert [problem.path for problem in read.problems] == ["d/bad.toml"]


def test_a_key_that_two_files_have_is_a_problem_of_the_second() -> None:
    keyed = '[source]\nkey = "pub"\n' + GOOD
    read = read_descriptions([DescriptionFile("d/a.toml", keyed), DescriptionFile("d/b.toml", keyed)])
    assert [source.path for source in read.sources] == ["d/a.toml"]
    assert [str(problem) for problem in read.problems] == [
        "d/b.toml:2:1: source.key: 'pub' is described in d/a.toml already"
    ]


def test_a_key_of_a_built_in_source_is_taken() -> None:
    read = read_descriptions([DescriptionFile("d/question_one.toml", GOOD)], taken={"question_one"})
    assert not read.sources
    assert "'question_one' is a built-in source" in str(read.problems[0])


def test_a_private_host_may_be_asked_without_a_pause() -> None:
    local = GOOD.replace("https://quiz.example", "http://127.0.0.1:8080")
    assert not problems_in('[source]\nper_host_interval = "0s"\n' + local)


def test_source_settings_are_read() -> None:
    settings_table = (
        '[source]\nkey = "pub"\nname = "The Pub"\nhome = "https://pub.example"\nenabled = false\n'
        'accept_language = "en-GB,en;q=0.9"\nindex_interval = "5s"\nper_host_interval = "2s"\nfreshness = "5d"\n'
    )
    source = read_descriptions([DescriptionFile("d/a.toml", settings_table + GOOD)]).sources[0]
    assert (source.slug, source.name, source.home, source.enabled) == ("pub", "The Pub", "https://pub.example", False)
    assert (source.index_interval_seconds, source.per_host_interval_seconds) == (5.0, 2.0)
    assert source.freshness is not None
    assert source.freshness.days == 5
    assert (source.accept_language, source.path) == ("en-GB,en;q=0.9", "d/a.toml")


def test_without_a_source_table_the_file_names_the_source() -> None:
    source = read_descriptions([DescriptionFile("sources.d/rain-brain.toml", GOOD)]).sources[0]
    assert (source.slug, source.name, source.home) == ("rain-brain", "Rain Brain", "https://quiz.example")
    assert (source.freshness, source.per_host_interval_seconds, source.enabled) == (None, None, True)


def test_half_a_character_is_told() -> None:
    [problem] = read_descriptions([DescriptionFile("d/x.toml", '[source]\nname = "\ud800"\n')]).problems
    assert str(problem) == "d/x.toml:1:1: holds half a character: save it as UTF-8"


@settings(max_examples=300, deadline=None)
@given(
    at=st.integers(0, 400),
    junk=st.sampled_from(
        ["", "[", "]", "=", '"', "\x00", "\ud800", "{", "}", "#", "\n", "'''", "9" * 50, "é", ".", "-"]
    ),
    cut=st.integers(0, 30),
)
def test_reading_a_broken_description_never_raises(at: int, junk: str, cut: int) -> None:
    whole = (
        '[source]\nkey = "a"\nfreshness = "5d"\n[defaults]\ncountry = "GB"\nlat = 5.0\nlng = 1.0\n'
        + INDEX
        + '[index.status]\npaused = ".x"\n'
        + FIELDS
        + 'key = { select = "@id", regex = "(\\\\d+)", map = { a = "b" } }\n'
        'url = ["a@href", { const = "https://q.example/{key}" }]\n[detail]\nrequire = ["name"]\n'
    )
    text = whole[:at] + junk + whole[at + cut :]
    read = read_descriptions([DescriptionFile("d/x.toml", text)])
    assert bool(read.sources) != bool(read.problems)


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 5_000, "\ufeff", "x" * 300_000, "[a]\n" * 3, "a = 1979-13-45", "\r\r"]
)
def test_hostile_texts_are_problems(text: str) -> None:
    assert problems_in(text)
