"""A real daemon as a process: its log as events, its control socket, its end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.program import MODULE

PATIENCE_SECONDS = 60.0


@dataclass(slots=True)
class DaemonProcess:
    """One daemon. `events` are read from its JSON log as they come."""

    process: asyncio.subprocess.Process
    log: Path
    control: Path
    _read: int = field(default=0)
    _events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def events(self) -> list[dict[str, Any]]:
        """Every whole line of the log so far."""
        with self.log.open("rb") as stream:
            stream.seek(self._read)
            lines = stream.read().split(b"\n")[:-1]
        self._read += sum(len(line) + 1 for line in lines)
        self._events += [json.loads(line) for line in lines if line.startswith(b"{")]
        return list(self._events)

    def named(self, *names: str) -> list[dict[str, Any]]:
        """Events of these names."""
        return [event for event in self.events if event["event"] in names]

    async def until(self, condition: Callable[[], Any], what: str = "a condition") -> Any:
        """Wait until it is so, and return what it gives. Fails with the log's end when the daemon goes first."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not (found := condition()):
                    assert self.process.returncode is None, f"the daemon ended: {self.tail()}"
                    await asyncio.sleep(0.02)
                return found
        except TimeoutError:
            raise AssertionError(f"waited in vain for {what}: {self.tail()}") from None

    async def event(self, name: str, **fields: Any) -> dict[str, Any]:
        """The first event of this name with these fields, waited for."""

        def found() -> dict[str, Any] | None:
            for event in self.named(name):
                if all(event.get(key) == value for key, value in fields.items()):
                    return event
            return None

        return dict(await self.until(found, f"{name} {fields}"))

    async def ask(self, path: str, method: str = "GET") -> tuple[int, Any]:
        """One request at the control socket: status, and the body as JSON where it is."""
        reader, writer = await asyncio.open_unix_connection(self.control)
        try:
            writer.write(f"{method} {path} HTTP/1.1\r\nHost: control\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await reader.read()
        finally:
            writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split(b" ")[1]), json.loads(body) if b"application/json" in head else body.decode()

    def send(self, number: signal.Signals) -> None:
        """A signal to the daemon itself."""
        self.process.send_signal(number)

    async def ended(self) -> int:
        """Its exit code, waited for."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.process.wait()

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; its exit code."""
        self.send(number)
        return await self.ended()

    def tail(self) -> str:
        """The end of its log, for a failed assertion."""
        return "\n".join(self.log.read_text("utf-8").split("\n")[-15:])


@asynccontextmanager
async def running_daemon(
    folder: Path, environment: Mapping[str, str], *arguments: str, name: str = "daemon", **changed: str
) -> AsyncIterator[DaemonProcess]:
    """Start a daemon in `folder`; at the end it is killed if it still runs. Its state lies in STATE_DIRECTORY."""
    log = folder / f"{name}.log"
    state = Path({**environment, **changed}["STATE_DIRECTORY"])
    with log.open("ab") as stream:
        process = await asyncio.create_subprocess_exec(
            *MODULE, "--log-format", "json", "daemon", *arguments,
            env={**environment, "TRIVIA__WEB__LISTEN": "", "TRIVIA__SCHEDULE__JITTER": "0s", **changed},
            cwd=folder, stdin=asyncio.subprocess.DEVNULL, stdout=stream, stderr=stream,
        )  # fmt: skip
    daemon = DaemonProcess(process, log, state / "control.sock")
    try:
        yield daemon
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def open_descriptors(pid: int) -> int:
    """How many descriptors a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))
