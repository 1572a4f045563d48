"""docs/metrics.md, written from the catalogue of metrics; a test compares. Run this file to write it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from trivia_scraper.metrics.catalogue import METRICS, PREFIX, Metric

REPOSITORY: Final = Path(__file__).parents[2]
DOCUMENT: Final = REPOSITORY / "docs" / "metrics.md"

_HEAD: Final = f"""# Metrics

What `/metrics` tells, for Prometheus; who may read it: [operations](operations.md). Written by `make metrics` from
`src/trivia_scraper/metrics/catalogue.py`; do not edit. Every name begins with `{PREFIX}`. Seconds and bytes
throughout. No label ever holds an address, a venue or a host. Counters count since the daemon started, and only what
this process did; gauges of what is stored are true of the whole installation.

Figures of what is stored are read once a minute. Those that need a look at every image (`images`,
`image_age_seconds`, `images_fresh_ratio`, `storage_bytes`, `venues`) rest five hundred times as long as it took.
All are absent until they were read once. Rules for alerts: `deploy/alerts.yml`; a dashboard: `deploy/grafana.json`.

| metric | kind | labels | meaning |
|---|---|---|---|
"""


def document() -> str:
    """The whole page."""
    return _HEAD + "".join(f"{_row(metric)}\n" for metric in METRICS)


def _row(metric: Metric) -> str:
    labels = "<br>".join(f"`{name}`: {values}" for name, values in metric.labels)
    return f"| `{metric.name}` | {metric.kind} | {labels} | {metric.meaning} |"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
