"""The instruments: what is counted and measured, on a registry of its own (operations.md 7).

`catalogue` says which there are, `counting` counts what happens, `levels` tells how much there is, `exposing` writes
both in the words of Prometheus. The only room that knows prometheus-client.
"""

from __future__ import annotations

from trivia_scraper.metrics.exposing import Metrics, built_from

__all__ = ["Metrics", "built_from"]
