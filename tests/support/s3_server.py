"""A real S3 server: moto's, as a process of its own on a free loopback port, ended by its id."""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

_PORT = re.compile(r"Running on http://127\.0\.0\.1:(\d+)")


@dataclass(frozen=True, slots=True)
class S3Server:
    """A running server."""

    port: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def make_bucket(self, name: str) -> None:
        """A bucket of the test's own."""
        self.request("PUT", f"/{name}")

    def request(self, method: str, path: str, body: bytes = b"") -> http.client.HTTPResponse:
        """What S3 itself says of an object; the server asks for no signature."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            answer.read()
        finally:
            connection.close()
        assert answer.status < 300, (method, path, answer.status)
        return answer


@contextmanager
def running_s3() -> Iterator[S3Server]:
    """The server, until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    with process.stderr as said:
        try:
            port = _port_of(said)
            # Each request is told on stderr: a pipe that nobody reads would stop the server.
            reader = threading.Thread(target=said.read)
            reader.start()
            try:
                yield S3Server(port)
            finally:
                process.terminate()
                reader.join()
        finally:
            process.terminate()
            process.wait()


def _port_of(said: IO[str]) -> int:
    lines = []
    for line in said:
        lines.append(line)
        if found := _PORT.search(line):
            return int(found[1])
    raise AssertionError(f"no S3 server: {''.join(lines)}")
