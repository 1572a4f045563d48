"""A process that uses an embedded server until its standard input ends. Run by the tests of embedded.py.

python server_user_process.py <data dir>: prints one line of JSON with the server's processes, then waits.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from trivia_scraper.storage.server_use import ServerUse, keeper_pid


def main() -> None:
    use = ServerUse(Path(sys.argv[1]), None, {"fsync": "off"})
    _, postmaster, made = use.start()
    told = {"postmaster": postmaster.pid, "keeper": keeper_pid(use.cluster), "made": made, "uid": os.getuid()}
    print(json.dumps(told), flush=True)
    sys.stdin.read()
    use.stop()


if __name__ == "__main__":
    main()
