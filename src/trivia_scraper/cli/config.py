"""`config`: is it right, what counts, where does it come from."""

from __future__ import annotations

import json

import click

from trivia_scraper.cli.grammar import HelpfulGroup
from trivia_scraper.cli.invocation import Invocation


@click.group(
    cls=HelpfulGroup,
    short_help="Check and show the settings.",
    examples=("trivia-scraper config check", "trivia-scraper config show --origin"),
)
def config() -> None:
    """Settings say how the process runs. What a run does is told by its flags alone."""


@config.command("check", short_help="Say whether the settings are right.", examples=("trivia-scraper config check",))
@click.pass_obj
def check(invocation: Invocation, /) -> None:
    """Reads every file and variable; a mistake is told with file, line and column (exit 2)."""
    from trivia_scraper.cli.output import note, print_json

    loaded = invocation.load_settings()
    files = [str(path) for path in loaded.files]
    if invocation.json:
        print_json({"ok": True, "files": files, "warnings": list(loaded.warnings)})
        return
    click.echo(f"ok: {len(loaded.origins)} settings from {', '.join(files) or 'the defaults'}")
    for warning in loaded.warnings:
        note(f"warning: {warning}")


@config.command("show", short_help="Show the settings that count.", examples=("trivia-scraper config show --origin",))
@click.option("--origin", is_flag=True, help="Say who set each one: default, file, variable.")
@click.pass_obj
def show(invocation: Invocation, /, origin: bool) -> None:
    """Shows each setting as config.toml would hold it; secrets as ***."""
    from trivia_scraper.cli.output import print_json
    from trivia_scraper.settings import shown_values

    loaded = invocation.load_settings()
    values = {".".join(key): value for key, value in shown_values(loaded.settings).items()}
    origins = {".".join(key): name for key, name in loaded.origins.items()}
    if invocation.json:
        print_json({"ok": True, "settings": values, "origins": origins})
        return
    for name, value in values.items():
        line = f"{name} = {json.dumps(value, ensure_ascii=False)}"
        click.echo(f"{line:<52} # {origins[name]}" if origin else line)


@config.command(
    "path", short_help="Show which files are read, weakest first.", examples=("trivia-scraper config path",)
)
@click.pass_obj
def path(invocation: Invocation, /) -> None:
    """Shows every place that is looked at, weakest first, and where state is kept."""
    from trivia_scraper.cli.output import print_json

    loaded = invocation.load_settings()
    searched = [{"file": str(one), "read": one in loaded.files} for one in loaded.searched]
    folders = {
        "state": str(loaded.settings.state_dir),
        "database": str(loaded.settings.database_dir),
        "images": str(loaded.settings.image_dir),
    }
    if invocation.json:
        print_json({"ok": True, "searched": searched, "folders": folders})
        return
    for one in searched:
        click.echo(f"{'read  ' if one['read'] else 'absent'}  {one['file']}")
    for name, folder in folders.items():
        click.echo(f"{name:<8}{folder}")


@config.command(
    "schema", short_help="Show the JSON Schema of config.toml.", examples=("trivia-scraper config schema",)
)
@click.pass_obj
def schema(invocation: Invocation, /) -> None:
    """Prints the JSON Schema of config.toml, for editors."""
    from trivia_scraper.cli.output import print_json
    from trivia_scraper.settings import Settings

    document = Settings.model_json_schema()
    if invocation.json:
        print_json({"ok": True, "json_schema": document})
    else:
        click.echo(json.dumps(document, indent=2))
