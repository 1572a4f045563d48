"""The sockets that servers answer at: of an address, of a path, or handed over by systemd (operations.md 5).

Everything here is bound before the daemon says READY, and what may not be bound ends the start with exit 2.
`socket` may be imported here as in `notifying`: addresses are the operator's (safety.md 3 and 10).
"""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import stat
import struct
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from trivia_scraper.domain.errors import InstanceLocked, SetupError

WEB_SOCKET_MODE: Final = 0o660
CONTROL_SOCKET_MODE: Final = 0o600
BACKLOG: Final = 128

CONTROL_SOCKET: Final = "control socket"

_UNIX: Final = "unix:"
_CREDENTIALS: Final = struct.Struct("3i")  # pid, uid, gid of a socket's other end


@contextmanager
def listening(
    listen: str, *, setting: str, has_token: bool, handed: Sequence[int] = ()
) -> Iterator[tuple[socket.socket, ...]]:
    """The listening sockets of one server, closed at the end: none where nothing is to be served, else one.

    listen   "127.0.0.1:8321", "[::1]:0", "unix:/path", or "" (none)
    setting  the setting's name, for messages: "web.listen"
    handed   descriptors that systemd opened; the first one serves in place of `listen`

    Raises SetupError (exit 2) that says what to do: the address is taken or no address of this machine, or it can be
    reached from elsewhere and there is no token.
    """
    if handed:
        opened = _adopt(handed[0], setting)
    elif listen.startswith(_UNIX):
        with listening_at(Path(listen.removeprefix(_UNIX)), mode=WEB_SOCKET_MODE, setting=setting) as at_path:
            yield (at_path,)
        return
    elif listen:
        opened = _bind(listen, setting, has_token=has_token)
    else:
        yield ()
        return
    with closing(opened):
        _refuse_strangers(opened, setting, has_token=has_token)
        yield (opened,)


@contextmanager
def listening_at(
    path: Path, *, mode: int = CONTROL_SOCKET_MODE, setting: str = CONTROL_SOCKET
) -> Iterator[socket.socket]:
    """A unix socket at `path`, removed at the end. Its folder is made when it is missing, for us alone.

    A socket that nobody answers at is replaced. Raises InstanceLocked for a control socket at which another daemon
    answers, SetupError for any other one that is taken, and for a link or file: what lies there was not made by us.
    """
    _make_way(path, setting)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with closing(listener):
        try:
            listener.bind(os.fspath(path))
            path.chmod(mode)  # before anybody can connect: that takes listen()
            listener.listen(BACKLOG)
        except OSError as error:
            raise _cannot_listen(setting, str(path), error) from error
        listener.setblocking(False)
        mark = _mark(path)
        try:
            yield listener
        finally:
            # A successor may have replaced it meanwhile.
            with suppress(OSError):
                if _mark(path) == mark:
                    path.unlink()


def told_address(listener: socket.socket) -> str:
    """How people write where this socket listens: "http://127.0.0.1:8321", "unix:/path"."""
    name = listener.getsockname()
    if listener.family == socket.AF_UNIX:
        return f"{_UNIX}{name}"
    host = f"[{name[0]}]" if ":" in name[0] else name[0]
    return f"http://{host}:{name[1]}"


def _bind(listen: str, setting: str, *, has_token: bool) -> socket.socket:
    host, _, port = listen.rpartition(":")
    address = _address_of(host.strip("[]"), setting)
    _refuse_wide(address, setting, has_token=has_token)
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((str(address), int(port)))
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise _cannot_listen(setting, listen, error) from error
    return listener


def _address_of(host: str, setting: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        raise SetupError(
            f"{setting}: {host!r} is a name, and a listener needs an address",
            hint=f'write the address of this machine\'s interface, such as {setting} = "127.0.0.1:8321"',
        ) from None


def _adopt(descriptor: int, setting: str) -> socket.socket:
    """The socket that systemd opened. Raises SetupError for anything that does not listen for connections."""
    try:
        handed = socket.socket(fileno=descriptor)
    except OSError as error:
        raise SetupError(f"{setting}: descriptor {descriptor}, named by $LISTEN_FDS, is no socket") from error
    listens = handed.type == socket.SOCK_STREAM and handed.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    if not listens:
        handed.close()
        raise SetupError(
            f"{setting}: descriptor {descriptor}, named by $LISTEN_FDS, does not listen",
            hint="the .socket unit needs ListenStream= and Accept=no",
        )
    handed.set_inheritable(False)
    handed.setblocking(False)
    return handed


def _refuse_strangers(listener: socket.socket, setting: str, *, has_token: bool) -> None:
    if listener.family in (socket.AF_INET, socket.AF_INET6):
        _refuse_wide(ipaddress.ip_address(listener.getsockname()[0]), setting, has_token=has_token)


def _refuse_wide(address: ipaddress.IPv4Address | ipaddress.IPv6Address, setting: str, *, has_token: bool) -> None:
    if not address.is_loopback and not has_token:
        raise SetupError(
            f"{setting}: {address} can be reached from other machines, and web.token is not set",
            hint="set TRIVIA_WEB_TOKEN (16 characters or more), or listen on 127.0.0.1 or unix:/path behind a proxy",
        )


def _make_way(path: Path, setting: str) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_folder(path.parent, setting)
        found = path.lstat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise _cannot_listen(setting, str(path), error) from error
    if not stat.S_ISSOCK(found.st_mode):
        raise SetupError(f"{setting}: {path} is there and is no socket", hint="remove it, or choose another path")
    if (pid := _who_answers(path)) is not None:
        raise _taken(path, pid, setting)
    path.unlink(missing_ok=True)


def _check_folder(folder: Path, setting: str) -> None:
    """Refuse a folder in a place where everybody makes folders, when somebody else made it."""
    everybody_makes = folder.parent.stat().st_mode & stat.S_IWOTH
    status = folder.lstat()
    if everybody_makes and (stat.S_ISLNK(status.st_mode) or status.st_uid not in (0, os.geteuid())):
        raise SetupError(f"{setting}: {folder} was made by another user and is not trusted with a socket")


def _who_answers(path: Path) -> int | None:
    """The process that listens at this socket, 0 where the system does not tell; None when nobody does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(os.fspath(path))
        except OSError as error:
            return None if error.errno in (errno.ECONNREFUSED, errno.ENOENT) else 0
        if not hasattr(socket, "SO_PEERCRED"):
            return 0
        pid, _, _ = _CREDENTIALS.unpack(probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
        return int(pid)


def _taken(path: Path, pid: int, setting: str) -> SetupError | InstanceLocked:
    who = f"process {pid or 'unknown'} on host {socket.gethostname()}"
    if setting == CONTROL_SOCKET:  # a daemon of this state folder: the same verdict as that of the store's lock (F45)
        return InstanceLocked(f"another daemon answers at {path}: {who}", hint="`trivia-scraper status` asks it")
    return SetupError(f"{setting}: {who} listens at {path} already", hint="stop it, or choose another path")


def _mark(path: Path) -> tuple[int, int]:
    status = path.lstat()
    return status.st_dev, status.st_ino


def _cannot_listen(setting: str, where: str, error: OSError) -> SetupError:
    hints = {
        errno.EADDRINUSE: "another program listens there: stop it, or choose another address",
        errno.EADDRNOTAVAIL: "that is no address of this machine",
        errno.EACCES: "this user may not listen there: choose a port from 1024 on, or another folder",
    }
    return SetupError(
        f"{setting}: cannot listen at {where}: {error.strerror or error}", hint=hints.get(error.errno or 0, "")
    )
