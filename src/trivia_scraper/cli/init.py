"""`init`: write the commented config.toml that ships with the program, and the units of a service."""

from __future__ import annotations

import sys
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
    short_help="Write a commented config.toml, and the units of a service.",
    examples=(
        "trivia-scraper init",
        "trivia-scraper init ~/.config/trivia-scraper/config.toml",
        "trivia-scraper init --systemd",
        "trivia-scraper init --systemd --dir ./look-first",
    ),
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--systemd", is_flag=True, help="Write the units of systemd too, and config.toml where they read it.")
@click.option(
    "--dir", "folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
    help="With --systemd: write all files here, not into /etc.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite existing files; with --systemd the units only.")
@click.option("--stdout", "to_stdout", is_flag=True, help="Print instead of writing; with --systemd the service.")
@click.pass_obj
def init(
    invocation: Invocation, /, file: Path | None, systemd: bool, folder: Path | None, force: bool, to_stdout: bool
) -> None:
    """Writes FILE (default: ./config.toml) with every setting at its default; refuses to overwrite.

    With --systemd it writes the service and its optional socket to /etc/systemd/system, for the interpreter that runs
    this, and /etc/trivia-scraper/config.toml unless that exists.
    """
    from trivia_scraper.cli.output import print_json

    if folder is not None and not systemd:
        raise click.UsageError("--dir belongs to --systemd")
    if to_stdout:
        text = _service_text() if systemd else shipped_config()
        if invocation.json:
            print_json({"ok": True, "text": text})
        else:
            click.echo(text, nl=False)
    elif systemd:
        _init_systemd(invocation, file, folder, force=force)
    else:
        target = file or Path("config.toml")
        _write(target, shipped_config(), overwrite=force)
        if invocation.json:
            print_json({"ok": True, "file": str(target)})
        else:
            click.echo(f"wrote {target}")


def _init_systemd(invocation: Invocation, file: Path | None, folder: Path | None, *, force: bool) -> None:
    from trivia_scraper.cli.output import note, print_json
    from trivia_scraper.cli.systemd_units import SERVICE, UNIT_CONFIG, UNIT_FOLDER, units_for, why_hidden

    config = file or (folder / "config.toml" if folder else UNIT_CONFIG)
    units = {(folder or UNIT_FOLDER) / name: text for name, text in units_for(sys.executable).items()}
    if not force:
        _refuse_existing(units)
    written = []
    # A config.toml that is there holds an operator's work: only the units are replaced by a newer version's.
    if not config.exists():
        _write(config, shipped_config(), overwrite=False)
        written.append(config)
    for path, text in units.items():
        _write(path, text, overwrite=force)
        written.append(path)
    warning = why_hidden(sys.executable)
    if invocation.json:
        kept = [] if config in written else [str(config)]
        print_json({"ok": True, "files": list(map(str, written)), "kept": kept, "warning": warning or None})
        return
    click.echo("\n".join([*(f"wrote {path}" for path in written), *_kept(config, written)]))
    if warning:
        note(f"warning: {warning}")
    place = f"copy the units to {UNIT_FOLDER}" if folder else f"look at {config}"
    note(f"next: {place}, then `systemctl daemon-reload` and `systemctl enable --now {SERVICE}`")


def _kept(config: Path, written: list[Path]) -> list[str]:
    return [] if config in written else [f"kept {config}"]


def _service_text() -> str:
    from trivia_scraper.cli.systemd_units import SERVICE, units_for

    return units_for(sys.executable)[SERVICE]


def _refuse_existing(targets: dict[Path, str]) -> None:
    """Before anything is written: half a set of units helps nobody."""
    from trivia_scraper.domain.errors import SetupError

    if existing := [str(path) for path in targets if path.exists()]:
        raise SetupError(f"{', '.join(existing)} exists", hint="--force overwrites units, --stdout prints instead")


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
