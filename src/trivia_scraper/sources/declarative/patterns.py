"""An operator's regular expressions, made safe to run over strangers' pages.

Python's matcher backtracks and cannot be stopped, so two things hold: a text is cut to TEXT_LIMIT before any
pattern sees it, and patterns that can take more than about the square of that length are refused when the
description is loaded. Two shapes are refused, found in Python's own parse of the pattern:

*  a repetition inside a repetition, `(\\w+\\s*)*`, unless each round begins with something that the round before
   cannot have swallowed, as in `(?:,\\s*\\w+)*`; and alternatives inside a repetition that begin alike, `(a|ab)*`
*  open repetitions in a row that can take the same characters, where trying every division of a text among them
   (and, without `^` or a mark of its own in front, every beginning) would cost more than that square: `.*a.*b`

The test goes by sample characters; it may refuse a pattern that would do no harm, and says how to write it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final

TEXT_LIMIT: Final = 2_000
PATTERN_LIMIT: Final = 500
_EXPONENT_LIMIT: Final = 2
_OPEN: Final = 10  # a repetition of up to this many rounds counts as bounded

_SAMPLES: Final = "aAbBzZ059_ \t\n-–.,:;/|@#&()[]<>\"'+*=£$€éśЖ"
_REPEATS: Final = (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT)
_SPACES: Final = re.compile(r"\s+")

_NESTED: Final = (
    "this repetition inside a repetition can take for ever on a hostile page; let each round begin with a mark of "
    "its own, as in (?:,\\s*\\w+)*"
)
_ALIKE: Final = "the alternatives inside this repetition begin alike and can take for ever on a hostile page"
_CHAINED: Final = (
    "several open repetitions in a row can take the same characters, which can take for ever on a hostile page; "
    "begin with ^, or say what each may not contain, as in [^|]+ instead of .+"
)

Node = tuple[Any, Any]

_EVERY_SAMPLE: Final = frozenset(_SAMPLES)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A checked pattern; capital and small letters are the same to it."""

    text: str
    compiled: re.Pattern[str]

    def found_in(self, text: str) -> bool:
        """Whether it matches anywhere."""
        return self.compiled.search(flattened(text)) is not None

    def taken_from(self, text: str) -> str | None:
        """The first group that took part, else the whole match; None without a match or where it is blank."""
        match = self.compiled.search(flattened(text))
        if match is None:
            return None
        groups = match.groups()
        taken = match.group() if not groups else next((group for group in groups if group is not None), "")
        return taken.strip() or None


def flattened(text: str) -> str:
    """What a pattern sees: line breaks and runs of spaces are one space, and at most TEXT_LIMIT characters."""
    return _SPACES.sub(" ", text[: 2 * TEXT_LIMIT]).strip()[:TEXT_LIMIT]


def compile_pattern(text: str) -> Pattern:
    """Compile and check a pattern. Raises ValueError that says what is wrong and what to write instead."""
    if len(text) > PATTERN_LIMIT:
        raise ValueError(f"a pattern has at most {PATTERN_LIMIT} characters")
    if not text:
        raise ValueError("must not be empty")
    try:
        compiled = re.compile(text, re.IGNORECASE)
        tree: Sequence[Node] = parser.parse(text, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"is no regular expression: {error}") from error
    danger = _danger(tree)
    if danger:
        raise ValueError(danger)
    return Pattern(text, compiled)


def _danger(tree: Sequence[Node]) -> str:
    for body in _open_bodies(tree):
        if _ambiguous_branch(body):
            return _ALIKE
        if any(_open_bodies(body)) and not _rounds_are_told_apart(body):
            return _NESTED
    return _CHAINED if _exponent(list(_flat(tree)), anchored=_is_anchored(tree)) > _EXPONENT_LIMIT else ""


def _is_anchored(tree: Sequence[Node]) -> bool:
    return bool(tree) and tree[0] in (
        (constants.AT, constants.AT_BEGINNING),
        (constants.AT, constants.AT_BEGINNING_STRING),
    )


def _open_bodies(nodes: Iterable[Node]) -> Iterator[Sequence[Node]]:
    """The bodies of every repetition without a small upper bound, at any depth."""
    for operator, argument in nodes:
        if operator in _REPEATS and argument[1] > _OPEN:
            yield argument[2]
        for inner in _inside(operator, argument):
            yield from _open_bodies(inner)


def _inside(operator: Any, argument: Any) -> Iterator[Sequence[Node]]:
    if operator in _REPEATS:
        yield argument[2]
    elif operator is constants.SUBPATTERN:
        yield argument[3]
    elif operator is constants.BRANCH:
        yield from argument[1]
    elif operator in (constants.ASSERT, constants.ASSERT_NOT):
        yield argument[1]
    elif operator is constants.ATOMIC_GROUP:
        yield argument
    elif operator is constants.GROUPREF_EXISTS:
        yield from (part for part in argument[1:] if part)


