"""How the command line is written: global options anywhere, lazy commands, near misses, the shape of help."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from trivia_scraper.cli.exit_codes import exit_code_table
from trivia_scraper.cli.invocation import Invocation

ENVIRONMENT_PREFIX: Final = "TRIVIA"
CONTEXT_SETTINGS: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

_ENVIRONMENT_HELP: Final = (
    ("TRIVIA__SECTION__KEY", "a setting, such as TRIVIA__HTTP__CONTACT"),
    ("TRIVIA_DATABASE_URL", "the database's address; also TRIVIA_DATABASE_URL_FILE"),
    ("TRIVIA_COMMAND_OPTION", "a process flag, such as TRIVIA_DEMO_PORT; never what a run does"),
    ("NO_COLOR, FORCE_COLOR", "colour off, on"),
)


def _record(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """A callback that notes a global option's value in the `Invocation`; the innermost mention wins."""

    def callback(context: click.Context, _: click.Parameter, value: Any) -> None:
        invocation = context.find_root().ensure_object(Invocation)
        if name == "config":
            invocation.config_files.extend(Path(path) for path in value)
        elif name in ("quiet", "verbose"):
            setattr(invocation, name, getattr(invocation, name) + value)
        elif value:
            setattr(invocation, name, value)

    return callback


class GlobalOption(click.Option):
    """An option every command takes. Its environment twin is read once, at the root."""

    def __init__(self, declarations: Sequence[str], name: str, help: str, *, at_root: bool, **rest: Any) -> None:
        super().__init__(
            [*declarations, name],
            help=help,
            expose_value=False,
            is_eager=True,
            allow_from_autoenv=at_root,
            callback=_record(name),
            **rest,
        )


def global_options(*, at_root: bool) -> list[click.Parameter]:
    """Fresh option objects, because click parameters belong to one command."""
    levels = click.Choice(["debug", "info", "warning", "error"])
    formats = click.Choice(["auto", "text", "json", "journal"])
    colors = click.Choice(["auto", "always", "never"])
    return [
        GlobalOption(
            ["--config"], "config", "Read this config.toml too; repeatable, later wins.",
            at_root=at_root, multiple=True, type=click.Path(dir_okay=False), metavar="FILE",
        ),
        GlobalOption(["--log-level"], "log_level", "Least severity that is logged.", at_root=at_root, type=levels),
        GlobalOption(["--log-format"], "log_format", "How log lines look.", at_root=at_root, type=formats),
        GlobalOption(["--color"], "color", "Colour on stdout and stderr.", at_root=at_root, type=colors),
        GlobalOption(["-q", "--quiet"], "quiet", "No progress, errors only.", at_root=at_root, count=True),
        GlobalOption(["-v", "--verbose"], "verbose", "Log more; -vv: tracebacks too.", at_root=at_root, count=True),
        GlobalOption(["--json"], "json", "One JSON object on stdout, on failure too.", at_root=at_root, is_flag=True),
    ]  # fmt: skip


class HelpfulCommand(click.Command):
    """A command whose help starts with examples and ends with exit codes and environment names."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **rest: Any) -> None:
        rest.setdefault("context_settings", CONTEXT_SETTINGS)
        super().__init__(*args, **rest)
        self.examples = tuple(examples)
        self.params.extend(global_options(at_root=False))

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples before prose."""
        _write_examples(self.examples, formatter)
        super().format_help_text(ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The command's own options, then those that every command has."""
        _write_options(self, ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 (overrides)
        """Exit codes and environment names, last."""
        _write_endings(formatter)


class HelpfulGroup(click.Group):
    """A group with the same shape of help, whose unknown words suggest the nearest command."""

    command_class = HelpfulCommand

    def __init__(self, *args: Any, examples: Sequence[str] = (), at_root: bool = False, **rest: Any) -> None:
        rest.setdefault("context_settings", CONTEXT_SETTINGS)
        super().__init__(*args, **rest)
        self.examples = tuple(examples)
        self.params.extend(global_options(at_root=at_root))

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples before prose."""
        _write_examples(self.examples, formatter)
        super().format_help_text(ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Commands, then options."""
        self.format_commands(ctx, formatter)
        _write_options(self, ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 (overrides)
        """Exit codes and environment names, last."""
        _write_endings(formatter)


class LazyGroup(HelpfulGroup):
    """A group that imports a command's module when that command is used, not when help lists it."""

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]], **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.lazy = lazy
        # click's own suggestions for a misspelt word look at `commands`.
        self.commands = dict.fromkeys(lazy, _PLACEHOLDER)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (overrides)
        """Import "module:attribute" of this name."""
        if cmd_name not in self.lazy:
            return None
        module, _, attribute = self.lazy[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 (overrides)
        """The list of commands, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in self.lazy.items()])


_PLACEHOLDER: Final = click.Command("not imported yet")


def run_option(*declarations: str, **rest: Any) -> Callable[[Any], Any]:
    """An option that builds `RefreshOptions`: without environment twin, because what a run does is never ambient."""
    return click.option(*declarations, allow_from_autoenv=False, **rest)


def _write_examples(examples: Sequence[str], formatter: click.HelpFormatter) -> None:
    if examples:
        with formatter.section("Examples"):
            for example in examples:
                formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


def _write_options(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    own: list[tuple[str, str]] = []
    shared: list[tuple[str, str]] = []
    for parameter in command.get_params(ctx):
        record = parameter.get_help_record(ctx)
        if record is not None:
            is_shared = isinstance(parameter, GlobalOption) or {"--help", "--version"} & set(parameter.opts)
            (shared if is_shared else own).append(record)
    if own:
        with formatter.section("Options"):
            formatter.write_dl(own)
    with formatter.section("Everywhere (before or after the command)"):
        formatter.write_dl(shared)


def _write_endings(formatter: click.HelpFormatter) -> None:
    with formatter.section("Exit codes"):
        formatter.write(exit_code_table() + "\n")
    with formatter.section("Environment"):
        formatter.write_dl(_ENVIRONMENT_HELP)
