"""The checks of `doctor` about what a daemon needs: listeners, schedule, packages, systemd. No database."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import stat
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trivia_scraper.cli.checkup import Check, fail, ok, warn

if TYPE_CHECKING:
    from trivia_scraper.domain.crontab import Crontab
    from trivia_scraper.settings import Settings

FEW_FILES: Final = 10_000
LEAST_FILES: Final = 100


def daemon_checks(settings: Settings, environment: Mapping[str, str], now: dt.datetime) -> Iterator[Check]:
    """In the order in which a person would mend them."""
    yield from embedded_user_checks(settings)
    yield from free_files_checks(settings)
    yield listener_check("web", settings.web.listen, has_token=_has_token(settings))
    if settings.metrics.listen:
        yield listener_check("metrics", settings.metrics.listen, has_token=_has_token(settings))
    yield from schedule_checks(settings, now)
    yield from extra_checks(settings)
    yield from systemd_checks(environment)


def listener_check(name: str, listen: str, *, has_token: bool) -> Check:
    """A listener that other machines can reach needs a token: the daemon refuses to start without (safety.md 10)."""
    if not listen:
        return ok(name, "no listener; `trivia-scraper status` asks the control socket")
    if listen.startswith("unix:"):
        return ok(name, f"listens at {listen}")
    host = listen.rpartition(":")[0].strip("[]")
    try:
        is_private = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return fail(name, f"{name}.listen: {host!r} is a name, and a listener needs an address", "write an address")
    if is_private:
        return ok(name, f"listens at {listen}, this machine only")
    if has_token:
        return ok(name, f"listens at {listen}, for callers with the token")
    detail = f"{listen} can be reached from other machines and web.token is not set: the daemon will not start"
    return fail(name, detail, "set TRIVIA_WEB_TOKEN, or listen on 127.0.0.1 behind a proxy")


def _has_token(settings: Settings) -> bool:
    return bool(settings.web.token.get_secret_value())


def schedule_checks(settings: Settings, now: dt.datetime) -> Iterator[Check]:
    """What runs when, in words, with its next time; sources of one schedule on one line."""
    from trivia_scraper.policy.jobs import planned_jobs
    from trivia_scraper.roster import load_roster

    groups: dict[tuple[str, Crontab], list[str]] = defaultdict(list)
    for job in planned_jobs(settings, load_roster(settings).sections):
        groups[job.kind.value.replace("_", " "), job.crontab].append(job.source or "")
    if not any(kind == "refresh" for kind, _ in groups):
        yield warn("schedule", "no source has a schedule: the daemon reads none by itself", "set schedule.refresh")
    for (kind, crontab), sources in groups.items():
        yield _slot_check(f"{kind} of {', '.join(sources)}" if all(sources) else kind, crontab, now)


def _slot_check(what: str, crontab: Crontab, now: dt.datetime) -> Check:
    from trivia_scraper.domain.crontab_words import in_words

    following = crontab.next_after(now)
    told = "" if following is None else f", next {following:%Y-%m-%d %H:%M} UTC"
    return ok("schedule", f"{what}: {in_words(crontab.line, crontab.zone)}{told}")


def extra_checks(settings: Settings) -> Iterator[Check]:
    """Packages that are not always installed, where a setting needs them."""
    urls = settings.notify.urls.get_secret_value().split()
    needed = {
        "s3": ("obstore", settings.storage.kind == "s3"),
        "notify": ("apprise", any(not url.startswith(("http://", "https://")) for url in urls)),
    }
    for extra, (package, is_needed) in needed.items():
        if not is_needed:
            continue
        if find_spec(package) is not None:
            yield ok("packages", f"{package} is installed")
        else:
            yield fail("packages", f"{package} is not installed", f"pip install 'trivia-scraper[{extra}]'")


def systemd_checks(environment: Mapping[str, str]) -> Iterator[Check]:
    """Under systemd: whether what it told us can be used; elsewhere nothing."""
    from trivia_scraper.settings.environment import notify_socket, watchdog_seconds

    address = notify_socket(environment)
    if not address:
        return
    if not address.startswith("@") and not _is_socket(Path(address)):
        detail = f"$NOTIFY_SOCKET names {address}, and there is no such socket: systemd hears nothing of us"
        yield warn("systemd", detail, "use the shipped unit: Type=notify, NotifyAccess=main")
        return
    seconds = watchdog_seconds(environment, os.getpid())
    watched = "no watchdog" if seconds is None else f"a sign of life is expected every {seconds:g} s"
    yield ok("systemd", f"is told at {address}; {watched}")


def _is_socket(path: Path) -> bool:
    try:
        return stat.S_ISSOCK(path.stat().st_mode)
    except OSError:
        return False


def free_files_checks(settings: Settings) -> Iterator[Check]:
    """How many more files the disk can have: a picture is two (safety.md F29)."""
    folder = next((one for one in (settings.image_dir, *settings.image_dir.parents) if one.exists()), Path("/"))
    found = os.statvfs(folder)
    if not found.f_files:  # this file system makes room for files as it goes
        return
    detail = f"{found.f_favail:,} more files fit on the disk of {folder}"
    if found.f_favail < LEAST_FILES:
        yield fail("free files", detail, "remove files: `df -i` shows where")
    elif found.f_favail < FEW_FILES:
        yield warn("free files", detail, "`df -i` shows where they are")
    else:
        yield ok("free files", detail)


def embedded_user_checks(settings: Settings) -> Iterator[Check]:
    """As whom the embedded server runs, and whether that can work with its folder."""
    if not settings.database.is_embedded:
        return
    from trivia_scraper.domain.errors import SetupError
    from trivia_scraper.storage.cluster import Cluster, data_directory_argument
    from trivia_scraper.storage.server_user import user_for

    folder = settings.database_dir
    try:
        user = user_for(folder)
        if folder.exists():
            data_directory_argument(Cluster(folder), user)  # refuses what the server could not enter in any way
    except SetupError as error:
        yield fail("embedded user", error.message, error.hint)
        return
    if user is None:
        yield ok("embedded user", "the server runs as you")
    else:
        yield ok("embedded user", f"the server runs as {user.name}, since PostgreSQL refuses root")
