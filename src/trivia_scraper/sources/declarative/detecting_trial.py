"""One page tried by itself: a calendar of several pages tells its evenings only behind its last one."""

from __future__ import annotations

from dataclasses import replace

from trivia_scraper.domain.pages import Page
from trivia_scraper.sources.declarative.schema import IndexTable
from trivia_scraper.sources.declarative.source import DeclaredSource
from trivia_scraper.sources.declarative.trial import IndexTrial, try_index


def try_page(source: DeclaredSource, page: Page) -> IndexTrial:
    """`try_index`, and for a page that a calendar goes on after, what this page alone would give."""
    trial = try_index(source, page)
    if trial.items or not trial.follow or not source.plan.index.is_calendar:
        return trial
    return replace(try_index(_of_one_page(source), page), follow=trial.follow)


def _of_one_page(source: DeclaredSource) -> DeclaredSource:
    index = source.plan.index
    written = {name: getattr(index.table, name) for name in index.table.model_fields_set}
    table = IndexTable(**(written | {"max_pages": 1}))
    return DeclaredSource(replace(source.plan, index=replace(index, table=table)))
