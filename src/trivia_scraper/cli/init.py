"""`init`: write the commented config.toml that ships with the program."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import click

from trivia_scraper.cli.grammar import HelpfulCommand
from trivia_scraper.cli.invocation import Invocation


def shipped_config() -> str:
    """config.toml as shipped: every setting with its default and meaning."""
    return resources.files("trivia_scraper").joinpath("config.toml").read_text(encoding="utf-8")


@click.command(
    cls=HelpfulCommand,
    short_help="Write a commented config.toml.",
    examples=("trivia-scraper init", "trivia-scraper init ~/.config/trivia-scraper/config.toml"),
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default=Path("config.toml"))
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.option("--stdout", "to_stdout", is_flag=True, help="Print it instead of writing a file.")
@click.pass_obj
def init(invocation: Invocation, /, file: Path, force: bool, to_stdout: bool) -> None:
    """Writes FILE (default: ./config.toml) with every setting at its default; refuses to overwrite."""
    from trivia_scraper.cli.output import print_json

    text = shipped_config()
    if not to_stdout:
        _write(file, text, overwrite=force)
    if invocation.json:
        print_json({"ok": True, "text": text} if to_stdout else {"ok": True, "file": str(file)})
    elif to_stdout:
        click.echo(text, nl=False)
    else:
        click.echo(f"wrote {file}")


def _write(file: Path, text: str, *, overwrite: bool) -> None:
    from trivia_scraper.domain.errors import SetupError

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w" if overwrite else "x", encoding="utf-8") as target:
            target.write(text)
    except FileExistsError as error:
        raise SetupError(f"{file} exists", hint="--force overwrites it, --stdout prints instead") from error
    except OSError as error:
        raise SetupError(f"{file} cannot be written: {error.strerror}") from error