def _rounds_are_told_apart(body: Sequence[Node]) -> bool:
    """Whether a round begins with a character that no repetition inside the round can take."""
    items = list(_flat(body))
    if not items or items[0].repeated or not items[0].taken:
        return False
    return not any(item.repeated and item.taken & items[0].taken for item in items)


def _ambiguous_branch(body: Sequence[Node]) -> bool:
    for operator, argument in body:
        if operator is constants.BRANCH:
            firsts = [_first_taken(alternative) for alternative in argument[1]]
            if any(a & b for at, a in enumerate(firsts) for b in firsts[at + 1 :]):
                return True
        if any(_ambiguous_branch(inner) for inner in _inside(operator, argument)):
            return True
    return False


def _first_taken(nodes: Sequence[Node]) -> frozenset[str]:
    return next((item.taken for item in _flat(nodes) if item.taken), _EVERY_SAMPLE)


@dataclass(frozen=True, slots=True)
class _Taker:
    """One position of a pattern: which sample characters it takes; whether it repeats, or may be left out."""

    taken: frozenset[str]
    repeated: bool
    optional: bool


def _flat(nodes: Iterable[Node], *, repeated: bool = False, optional: bool = False) -> Iterator[_Taker]:
    """The positions in order; alternatives stand one behind the other, each of them optional."""
    for operator, argument in nodes:
        if operator in (constants.LITERAL, constants.NOT_LITERAL, constants.IN, constants.ANY):
            yield _Taker(_taken(operator, argument), repeated, optional)
        elif operator is constants.GROUPREF:
            yield _Taker(_EVERY_SAMPLE, True, optional)
        elif operator in _REPEATS:
            is_open = repeated or argument[1] > _OPEN
            yield from _flat(argument[2], repeated=is_open, optional=optional or argument[0] == 0)
        elif operator not in (constants.ASSERT, constants.ASSERT_NOT, constants.AT):
            for inner in _inside(operator, argument):
                yield from _flat(inner, repeated=repeated, optional=optional or operator is constants.BRANCH)


def _taken(operator: Any, argument: Any) -> frozenset[str]:
    if operator is constants.ANY:
        return _EVERY_SAMPLE
    if operator is constants.LITERAL:
        return frozenset({chr(argument), chr(argument).lower(), chr(argument).upper()})
    if operator is constants.NOT_LITERAL:
        return frozenset(sample for sample in _SAMPLES if sample.lower() != chr(argument).lower())
    return frozenset(sample for sample in _SAMPLES if _in_set(sample, argument))


def _in_set(sample: str, members: Sequence[Node]) -> bool:
    negated = bool(members) and members[0][0] is constants.NEGATE
    held = any(_holds(sample, operator, argument) for operator, argument in members)
    return held is not negated


def _holds(sample: str, operator: Any, argument: Any) -> bool:
    codes = {ord(sample), ord(sample.lower()), ord(sample.upper()[0])}
    if operator is constants.LITERAL:
        return argument in codes
    if operator is constants.RANGE:
        return any(argument[0] <= code <= argument[1] for code in codes)
    return operator is constants.CATEGORY and re.match(_CATEGORIES[argument], sample) is not None


_CATEGORIES: Final = {
    constants.CATEGORY_DIGIT: r"\d",
    constants.CATEGORY_NOT_DIGIT: r"\D",
    constants.CATEGORY_SPACE: r"\s",
    constants.CATEGORY_NOT_SPACE: r"\S",
    constants.CATEGORY_WORD: r"\w",
    constants.CATEGORY_NOT_WORD: r"\W",
}


def _exponent(positions: Sequence[_Taker], *, anchored: bool) -> int:
    """To which power of a text's length the worst search grows."""
    if positions and positions[-1].repeated and positions[-1].taken == _EVERY_SAMPLE:
        positions = positions[:-1]  # what takes the whole rest of a line cannot fail
    highest, length = 1, 0
    before: frozenset[str] | None = None
    between: list[frozenset[str]] = []
    starts_anywhere = 0
    for position in positions:
        if not position.repeated:
            if not position.optional:
                between.append(position.taken)
            continue
        if before is not None and before & position.taken and _can_swallow(before | position.taken, between):
            length += 1
        else:
            length = 1
            fixed = (before is None and anchored) or not _can_swallow(position.taken, between)
            starts_anywhere = 0 if fixed or before is not None else 1
        highest = max(highest, length + starts_anywhere)
        before, between = position.taken, []
    return highest


def _can_swallow(repetition: frozenset[str], between: Sequence[frozenset[str]]) -> bool:
    """Whether everything that stands between could be taken by the repetitions: then nothing divides them."""
    return all(taken & repetition for taken in between)
