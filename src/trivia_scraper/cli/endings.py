"""How a command ends when it does not end well: code, message and hint; no traceback unless it is a bug."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import click

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.invocation import Invocation
from trivia_scraper.domain import errors
from trivia_scraper.domain.error_documents import BUG, GAVE_UP, INTERRUPTED, code_of

_EXIT_CODES: Final = {
    "configuration": ExitCode.USAGE,
    "credentials_missing": ExitCode.CREDENTIALS,
    "instance_locked": ExitCode.LOCKED,
    "db_unreachable": ExitCode.DATABASE,
    "schema_too_new": ExitCode.DATABASE,
    "storage_full": ExitCode.STORAGE,
    "storage_unavailable": ExitCode.STORAGE,
    INTERRUPTED: ExitCode.INTERRUPTED,
    GAVE_UP: ExitCode.BUG,
    BUG: ExitCode.BUG,
}
"""Errors that end a command by their names (`domain.error_documents`); with any other, something has failed."""

_REPORT_A_BUG: Final = "this is a bug: please report it with the lines above"


_HINTS: Final = {
    ExitCode.DATABASE: "is the server up? `trivia-scraper doctor` looks; [database] url says where it is looked for",
}
"""What to do next where the error itself does not say."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What a failure means outside: exit code, a stable name for programs, words for people."""

    exit_code: ExitCode
    code: str
    message: str
    hint: str = ""


class HandedBack(Exception):
    """The error that the daemon gave back instead of an outcome: it ends this command as it would have here."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


class NotFound(click.UsageError):
    """The thing named on the command line does not exist; `hint` names what is near."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def exit_code_of(error: BaseException, invocation: Invocation, arguments: Sequence[str]) -> ExitCode:
    """Tell the failure on stderr, and with --json on stdout too; returns the exit code."""
    if isinstance(error, BrokenPipeError):
        return _reader_has_left()
    cause = root_cause(error)
    ending = ending_of(cause)
    is_ours = not isinstance(cause, HandedBack)  # else the traceback is in the daemon's log
    if is_ours and (ending.exit_code is ExitCode.BUG or invocation.verbose > 1):
        _print_traceback(cause)
    _tell(ending, cause)
    if _wants_json(error, invocation, arguments):
        from trivia_scraper.cli.output import print_json

        told = {"code": ending.code, "message": ending.message, "hint": ending.hint}
        print_json({"ok": False, "error": told})
    return ending.exit_code


def root_cause(error: BaseException) -> BaseException:
    """A group of one is that one: task groups wrap what a person wants to read."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def ending_of(error: BaseException) -> Ending:
    """The one table from failures to exit codes."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return Ending(ExitCode.USAGE, "usage", "a command is missing", "see --help")
    if isinstance(error, NotFound):
        return Ending(ExitCode.USAGE, "not_found", error.format_message(), error.hint)
    if isinstance(error, click.ClickException):
        return Ending(ExitCode.USAGE, "usage", error.format_message(), _usage_hint(error))
    if isinstance(error, errors.TriviaScraperError):
        return _told_ending(code_of(error), error.message, error.hint)
    if isinstance(error, HandedBack):
        return _told_ending(error.code, str(error), error.hint)
    if _is_interrupt(error):
        return Ending(ExitCode.INTERRUPTED, INTERRUPTED, "interrupted")
    return Ending(ExitCode.BUG, BUG, _redacted(f"{type(error).__name__}: {error}"), _REPORT_A_BUG)


def _told_ending(code: str, message: str, hint: str) -> Ending:
    exit_code = _EXIT_CODES.get(code, ExitCode.SOME_FAILED)
    return Ending(exit_code, code, _redacted(message), _redacted(hint or _HINTS.get(exit_code, "")))


def _is_interrupt(error: BaseException) -> bool:
    import asyncio

    return isinstance(error, KeyboardInterrupt | click.Abort | asyncio.CancelledError)


def _usage_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"`{context.command_path} --help` shows how it is written" if context else ""


def _redacted(text: str) -> str:
    from trivia_scraper.domain.redaction import redact_text

    return redact_text(text)


def _tell(ending: Ending, cause: BaseException) -> None:
    if isinstance(cause, click.exceptions.NoArgsIsHelpError):
        click.echo(cause.format_message(), err=True)
        return
    from trivia_scraper.cli.output import one_line

    headline, *more = ending.message.split("\n")
    click.echo(f"error: {one_line(headline)}", err=True)
    for line in more:
        click.echo(f"       {one_line(line)}", err=True)
    if ending.hint:
        click.echo(f"hint: {one_line(ending.hint)}", err=True)


def _print_traceback(error: BaseException) -> None:
    click.echo(_redacted("".join(traceback.format_exception(error))), err=True, nl=False)


def _wants_json(error: BaseException, invocation: Invocation, arguments: Sequence[str]) -> bool:
    # A usage error may stop the parser before it reaches --json or its environment twin.
    end = list(arguments).index("--") if "--" in arguments else len(arguments)
    return invocation.json or "--json" in arguments[:end] or _json_by_environment(getattr(error, "ctx", None))


def _json_by_environment(context: click.Context | None) -> bool:
    if context is None:
        return False
    root = context.find_root()
    twins = [parameter for parameter in root.command.params if parameter.name == "json"]
    return any(twin.type_cast_value(root, twin.resolve_envvar_value(root)) for twin in twins)


def _reader_has_left() -> ExitCode:
    """`… | head` closed the pipe: nothing is wrong, and the interpreter must not fail on its last flush."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.OK
