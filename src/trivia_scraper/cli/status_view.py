"""The document of `status` for people: what runs, what comes, what is wrong, each with its next step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from trivia_scraper.cli.output import stamp
from trivia_scraper.cli.tables import Column, Table, say, show

Document = Mapping[str, Any]

BAR_WIDTH: Final = 20
MOST_SLOTS: Final = 8
_CHECKED_BELOW: Final = "source "
"""Checks of sources stand with the sources."""
_STEPS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def show_status(document: Document, color_mode: str) -> None:
    """Everything, to stdout."""
    now = _time(document["at"])
    for line, style in _lines_of_daemon(document, now):
        say(line, color_mode, style)
    database = document.get("database")
    if database is None:
        if document.get("daemon") is None:
            say("nothing is stored yet: `trivia-scraper run` reads the sources once", color_mode)
        else:
            say("the database cannot be asked at present", color_mode, "bad")
        return
    say("", color_mode)
    show(sources_table(database["sources"]), color_mode)
    for line in _lines_of_sources(database["sources"]):
        say(line, color_mode)
    say("", color_mode)
    jobs = {job["id"] for job in document["daemon"]["jobs"]} if document.get("daemon") else set()
    for line, style in _lines_of_database(database, jobs, now):
        say(line, color_mode, style)


def status_line(document: Document) -> str:
    """The state in one line, for files and monitors."""
    daemon = document.get("daemon")
    at = stamp(_time(document["at"]))
    if daemon is None:
        return f"{at} no daemon runs here"
    jobs = "; ".join(job_words(job) for job in daemon["jobs"])
    return f"{at} {daemon['phase']}: {daemon['status_line']}" + (f"; {jobs}" if jobs else "")


def verdict_of(document: Document | None, silence: str) -> tuple[bool, str]:
    """Whether the daemon does its work, and a line for a monitor."""
    daemon = None if document is None else document.get("daemon")
    if daemon is None:
        return False, f"fail: {silence or 'no daemon answers'}"
    if daemon["ready"]:
        warnings = [check["name"] for check in daemon["checks"] if not check["ok"]]
        return True, f"ok: {daemon['status_line']}" + (f"; warnings: {', '.join(warnings)}" if warnings else "")
    failed = [f"{c['name']}: {c['detail']}" for c in daemon["checks"] if not c["ok"] and c["severity"] == "fail"]
    return False, f"fail: {daemon['phase']}" + (f"; {'; '.join(failed)}" if failed else "")


def sources_table(sources: Sequence[Document]) -> Table:
    """One line a source: its state, and its yield against what is usual."""
    titles = ("source", "state", "since (UTC)", "last complete (UTC)")
    columns = (*map(Column, titles), Column("listings", right=True), Column("usual", right=True))
    rows = tuple(
        (
            each["slug"],
            each["state"],
            _stamp(each["since"]),
            _stamp(each["last_success_at"]),
            _count(each["listed"]),
            _count(each["usual_listed"]),
        )
        for each in sources
    )
    emphasis = tuple((n, "bad") for n, each in enumerate(sources) if not each["ok"])
    return Table(columns, rows, emphasis)


def freshness_table(lines: Sequence[Document]) -> Table:
    """One line a provider, all of them first."""
    titles = ("pictures", "verified in 7 days", "half within", "95 % within", "oldest")
    columns = (Column("provider"), *(Column(title, right=True) for title in titles))
    rows = tuple(
        (
            each["provider"] or "all",
            f"{each['images']:,}",
            f"{100 * each['ratio']:.1f} %" if each["images"] else "-",
            _age(each["p50_seconds"]),
            _age(each["p95_seconds"]),
            _age(each["oldest_seconds"]),
        )
        for each in lines
    )
    return Table(columns, rows)


def job_words(job: Document) -> str:
    """ "refresh question_one [#########-----------] 45 % 120/260, 31 a minute, 4 min left"."""
    parts = [job["name"]] if job.get("name") else []
    if job.get("percent") is not None:
        done = f"{bar(job['percent'])} {job['percent']:.0f} % {job['done']:,}/{job['planned']:,}"
        pace = [f"{job['per_minute']:.0f} a minute"] if job["per_minute"] else []
        left = [f"{duration(job['remaining_seconds'])} left"] if job["remaining_seconds"] is not None else []
        parts.append(", ".join([done, *pace, *left]))
    return " ".join(parts)


def bar(percent: float) -> str:
    """A bar of plain characters: it looks the same in a file."""
    filled = min(int(percent * BAR_WIDTH / 100), BAR_WIDTH)
    return f"[{'#' * filled}{'-' * (BAR_WIDTH - filled)}]"


def duration(seconds: float) -> str:
    """In its largest unit, or two of them where the first is a single one: "45 s", "1 h 20 min", "3 d"."""
    left = max(round(seconds), 0)
    for number, (size, unit) in enumerate(_STEPS):
        whole, rest = divmod(left, size)
        if not whole:
            continue
        if whole == 1 and number + 1 < len(_STEPS):
            smaller, name = _STEPS[number + 1]
            return f"1 {unit}" + (f" {rest // smaller} {name}" if rest >= smaller else "")
        return f"{whole} {unit}"
    return "0 s"


def _lines_of_daemon(document: Document, now: dt.datetime) -> Iterator[tuple[str, str]]:
    daemon = document.get("daemon")
    if daemon is None:
        why = f" ({document['silence']})" if document.get("silence") else ""
        yield f"no daemon runs here{why}; what the database knows:", "bad" if why else ""
        return
    up = duration((now - _time(daemon["started_at"])).total_seconds())
    style = "good" if daemon["ready"] else "bad"
    yield f"{daemon['phase']}: {daemon['status_line']}", style
    yield (
        f"daemon {daemon['version']} on {daemon['host']}, process {daemon['pid']}, role {daemon['role']}, up {up}",
        "dim",
    )
    yield from _troubles(daemon)
    for job in daemon["jobs"]:
        yield f"runs: {job_words(job)} ({job['requested_by']}, since {stamp(_time(job['started_at']))} UTC)", ""
    if not daemon["jobs"]:
        yield "runs: nothing", ""
    for slot in daemon["next"][:MOST_SLOTS]:
        ahead = duration((_time(slot["due_at"]) - now).total_seconds())
        yield f"next: {slot['job']} in {ahead}, at {_stamp(slot['due_at'])} UTC ({slot['words']})", ""
    if len(daemon["next"]) > MOST_SLOTS:
        yield f"next: {len(daemon['next']) - MOST_SLOTS:,} more after that; --json has them", "dim"


def _troubles(daemon: Document) -> Iterator[tuple[str, str]]:
    for check in daemon["checks"]:
        if not check["ok"] and not check["name"].startswith(_CHECKED_BELOW):
            step = f"; next: {check['next']}" if check["next"] else ""
            yield f"{check['severity']}: {check['name']}: {check['detail']}{step}", "bad"


def _lines_of_sources(sources: Sequence[Document]) -> Iterator[str]:
    from trivia_scraper.domain.source_health import SourceState
    from trivia_scraper.policy.source_health import next_step

    for each in sources:
        if each["why"] and each["state"] != SourceState.UNREAD:
            state = next((state for state in SourceState if state.value == each["state"]), None)
            step = f"; next: {next_step(each['slug'], state, each['fallen'])}" if state else ""
            yield f"{each['slug']}: {each['state']}: {each['why']}{step}"


def _lines_of_database(database: Document, jobs: Collection[str], now: dt.datetime) -> Iterator[tuple[str, str]]:
    yield freshness_words(database["freshness"]["all"]), ""
    yield _failures(database["failures"]), ""
    for breaker in database["breakers"]:
        yield f"left alone: {breaker['host']} until {_stamp(breaker['open_until'])} UTC, it only fails", "bad"
    for request in database["requests"]:
        state = f"begun {_stamp(request['taken_at'])}" if request["taken_at"] else "waits"
        asked = f"asked for by {request['requested_by']} at {_stamp(request['requested_at'])}"
        yield f"request: {request['kind']} {str(request['id'])[:8]}, {asked} UTC, {state}", ""
    for run in database["unfinished_runs"]:
        if run["id"] in jobs:
            continue  # told as what the daemon does
        yield f"run {str(run['id'])[:8]} by {run['host']}, process {run['pid']}: {_unfinished(run, now)}", ""
    if database["last_run"]:
        yield _last_run(database["last_run"], now), ""
    for notice in database["notices"]:
        told = f"told {_stamp(notice['sent_at'])} UTC" if notice["sent_at"] else "not told yet"
        yield f"alarm: {notice['message']} (since {_stamp(notice['first_seen_at'])} UTC, {told})", "bad"
    # What a source's health raised is told above, beside the source.
    others = [issue for issue in database["issues"] if issue["kind"] != "source_health"]
    if others:
        yield f"waits for a person ({database['open_issues']:,} open issues in all):", ""
    for issue in others:
        yield f"  {_stamp(issue['at'])} {issue['message']}", ""


def freshness_words(all_pictures: Document) -> str:
    """ "95.2 % of 12,345 pictures verified in the last 7 days; half within 2 d, 95 % within 6 d, oldest 41 d"."""
    if not all_pictures["images"]:
        return "no pictures are stored"
    ages = (("half within", "p50_seconds"), ("95 % within", "p95_seconds"), ("oldest", "oldest_seconds"))
    told = ", ".join(f"{words} {_age(all_pictures[key])}" for words, key in ages)
    share = 100 * all_pictures["ratio"]
    return f"{share:.1f} % of {all_pictures['images']:,} pictures verified in the last 7 days; {told}"


def _failures(failures: Document) -> str:
    classes = ", ".join(f"{count:,} {name}" for name, count in failures["by_class"].items() if count)
    if not classes:
        return "no picture has failed"
    types = ", ".join(f"{name} {count:,}" for name, count in failures["by_type"].items())
    return f"failed pictures: {classes} ({types})"


def _unfinished(run: Document, now: dt.datetime) -> str:
    begun = f"begun {_stamp(run['started_at'])} UTC"
    if run.get("percent") is None:
        return f"{begun}, still at work or cut off"
    heard = duration((now - _time(run["progress_at"])).total_seconds()) if run.get("progress_at") else "?"
    return f"{begun}, {job_words(run)}, heard of {heard} ago"


def _last_run(run: Document, now: dt.datetime) -> str:
    ago = duration((now - _time(run["finished_at"])).total_seconds())
    verdict = "all well" if run["ok"] else "with failures: trivia-scraper report last"
    return f"last run ended {ago} ago: {run['finish_reason']}, {verdict}"


def _age(seconds: float | None) -> str:
    return "never verified" if seconds is None else duration(seconds)


def _count(number: int | None) -> str:
    return "-" if number is None else f"{number:,}"


def _stamp(text: str | None) -> str:
    return stamp(_time(text)) if text else "-"


def _time(text: str | dt.datetime) -> dt.datetime:
    return text if isinstance(text, dt.datetime) else dt.datetime.fromisoformat(text)
