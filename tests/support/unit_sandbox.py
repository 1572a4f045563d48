"""The unit's sandbox without systemd: its system call filter, its address families, no writable code, no privileges.

Folders, devices and users of the unit are namespaces that only root can make; they are not part of this. Run as
`python unit_sandbox.py <allowed calls as JSON> <families as JSON> <program> <arguments>…`, hence the standard library
only.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

PR_SET_NO_NEW_PRIVS = 38
PR_SET_MDWE = 65
ALLOW = 0x7FFF0000
REFUSE_WITH_EPERM = 0x00050001
EQUAL = 4


class Comparison(ctypes.Structure):
    """libseccomp's `scmp_arg_cmp`."""

    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


def why_not() -> str:
    """Why this machine cannot make the sandbox, or ""."""
    if shutil.which("systemd-analyze") is None:
        return "systemd-analyze is not here"
    if ctypes.util.find_library("seccomp") is None:
        return "libseccomp is not here"
    return ""


def sandboxed(unit: str, python: str, command: list[str]) -> list[str]:
    """The command line that runs `command` as a unit of this text would."""
    filters = [line.partition("=")[2] for line in unit.splitlines() if line.startswith("SystemCallFilter=")]
    allowed: set[str] = set()
    for words in filters:
        named = set().union(*(calls(word) for word in words.removeprefix("~").split()))
        allowed = allowed - named if words.startswith("~") else allowed | named
    families = next(line for line in unit.splitlines() if line.startswith("RestrictAddressFamilies="))
    numbers = [int(getattr(socket, name)) for name in families.partition("=")[2].split()]
    return [python, str(Path(__file__)), json.dumps(sorted(allowed)), json.dumps(numbers), *command]


def calls(word: str) -> set[str]:
    """A system call, or all of a group such as "@system-service", as systemd lists them."""
    if not word.startswith("@"):
        return {word}
    listed = subprocess.run(["systemd-analyze", "syscall-filter", word], capture_output=True, text=True, check=True)
    members = (line.partition("#")[0].strip() for line in listed.stdout.splitlines()[1:])
    return set().union(*(calls(member) for member in members if member))


def confine(allowed: list[str], families: list[int]) -> None:
    """Give up everything but these calls, for this process and all that it starts."""
    seccomp = ctypes.CDLL(ctypes.util.find_library("seccomp"), use_errno=True)
    libc = ctypes.CDLL(None, use_errno=True)
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(REFUSE_WITH_EPERM)))
    for name in allowed:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number >= 0 and name != "socket":
            assert seccomp.seccomp_rule_add_array(context, ctypes.c_uint32(ALLOW), number, 0, None) == 0, name
    number = seccomp.seccomp_syscall_resolve_name(b"socket")
    for family in families:
        is_it = ctypes.byref(Comparison(0, EQUAL, family, 0))
        assert seccomp.seccomp_rule_add_array(context, ctypes.c_uint32(ALLOW), number, 1, is_it) == 0, family
    assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    libc.prctl(PR_SET_MDWE, 1, 0, 0, 0)  # kernels before 6.3 do not know it: then the rest counts
    assert seccomp.seccomp_load(context) == 0


if __name__ == "__main__":
    confine(json.loads(sys.argv[1]), json.loads(sys.argv[2]))
    os.execv(sys.argv[3], sys.argv[3:])
