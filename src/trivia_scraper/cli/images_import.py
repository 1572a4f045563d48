"""`images import`: image records of an older application (images.md 3, R84, R222)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import click

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.grammar import HelpfulCommand
from trivia_scraper.cli.invocation import Invocation

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from trivia_scraper.domain.importing import ImportReport
    from trivia_scraper.settings import Settings

REASONS: Final = {
    "too_long": "longer than 1 MiB",
    "nul": "holds a NUL byte",
    "not_utf8": "no UTF-8",
    "not_json": "no JSON, cut off, or nested too deep",
    "not_an_object": "JSON, but no object",
    "no_url": "neither provider_url nor url is a text",
    "bad_url": "no http or https address",
    "no_provider": "no provider that can be one: letters, digits, - and _",
    "bad_role": "no role of that owner: gallery or hero of a venue, profile of a performer",
    "bad_retry_count": "retry_count is no count",
    "deleted": "was deleted over there",
    "no_owner": "says not whose it is: venue (slug), or name and city",
    "number_alone": "names its venue by a number alone, which may mean another one here: add its name",
    "unknown_owner": "nobody here is called so",
    "several_owners": "several venues here are called so: give the slug",
}
"""Each `RejectReason` as people read it."""


@click.command(
    "import",
    cls=HelpfulCommand,
    short_help="Import image records of an older application.",
    examples=(
        "trivia-scraper images import older.jsonl --dry-run",
        "trivia-scraper images import older.jsonl --json",
    ),
)
@click.argument("file", type=click.File("rb"), metavar="FILE")
@click.option("--dry-run", is_flag=True, help="Count what would be imported; change nothing.")
@click.pass_obj
def import_images(invocation: Invocation, /, file: BinaryIO, dry_run: bool) -> ExitCode:
    """Reads FILE, one JSON object a line, or - for standard input. Pictures that are known here stay as they are.

    What the older application stored becomes a link; what failed stays failed, with its error and its count. The
    same file again adds nothing: after an interruption, run it again. Rejected records: exit 3.
    """
    from trivia_scraper.cli.output import print_json

    report = _import(invocation, file, dry_run)
    if invocation.json:
        print_json({"ok": not report.rejected_count, "import": report_document(report)})
    else:
        _show(report, invocation)
    return ExitCode.SOME_FAILED if report.rejected_count else ExitCode.OK


def _import(invocation: Invocation, file: BinaryIO, dry_run: bool) -> ImportReport:
    from trivia_scraper import bootstrap
    from trivia_scraper.providers.image_records import LINE_LIMIT, read_records

    loaded = invocation.load_settings()
    log = invocation.open_log(loaded, only_looks=dry_run)
    records = read_records(bounded_lines(file, LINE_LIMIT))

    async def call(settings: Settings, log: FilteringBoundLogger) -> ImportReport:
        return await bootstrap.import_images(settings, log, records, dry_run=dry_run)

    return asyncio.run(call(loaded.settings, log))


def bounded_lines(file: BinaryIO, limit: int) -> Iterator[bytes]:
    """Each line without its end; of one that is longer than `limit` bytes the beginning, one byte longer than that.

    Reads ahead no more than one line: a file of any length costs the same memory. Raises SetupError.
    """
    from trivia_scraper.domain.errors import SetupError

    try:
        while line := file.readline(limit + 2):
            rest = line
            while len(rest) == limit + 2 and not rest.endswith(b"\n"):
                rest = file.readline(limit + 2)
            yield line.rstrip(b"\r\n")[: limit + 1]
    except OSError as error:
        raise SetupError(f"{file.name} cannot be read: {error.strerror}") from error


def report_document(report: ImportReport) -> dict[str, Any]:
    """The keys of --json."""
    return {
        "dry_run": report.dry_run,
        "read": report.read,
        "imported": {status.value: count for status, count in report.imported.items()},
        "improved": report.improved,
        "known": report.known,
        "rejected": {
            reason.value: {"count": rejected.count, "lines": list(rejected.lines), "why": REASONS[reason]}
            for reason, rejected in report.rejected.items()
        },
        "unknown_owners": list(report.unknown_owners),
        "left_out": dict(report.left_out),
    }


def _show(report: ImportReport, invocation: Invocation) -> None:
    from trivia_scraper.cli.tables import say

    for line in report_lines(report):
        say(line, invocation.color)


def report_lines(report: ImportReport) -> Iterator[str]:
    """The report for people."""
    yield f"{'would import' if report.dry_run else 'imported'} {sum(report.imported.values()):,} of {report.read:,}"
    yield from (f"  {status:<20} {count:,}" for status, count in report.imported.items())
    if report.improved:
        yield f"  {'improved':<20} {report.improved:,} of an earlier import or line, by a better record"
    if report.known:
        yield f"  {'known already':<20} {report.known:,}, which stay as they are"
    for reason, rejected in report.rejected.items():
        more = ", …" if rejected.count > len(rejected.lines) else ""
        yield f"rejected {rejected.count:,}: {REASONS[reason]}"
        yield f"  in line {', '.join(map(str, rejected.lines))}{more}"
    if report.unknown_owners:
        yield f"nobody here is called: {'; '.join(report.unknown_owners)}"
    if report.left_out:
        yield f"not used: {', '.join(f'{key} ({count:,})' for key, count in report.left_out.items())}"
