"""daemon/listening.py with real sockets on loopback and in folders (operations.md 5, safety.md 10)."""

from __future__ import annotations

import os
import socket
import stat
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from trivia_scraper.daemon.listening import listening, listening_at, told_address
from trivia_scraper.domain.errors import InstanceLocked, SetupError
from trivia_scraper.settings.environment import listen_descriptors


def answers(address: object, family: int = socket.AF_INET) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(5)
        return probe.connect_ex(address) == 0  # type: ignore[arg-type]


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestAddresses:
    @pytest.mark.parametrize(
        ("listen", "family", "host"),
        [
            ("127.0.0.1:0", socket.AF_INET, "127.0.0.1"),
            ("localhost:0", socket.AF_INET, "127.0.0.1"),
            ("[::1]:0", socket.AF_INET6, "::1"),
        ],
    )
    def test_loopback_needs_no_token(self, listen: str, family: int, host: str) -> None:
        with listening(listen, setting="web.listen", has_token=False) as (opened,):
            assert opened.family == family
            assert opened.getsockname()[0] == host
            assert not opened.get_inheritable()
            assert opened.getblocking() is False
            assert answers(opened.getsockname()[:2], family)
            address = opened.getsockname()[:2]
        assert not answers(address, family)

    def test_nothing_is_served_where_nothing_is_asked(self) -> None:
        with listening("", setting="metrics.listen", has_token=True) as opened:
            assert opened == ()

    @pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "192.0.2.7:8321"])
    def test_wider_bind_without_a_token_is_refused_before_anything_listens(self, listen: str) -> None:
        with pytest.raises(SetupError, match="can be reached from other machines") as refused, ExitStack() as stack:
            stack.enter_context(listening(listen, setting="web.listen", has_token=False))
        assert refused.value.message.startswith("web.listen")
        assert "TRIVIA_WEB_TOKEN" in refused.value.hint

    def test_address_of_another_machine_is_told(self) -> None:
        """With a token the bind is tried: 192.0.2.0/24 belongs to no machine."""
        with pytest.raises(SetupError, match="cannot listen") as refused, ExitStack() as stack:
            stack.enter_context(listening("192.0.2.7:0", setting="web.listen", has_token=True))
        assert "no address of this machine" in refused.value.hint

    def test_name_is_not_looked_up(self) -> None:
        with pytest.raises(SetupError, match="is a name"), ExitStack() as stack:
            stack.enter_context(listening("example.org:80", setting="web.listen", has_token=True))

    def test_port_that_is_taken_says_so(self) -> None:
        with listening("127.0.0.1:0", setting="web.listen", has_token=False) as (first,):
            taken = f"127.0.0.1:{first.getsockname()[1]}"
            with pytest.raises(SetupError, match="cannot listen") as refused, ExitStack() as stack:
                stack.enter_context(listening(taken, setting="metrics.listen", has_token=False))
            assert refused.value.message.startswith("metrics.listen")
            assert "another program listens there" in refused.value.hint

    def test_told_address(self, tmp_path: Path) -> None:
        with listening("[::1]:0", setting="web.listen", has_token=False) as (opened,):
            assert told_address(opened) == f"http://[::1]:{opened.getsockname()[1]}"
        with listening_at(tmp_path / "s") as at_path:
            assert told_address(at_path) == f"unix:{tmp_path}/s"


