"""From tables of the right shape to a plan: selectors, paths and patterns tried out, each fault with its key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final, TypeVar

from trivia_scraper.domain.models import EventStatus
from trivia_scraper.sources.declarative.expressions import CssStep, Expression, Lookup, PathStep, Step
from trivia_scraper.sources.declarative.kinds import parts_of
from trivia_scraper.sources.declarative.paths import Path, parse_path
from trivia_scraper.sources.declarative.patterns import Pattern, compile_pattern
from trivia_scraper.sources.declarative.plan import DetailPlan, IndexPlan, KeepRule, SkipRule, Wanted, reads_html
from trivia_scraper.sources.declarative.problems import Key, Mistakes, meant
from trivia_scraper.sources.declarative.schema import (
    FIELDS,
    WEEKDAYS,
    DetailTable,
    GroupTable,
    IndexTable,
    LookupTable,
    StatusTable,
)
from trivia_scraper.sources.document import is_selector

_ATTRIBUTE: Final = re.compile(r"[A-Za-z_:][\w:.-]*")

Ready = TypeVar("Ready")


class Compiler:
    """Compiles the parts of one description; what cannot be used goes into `mistakes` and is left out."""

    def __init__(self, mistakes: Mistakes) -> None:
        self._mistakes = mistakes

    def index(self, table: IndexTable) -> IndexPlan:
        """`[index]`."""
        top: Key = ("index",)
        html = reads_html(table)
        for name in ("within", "item"):
            self._checked_selector((*top, name), getattr(table, name))
        fields = self.fields((*top, "fields"), table.fields.written(), html=html)
        self._check_parts((*top, "fields"), fields, parts_of(table))
        return IndexPlan(
            table=table,
            fields=fields,
            group=self._group(table.group),
            weekdays=self._weekdays(table, html=html),
            skip=tuple(self._skips(table.skip, fields, html=html)),
            keep=self._keep(table, html=html),
            drop=self._drops((*top, "drop"), table.drop),
            status=self._status((*top, "status"), table.status, html=html),
            wanted=self._wanted(top, table),
            next=self._optional((*top, "next"), table.next, html=html),
            empty=self._optional((*top, "empty"), table.empty, html=html or table.events is not None),
            paths=self._paths((*top, "path"), table.path),
            html_path=self._path((*top, "html_path"), table.html_path),
            success=self._path((*top, "success"), table.success),
            nonce=self._pattern((*top, "nonce", "regex"), table.nonce.regex) if table.nonce else None,
        )

    def detail(self, table: DetailTable) -> DetailPlan:
        """`[detail]`: always a page of HTML."""
        top: Key = ("detail",)
        return DetailPlan(
            table=table,
            fields=self.fields((*top, "fields"), table.fields.written(), html=True),
            drop=self._drops((*top, "drop"), table.drop),
            status=self._status((*top, "status"), table.status, html=True),
            wanted=self._wanted(top, table),
        )

    def fields(self, key: Key, forms: Mapping[str, Any], *, html: bool) -> dict[str, Expression]:
        """Expressions by field, those that need others behind them."""
        ready = {name: self.expression((*key, name), form, html=html) for name, form in forms.items()}
        for name, expression in ready.items():
            self._check_needs((*key, name), expression)
        return self._in_order(key, ready)

    def _in_order(self, key: Key, ready: dict[str, Expression]) -> dict[str, Expression]:
        """Those that others need before them."""
        needs = {name: expression.needs - {name} for name, expression in ready.items()}
        try:
            order = tuple(TopologicalSorter(needs).static_order())
        except CycleError as error:
            circle = " → ".join(reversed(error.args[1]))
            self._mistakes.add((*key, error.args[1][0]), f"needs what needs it: {circle}")
            return ready
        return {name: ready[name] for name in order if name in ready}

    def expression(self, key: Key, form: Any, *, html: bool) -> Expression:
        """One field expression as written."""
        forms = form if isinstance(form, tuple) else (form,)
        lookups = tuple(
            self._lookup((*key, str(at)) if len(forms) > 1 else key, one, html=html) for at, one in enumerate(forms)
        )
        return Expression(" | ".join(map(_shown, forms)), lookups)

    def _lookup(self, key: Key, form: str | LookupTable, *, html: bool) -> Lookup:
        table = LookupTable(select=form) if isinstance(form, str) else form
        inside = self._step((*key, "html"), table.html, html=True) if table.html else None
        self._check_lookup(key, table, html=html)
        return Lookup(
            steps=tuple(self._steps(key, form, html=html)),
            html=inside if isinstance(inside, CssStep) else None,
            regex=self._pattern((*key, "regex"), table.regex),
            join=table.join,
            const=table.const,
            map={name.casefold(): value for name, value in table.map.items()} if table.map is not None else None,
        )

    def _steps(self, key: Key, form: str | LookupTable, *, html: bool) -> Iterable[Step]:
        if isinstance(form, str):
            return filter(None, [self._step(key, form, html=html)])
        if form.const is not None:
            return ()
        selects = form.select if isinstance(form.select, tuple) else (form.select or ".",)
        return filter(None, [self._step((*key, "select"), one, html=html) for one in selects])

    def _step(self, key: Key, text: str, *, html: bool) -> Step | None:
        if not html:
            path = self._path(key, text)
            return PathStep(path) if path is not None else None
        selector, attribute = split_attribute(text)
        return CssStep(selector, attribute) if self._checked_selector(key, selector, shown=text) else None

    def _check_lookup(self, key: Key, table: LookupTable, *, html: bool) -> None:
        if table.const is not None and any((table.select, table.regex, table.html, table.join is not None)):
            self._mistakes.add((*key, "const"), "a constant stands alone: leave out select, html, regex and join")
        if table.html is not None and html:
            self._mistakes.add((*key, "html"), "is for HTML inside JSON or a feed; here `select` reads HTML already")

    def _check_needs(self, key: Key, expression: Expression) -> None:
        for name in sorted(expression.needs):
            if name not in FIELDS:
                self._mistakes.add(key, f"{{{name}}} is no field{meant(name, FIELDS)}")
            elif name == key[-1]:
                self._mistakes.add(key, f"{{{name}}} needs itself")

    def _check_parts(self, key: Key, fields: Mapping[str, Expression], parts: Sequence[str]) -> None:
        """A feed's and a calendar's entries have a few known parts: what names another one finds nothing, ever."""
        for name, expression in fields.items():
            steps = [step for lookup in expression.lookups for step in lookup.steps if isinstance(step, PathStep)]
            for part in (step.path.steps[0].name for step in steps if step.path.steps):
                if parts and part is not None and part not in parts:
                    known = meant(part, parts) or f": it has {', '.join(parts)}"
                    self._mistakes.add((*key, name), f"no entry has {part!r}{known}")

    def _group(self, table: GroupTable | None) -> dict[str, Expression]:
        if table is None:
            return {}
        self._checked_selector(("index", "group", "select"), table.select)
        return self.fields(("index", "group"), table.written(), html=True)

    def _weekdays(self, table: IndexTable, *, html: bool) -> dict[int, Expression]:
        forms = {day: getattr(table.weekdays, day, None) for day in WEEKDAYS}
        return {
            number: self.expression(("index", "weekdays", day), forms[day], html=html)
            for number, day in enumerate(WEEKDAYS, start=1)
            if forms[day] is not None
        }

    def _skips(self, skip: Mapping[str, str], fields: Mapping[str, Expression], *, html: bool) -> Iterable[SkipRule]:
        for shown, regex in skip.items():
            key = ("index", "skip", shown)
            pattern = self._pattern(key, regex)
            if pattern is None:
                continue
            if shown in fields:
                yield SkipRule(shown, shown, None, pattern)
            else:
                yield SkipRule(shown, None, self.expression(key, shown, html=html), pattern)

    def _keep(self, table: IndexTable, *, html: bool) -> KeepRule | None:
        if table.keep is None:
            return None
        key = ("index", "keep")
        if (table.keep.contains is None) == (table.keep.matches is None):
            self._mistakes.add(key, "needs either contains or matches")
        return KeepRule(
            self.expression((*key, "field"), table.keep.field, html=html),
            (table.keep.contains or "").casefold(),
            self._pattern((*key, "matches"), table.keep.matches),
        )

    def _drops(self, key: Key, drop: Mapping[Any, str]) -> dict[str, Pattern]:
        ready = {str(name): self._pattern((*key, str(name)), regex) for name, regex in drop.items()}
        return {name: pattern for name, pattern in ready.items() if pattern is not None}

    def _status(self, key: Key, table: StatusTable | None, *, html: bool) -> dict[EventStatus, Expression]:
        forms = {word: getattr(table, word, None) for word in StatusTable.model_fields}
        return {
            EventStatus(word): self.expression((*key, word), form, html=html)
            for word, form in forms.items()
            if form is not None
        }

    def _wanted(self, key: Key, table: IndexTable | DetailTable) -> Wanted:
        return Wanted(
            self._pattern((*key, "match"), table.match), self._pattern((*key, "skip_match"), table.skip_match)
        )

    def _optional(self, key: Key, form: Any, *, html: bool) -> Expression | None:
        return None if form is None else self.expression(key, form, html=html)

    def _paths(self, key: Key, form: str | Sequence[str] | None) -> tuple[Path, ...]:
        texts = () if form is None else (form,) if isinstance(form, str) else form
        return tuple(path for text in texts if (path := self._path(key, text)) is not None)

    def _path(self, key: Key, text: str | None) -> Path | None:
        return None if text is None else self._tried(key, parse_path, text)

    def _pattern(self, key: Key, text: str | None) -> Pattern | None:
        return None if text is None else self._tried(key, compile_pattern, text)

    def _tried(self, key: Key, compiled: Callable[[str], Ready], text: str) -> Ready | None:
        try:
            return compiled(text)
        except ValueError as error:
            self._mistakes.add(key, str(error))
            return None

    def _checked_selector(self, key: Key, selector: str | None, *, shown: str = "") -> bool:
        if not selector or is_selector(selector):
            return True
        shown = shown or selector
        self._mistakes.add(key, f"{shown!r} is no CSS selector{_selector_hint(shown)}")
        return False


def split_attribute(text: str) -> tuple[str, str]:
    """ "img@src" → ("img", "src"); "@href" → ("", "href"); "." → ("", ""). An "@" inside a selector stays there."""
    selector, mark, attribute = text.strip().rpartition("@")
    if not mark or not _ATTRIBUTE.fullmatch(attribute):
        selector, attribute = text.strip(), ""
    selector = selector.strip()
    return "" if selector == "." else selector, attribute.lower()


def _selector_hint(selector: str) -> str:
    if selector.lstrip().startswith((">", "+", "~")):
        return ": it must begin with what is looked for inside the item"
    if selector.startswith(("/", "./")):
        return ": it looks like XPath; write div.when for //div[@class='when']"
    if ":eq(" in selector:
        return ": write :nth-child(3), which counts from 1"
    if ":contains(" in selector:
        return ': write :lexbor-contains("…" i)'
    if ":first" in selector and ":first-" not in selector:
        return ": the first match counts anyway"
    if "@" in selector:
        return ': alternatives are a list, ["a@href", "b@href"]'
    return ""


def _shown(form: str | LookupTable) -> str:
    if isinstance(form, str):
        return form
    if form.const is not None:
        return f"const {form.const}"
    select = form.select if isinstance(form.select, str) else " + ".join(form.select or ("the heading",))
    inside = f" : {form.html}" if form.html else ""
    return f"{select}{inside}{f' ~ {form.regex}' if form.regex else ''}"
