"""Certificates of a test authority, made by the `openssl` command for the length of one test session."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

OPENSSL = shutil.which("openssl")


class Authority:
    """Signs certificates for loopback servers; `trust()` is what a client that believes in it uses."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._run("req", "-x509", *self._new_key("authority"), "-days", "2", "-out", "authority.pem",
                  "-subj", "/CN=test authority", "-addext", "keyUsage=critical,keyCertSign")  # fmt: skip

    def server(self, name: str, *, alternative_name: str = "IP:127.0.0.1", days: int = 2) -> ssl.SSLContext:
        """The TLS side of a server whose certificate names `alternative_name`; negative days = expired."""
        self._run("req", *self._new_key(name), "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (self._directory / f"{name}.ext").write_text(f"subjectAltName={alternative_name}\n")
        signer = ["-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial", "-days", str(days)]
        self._run("x509", "-req", "-in", f"{name}.csr", *signer, "-extfile", f"{name}.ext", "-out", f"{name}.pem")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._directory / f"{name}.pem", self._directory / f"{name}.key")
        return context

    def trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self._directory / "authority.pem"))
        context.set_alpn_protocols(["http/1.1"])
        return context

    def _new_key(self, name: str) -> list[str]:
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        return [*curve, "-keyout", f"{name}.key"]

    def _run(self, *arguments: str) -> None:
        assert OPENSSL is not None
        subprocess.run([OPENSSL, *arguments], cwd=self._directory, check=True, capture_output=True)