class TestPaths:
    def test_web_socket_is_for_a_group(self, tmp_path: Path) -> None:
        path = tmp_path / "web.sock"
        with listening(f"unix:{path}", setting="web.listen", has_token=False):
            assert mode_of(path) == 0o660
            assert answers(str(path), socket.AF_UNIX)
        assert not path.exists()

    def test_control_socket_is_for_its_owner_and_its_folder_is_made(self, tmp_path: Path) -> None:
        path = tmp_path / "run" / "control.sock"
        with listening_at(path):
            assert mode_of(path) == 0o600
            assert mode_of(path.parent) == 0o700
        assert not path.exists()

    def test_stale_socket_is_replaced(self, tmp_path: Path) -> None:
        path = tmp_path / "control.sock"
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as dead:
            dead.bind(str(path))
        with listening_at(path):
            assert answers(str(path), socket.AF_UNIX)

    def test_f45_control_socket_of_a_living_daemon_names_its_process(self, tmp_path: Path) -> None:
        path = tmp_path / "control.sock"
        with listening_at(path):
            with pytest.raises(InstanceLocked, match=f"process {os.getpid()} on host"), ExitStack() as stack:
                stack.enter_context(listening_at(path))
            assert answers(str(path), socket.AF_UNIX)

    def test_live_web_socket_is_refused_and_lives_on(self, tmp_path: Path) -> None:
        path = tmp_path / "web.sock"
        with listening_at(path):
            with pytest.raises(SetupError, match="listens at"), ExitStack() as stack:
                stack.enter_context(listening(f"unix:{path}", setting="web.listen", has_token=False))
            assert answers(str(path), socket.AF_UNIX)

    @pytest.mark.parametrize("kind", ["link to a socket", "dangling link", "file", "folder"])
    def test_what_we_did_not_make_is_refused_and_kept(self, tmp_path: Path, kind: str) -> None:
        path, elsewhere = tmp_path / "control.sock", tmp_path / "elsewhere"
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as other:
            if kind == "file":
                path.write_text("precious")
            elif kind == "folder":
                path.mkdir()
            else:
                path.symlink_to(elsewhere)
            if kind == "link to a socket":
                other.bind(str(elsewhere))
            before = path.lstat()
            with pytest.raises(SetupError, match="is no socket"), ExitStack() as stack:
                stack.enter_context(listening_at(path))
        assert path.lstat() == before

    def test_folder_of_a_stranger_among_everybodys_is_refused(self, tmp_path: Path) -> None:
        everybodys, strangers = tmp_path / "tmp", tmp_path / "strangers"
        everybodys.mkdir()
        everybodys.chmod(0o1777)
        strangers.mkdir()
        (everybodys / "ours").symlink_to(strangers)
        with pytest.raises(SetupError, match="another user"), ExitStack() as stack:
            stack.enter_context(listening_at(everybodys / "ours" / "control.sock"))
        assert list(strangers.iterdir()) == []

    def test_path_beyond_the_kernels_limit_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(SetupError, match="cannot listen"), ExitStack() as stack:
            stack.enter_context(listening(f"unix:{tmp_path}/{'a' * 120}", setting="web.listen", has_token=False))

    def test_successors_socket_is_left_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "control.sock"
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as successor:
            with listening_at(path):
                path.unlink()
                successor.bind(str(path))
            assert path.is_socket()


class TestSocketActivation:
    """Descriptors as systemd hands them over: a restart refuses nobody."""

    def test_handed_socket_serves_in_place_of_the_setting(self) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as systemds:
            handed = os.dup(systemds.fileno())
            with listening("127.0.0.1:1", setting="web.listen", has_token=False, handed=(handed,)) as (opened,):
                assert opened.fileno() == handed
                assert opened.getsockname() == systemds.getsockname()
                assert not opened.get_inheritable()
            assert answers(systemds.getsockname()), "systemd keeps listening after we are gone"

    def test_handed_unix_socket_stays_where_it_is(self, tmp_path: Path) -> None:
        path = tmp_path / "web.sock"
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as systemds:
            systemds.bind(str(path))
            systemds.listen()
            with listening("", setting="web.listen", has_token=False, handed=(os.dup(systemds.fileno()),)):
                pass
        assert path.exists()

    def test_handed_wide_socket_needs_the_token_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as systemds:
            handed = os.dup(systemds.fileno())
            monkeypatch.setattr(socket.socket, "getsockname", lambda _: ("203.0.113.9", 80))
            with pytest.raises(SetupError, match="can be reached from"), ExitStack() as stack:
                stack.enter_context(listening("", setting="web.listen", has_token=False, handed=(handed,)))
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(handed)

    def test_descriptor_that_does_not_listen_is_refused(self) -> None:
        one, other = socket.socketpair()
        with closing(other), pytest.raises(SetupError, match="does not listen"), ExitStack() as stack:
            stack.enter_context(listening("", setting="web.listen", has_token=False, handed=(one.detach(),)))

    def test_descriptor_that_is_no_socket_is_refused(self, tmp_path: Path) -> None:
        with (
            (tmp_path / "file").open("w") as file,
            pytest.raises(SetupError, match="is no socket"),
            ExitStack() as stack,
        ):
            stack.enter_context(listening("", setting="web.listen", has_token=False, handed=(file.fileno(),)))

    @pytest.mark.parametrize(
        ("environment", "descriptors"),
        [
            ({}, ()),
            ({"LISTEN_FDS": "1", "LISTEN_PID": "7"}, (3,)),
            ({"LISTEN_FDS": "2", "LISTEN_PID": "7"}, (3, 4)),
            ({"LISTEN_FDS": "1", "LISTEN_PID": "8"}, ()),
            ({"LISTEN_FDS": "1"}, ()),
            ({"LISTEN_FDS": "many", "LISTEN_PID": "7"}, ()),
        ],
    )
    def test_only_those_of_this_process(self, environment: dict[str, str], descriptors: tuple[int, ...]) -> None:
        assert listen_descriptors(environment, 7) == descriptors
