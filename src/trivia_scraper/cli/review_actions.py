"""What a person does to failed pictures: delete, recategorise, force-retry, restore. Preview, question, audit."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4

import click

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.grammar import HelpfulCommand, run_option
from trivia_scraper.cli.invocation import Invocation
from trivia_scraper.cli.person import person
from trivia_scraper.cli.review_choice import error_type, filter_of, filter_options, select
from trivia_scraper.cli.stats import ask_figures
from trivia_scraper.domain.failures import ErrorType

if TYPE_CHECKING:
    from trivia_scraper.bootstrap import Figures
    from trivia_scraper.domain.options import RefreshOptions
    from trivia_scraper.domain.review import ReviewAction, ReviewPlan, ReviewReport

_NOTHING_CHOSEN: Final = "nothing is chosen: name images by id, or say which (--provider, --type, --host, …)"
_dry_run = run_option("--dry-run", is_flag=True, help="Show what would be done; change nothing.")
_yes = click.option("--yes", is_flag=True, help="Do not ask; needed where nobody can answer.")


@click.command(
    "delete",
    cls=HelpfulCommand,
    short_help="Delete pictures for good.",
    examples=(
        "trivia-scraper review delete 17",
        "trivia-scraper review delete --host gone.example --older-than 30d --dry-run",
    ),
)
@filter_options
@_dry_run
@_yes
@click.pass_obj
def delete(invocation: Invocation, /, **flags: Any) -> int:
    """Deletes pictures: the file goes, and the row stays behind as a tombstone, so that no listing brings it back."""
    return _act("DELETE", None, flags, invocation)


@click.command(
    "recategorise",
    cls=HelpfulCommand,
    short_help="Call a failure something else.",
    examples=(
        "trivia-scraper review recategorise 17 --as not_found",
        "trivia-scraper review recategorise --type server_error --host cdn.example --as service_unavailable --yes",
    ),
)
@filter_options
@run_option("--as", "new_type", required=True, callback=error_type, metavar="TYPE", help="The type from now on.")
@_dry_run
@_yes
@click.pass_obj
def recategorise(invocation: Invocation, /, new_type: str, **flags: Any) -> int:
    """Gives failures another error type. One that may pass re-opens them, one that cannot closes them."""
    return _act("RECATEGORISE", ErrorType(new_type), flags, invocation)


@click.command(
    "force-retry",
    cls=HelpfulCommand,
    short_help="Re-open failed pictures: due now, counted from nought.",
    examples=(
        "trivia-scraper review force-retry 17 18",
        "trivia-scraper review force-retry --status permanently_failed --provider google_places --older-than 7d",
    ),
)
@filter_options
@_dry_run
@_yes
@click.pass_obj
def force_retry(invocation: Invocation, /, **flags: Any) -> int:
    """Re-opens failed pictures, closed ones too: the next recovery tries them again, up to three times.

    Waits keep growing with each failure in a row. `trivia-scraper retry --all-due` tries them at once.
    """
    return _act("FORCE_RETRY", None, flags, invocation)


@click.command(
    "restore",
    cls=HelpfulCommand,
    short_help="Take deletions back.",
    examples=(
        "trivia-scraper review restore 17",
        "trivia-scraper review restore --batch 5f0c1c9e-6c1b-4d0e-9a44-3f1f6f3f0a10",
    ),
)
@click.argument("image_ids", nargs=-1, type=click.IntRange(min=1), metavar="[ID]…")
@run_option("--batch", type=click.UUID, metavar="ID", help="All that were deleted together; `review history` tells.")
@_dry_run
@_yes
@click.pass_obj
def restore(
    invocation: Invocation, /, image_ids: tuple[int, ...], batch: UUID | None, dry_run: bool, yes: bool
) -> int:
    """Takes deletions back where nothing else has taken the place. A picture whose file is gone is fetched again."""
    flags = {"image_ids": image_ids, "batch": batch, "dry_run": dry_run, "yes": yes}
    return _act("RESTORE", None, flags, invocation)


def _act(name: str, new_type: ErrorType | None, flags: dict[str, Any], invocation: Invocation) -> int:
    """Plan, show, ask, do, tell."""
    from trivia_scraper.cli.review_view import show_plan
    from trivia_scraper.domain.review import ReviewAction

    dry_run, yes = flags.pop("dry_run"), flags.pop("yes")
    if not any(flags.values()):
        raise click.UsageError(_NOTHING_CHOSEN)
    plan = ask_figures(invocation, lambda figures: _plan(figures, ReviewAction[name], new_type, flags))
    is_asked = not (dry_run or yes) and bool(plan.accepted)
    if not invocation.json or is_asked:
        show_plan(plan, invocation.color, whole=dry_run, to_stderr=invocation.json)
    if dry_run or not plan.accepted:
        return _tell(plan, None, invocation, dry_run=dry_run)
    if is_asked:
        _confirm(plan)
    report = asyncio.run(_carry_out(plan, _options(), invocation))
    return _tell(plan, report, invocation, dry_run=False)


async def _plan(
    figures: Figures, action: ReviewAction, new_type: ErrorType | None, flags: dict[str, Any]
) -> ReviewPlan:
    from trivia_scraper.domain.review import PlannedAction, ReviewAction, ReviewPlan
    from trivia_scraper.policy.reviewing import Circumstances, decide

    now = figures.clock.now()
    wanted = filter_of(flags, now, deleted=action is ReviewAction.RESTORE)
    facts = Circumstances(now, figures.reviews.classes, new_type)
    rows = await select(figures, wanted)
    chosen = wanted.document() | ({"new_type": new_type.value} if new_type else {})
    actions = [PlannedAction(row, decide(action, row, facts)) for row in rows]
    return ReviewPlan(uuid4(), person(), action, chosen, actions)


def _confirm(plan: ReviewPlan) -> None:
    will = f"{plan.action.value.replace('_', '-')} {len(plan.accepted):,} images"
    if not sys.stdin.isatty():
        raise click.UsageError(f"this would {will}: add --yes")
    click.confirm(f"This will {will}. Go on?", abort=True, err=True)


def _options() -> RefreshOptions:
    """What a decision carries through the pipeline, every field stated (architecture 4)."""
    from trivia_scraper.domain.options import RefreshOptions

    return RefreshOptions(
        force_refresh_images=False,
        force_update=False,
        clean_first=False,
        retry_failed_only=False,
        dry_run=False,
        limit=None,
        sources=(),
        venues=(),
        providers=(),
        max_time_seconds=None,
    )


async def _carry_out(plan: ReviewPlan, options: RefreshOptions, invocation: Invocation) -> ReviewReport:
    from trivia_scraper import bootstrap
    from trivia_scraper.cli.progress import Counting
    from trivia_scraper.pipeline.reviewing import carry_out

    loaded = invocation.load_settings()
    log = invocation.open_log(loaded)
    async with bootstrap.open_services(
        loaded.settings, run_id=uuid4(), progress=Counting(), log=log, stopping=lambda: False
    ) as services:
        return await carry_out(plan, options, services)


def _tell(plan: ReviewPlan, report: ReviewReport | None, invocation: Invocation, *, dry_run: bool) -> int:
    from trivia_scraper.cli.output import note, print_json, redacted
    from trivia_scraper.cli.review_view import plan_document, show_outcome

    ok = report is None or not report.failed
    if invocation.json:
        print_json(redacted({"ok": ok, "dry_run": dry_run, **plan_document(plan, report)}))
    elif report is not None:
        show_outcome(report, plan, invocation.color)
    elif not plan.accepted:
        note("nothing to do")
    return ExitCode.OK if ok else ExitCode.SOME_FAILED
