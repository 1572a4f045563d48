"""Health, metrics and status over HTTP (operations.md 7, safety.md 10).

`doors` says who may come in where, `guarding` asks at each request, `pages` answers, `serving` listens. The dashboard
will live here too.
"""

from __future__ import annotations

from trivia_scraper.web.doors import Door, control_door, metrics_door, web_door
from trivia_scraper.web.pages import Pages, build_app
from trivia_scraper.web.serving import open_server, serve

__all__ = ["Door", "Pages", "build_app", "control_door", "metrics_door", "open_server", "serve", "web_door"]
