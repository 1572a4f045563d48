"""Pictures under review, plans and decisions as tables for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import click

from trivia_scraper.cli.output import one_line, stamp, view_document
from trivia_scraper.cli.tables import Column, Table, plain_text, say, show
from trivia_scraper.domain.redaction import redact_text, strip_secrets
from trivia_scraper.domain.review import (
    PlannedAction,
    Refusal,
    ReviewAction,
    ReviewedImage,
    ReviewPlan,
    ReviewReport,
    ReviewRow,
    RowChange,
)
from trivia_scraper.domain.statistics import FailurePattern

SHOWN_BEFORE_ASKING: Final = 50
SHOWN_OF_A_MESSAGE: Final = 60


def review_document(row: ReviewRow) -> dict[str, Any]:
    """A row's fields, without secrets in its address."""
    url = row.provider_url
    return view_document(row) | {"provider_url": strip_secrets(url) if url else None}


def show_rows(rows: Sequence[ReviewRow], color_mode: str) -> None:
    """One line an image."""
    columns = (
        Column("id", right=True), *map(Column, ("owner", "role", "provider", "host", "state", "class", "error")),
        Column("tries", right=True), *map(Column, ("since (UTC)", "message")),
    )  # fmt: skip
    lines = tuple(
        (
            str(row.id),
            row.owner,
            row.role,
            row.provider,
            row.host or "-",
            "deleted" if row.deleted_at else row.status.value,
            row.failure_class.value if row.failure_class else "-",
            _error(row),
            str(row.retry_count),
            stamp(row.error_at),
            _message(row),
        )
        for row in rows
    )
    show(Table(columns, lines), color_mode)


def show_patterns(found: Sequence[FailurePattern], color_mode: str) -> None:
    """One line a provider, type and host."""
    columns = (
        *map(Column, ("provider", "error type", "host")),
        Column("pictures", right=True),
        Column("owners", right=True),
        *map(Column, ("oldest (UTC)", "newest (UTC)")),
    )
    lines = tuple(
        (
            each.provider,
            each.error_type or "no type",
            each.host or "-",
            f"{each.count:,}",
            f"{each.owners:,}",
            stamp(each.oldest_at),
            stamp(each.newest_at),
        )
        for each in found
    )
    show(Table(columns, lines), color_mode)


def show_history(found: Sequence[ReviewedImage], color_mode: str) -> None:
    """One line a decision."""
    titles = ("at (UTC)", "who", "did", "image", "owner", "before", "after", "batch")
    lines = tuple(
        (
            stamp(each.at),
            each.who,
            each.action.replace("_", "-"),
            str(each.image_id),
            each.owner or "-",
            _state(each.before),
            _state(each.after),
            str(each.batch),
        )
        for each in found
    )
    show(Table(tuple(map(Column, titles)), lines), color_mode)


def show_plan(plan: ReviewPlan, color_mode: str, *, whole: bool, to_stderr: bool) -> None:
    """The very rows and what becomes of each; before a question the first of many."""
    shown = plan.actions if whole else plan.actions[:SHOWN_BEFORE_ASKING]
    columns = (Column("id", right=True), *map(Column, ("owner", "provider", "state", "error", "becomes")))
    lines = tuple(
        (
            str(each.row.id),
            each.row.owner,
            each.row.provider,
            "deleted" if each.row.deleted_at else each.row.status.value,
            _error(each.row),
            becomes(plan.action, each),
        )
        for each in shown
    )
    dim = tuple((number, "dim") for number, each in enumerate(shown) if isinstance(each.result, Refusal))
    if to_stderr:
        clean = tuple(tuple(map(one_line, line)) for line in lines)
        click.echo(plain_text(Table(columns, clean)), err=True)
    else:
        show(Table(columns, lines, dim), color_mode)
    left = len(plan.actions) - len(shown)
    told = f"{len(plan.accepted):,} images change, {len(plan.refused):,} stay as they are"
    click.echo(told + (f"; {left:,} more are not shown here: --dry-run lists them all" if left else ""), err=True)


def becomes(action: ReviewAction, planned: PlannedAction) -> str:
    """What an action makes of a row, in a few words."""
    result = planned.result
    if isinstance(result, Refusal):
        return f"stays: {result.why}"
    if action is ReviewAction.DELETE:
        return "deleted, its file too" if result.releases_file else "deleted"
    due = ", due now" if result.next_retry_at else ""
    return f"{result.status.value}{f' as {result.error_type}' if result.error_type else ''}{due}"


def show_outcome(report: ReviewReport, plan: ReviewPlan, color_mode: str) -> None:
    """What was done, what was not and why, and how it is taken back."""
    for image_id, why in report.failed.items():
        say(f"failed: image {image_id}: {redact_text(why)}", color_mode, "bad")
    for key, why in report.left.items():
        say(f"left: {key}: {redact_text(why)}; the next start removes it", color_mode)
    verb = report.action.value.replace("_", "-")
    say(f"{verb}: {len(report.done):,} done, {len(plan.refused):,} stay, {len(report.failed):,} failed", color_mode)
    say(f"batch {report.batch}", color_mode, "dim")
    if report.done and report.action is ReviewAction.DELETE:
        say(f"`trivia-scraper review restore --batch {report.batch}` takes it back", color_mode)
    if report.done and report.action is ReviewAction.FORCE_RETRY:
        say("`trivia-scraper retry --all-due` tries them now; else the next recovery does", color_mode)


def plan_document(plan: ReviewPlan, report: ReviewReport | None) -> dict[str, Any]:
    """The plan and what came of it, as JSON."""
    return {
        "action": plan.action.value,
        "batch": str(plan.batch),
        "who": plan.who,
        "chosen": dict(plan.chosen),
        "plan": [_planned_document(plan.action, each) for each in plan.actions],
        "done": list(report.done) if report else [],
        "failed": {str(image): why for image, why in report.failed.items()} if report else {},
        "left": dict(report.left) if report else {},
    }


def _planned_document(action: ReviewAction, planned: PlannedAction) -> dict[str, Any]:
    changes = isinstance(planned.result, RowChange)
    return {**review_document(planned.row), "changes": changes, "becomes": becomes(action, planned)}


def _error(row: ReviewRow) -> str:
    finer = " ".join(str(part) for part in (row.reason, row.status_code) if part is not None)
    return f"{row.error_type or '-'}{f' ({finer})' if finer else ''}"


def _message(row: ReviewRow) -> str:
    text = redact_text(row.error or "")
    return text if len(text) <= SHOWN_OF_A_MESSAGE else f"{text[: SHOWN_OF_A_MESSAGE - 1]}…"


def _state(values: Any) -> str:
    told = "deleted" if values.get("deleted_at") else str(values.get("status"))
    return f"{told} ({values['error_type']})" if values.get("error_type") else told
