"""A stand-in for the daemon's control socket: answers over HTTP on a unix socket, from a thread of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from typing import Any

Answer = tuple[int, Any]


@dataclass
class ControlDaemon:
    """What it answers by "METHOD target", and what it was asked. An answer's body is JSON, or bytes as they are."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, question: str) -> Answer:
        self.asked.append(question)
        return self.answers.get(question, (404, {"ok": False}))


@contextmanager
def control_daemon(socket: Path, answers: Mapping[str, Answer]) -> Iterator[ControlDaemon]:
    """Listen at `socket` until the block ends."""
    daemon = ControlDaemon(dict(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def address_string(self) -> str:
            return "control socket"

        def log_message(self, *_: object) -> None:
            return

        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def _answer(self, method: str) -> None:
            status, told = daemon.answer(f"{method} {self.path}")
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

    with ThreadingUnixStreamServer(str(socket), Handler) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        try:
            yield daemon
        finally:
            server.shutdown()
            serving.join()
