"""Questions as high as they can become: what the page plan is made for.

Drawn words and numbers differ in width, and conditions in a text add lines. So a question is
measured with the widest value of every name, with each drawn text in turn, and in each of its
versions; lower copies are filled up to the highest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random

from generator.bank.problem import Problem
from generator.bank.template import Shown, Text
from generator.exact.numbers import Value
from generator.solve.printed import shown_value, tex

Widest = Callable[[Problem, str, Shown], Sequence[str]]

TRIED = 300
"""Values that are put into the conditions of a text to find its versions."""

MOST_VERSIONS = 24
MOST_SHAPES = 24
MOST_TEXTS = 12
"""Members of a drawn text that are measured, the longest first."""


_INNER = re.compile(r"[|}{rlc@ ][pmb]\{|\\parbox|\{minipage\}")
"""What has lines of its own inside of a text."""


def highest(
    problem: Problem, text: Text, reference: Mapping[str, Shown], widest: Widest | None = None
) -> Iterator[str]:
    """The renderings of a text among which is the highest; the reference's is the first.

    Args:
        reference: Name to the reference copy's value, of all names of the text.
        widest: What a name prints at its widest; the longest by default, but one of each shape
            where the text has narrow columns: which of them breaks a line there, and which letters
            are left for the last one, is for TeX to say.
    """
    yield text.render(reference)
    if not text.varies:
        return
    widest = widest or (of_each_shape if _INNER.search(text.source) else _widest)
    printed = {name: widest(problem, name, reference[name]) for name in sorted(text.names)}
    for version in _versions(problem, text, reference):
        longest = {name: members[0] for name, members in printed.items()}
        yield _filled(version, longest)
        for name, members in printed.items():
            if f"\x01{name}\x02" in version:
                for member in members[1:]:
                    yield _filled(version, {**longest, name: member})


def of_each_shape(problem: Problem, name: str, reference: Shown) -> Sequence[str]:
    """What a name can print, one of each shape: which is the widest is for TeX to say.

    Digits are equally wide, but a minus is wider than a digit.
    """
    shown = {tex(problem, name, member) for member in _members(problem, name)}
    shapes = {re.sub(r"\d", "0", it): it for it in sorted(shown, key=_length)}
    return [*reversed(shapes.values())][:MOST_SHAPES] or [str(reference)]


def _widest(problem: Problem, name: str, reference: Shown) -> Sequence[str]:
    """What a name prints at its widest: one number, or the longest of its texts."""
    members = _members(problem, name)
    shown = sorted({tex(problem, name, it) for it in members}, key=_length, reverse=True)
    if not shown:
        return [str(reference)]
    return shown[: MOST_TEXTS if isinstance(members[0], str) else 1]


def _length(shown: str) -> tuple[int, bool, str]:
    """How long a value is, a minus before digits; the same order in every run."""
    return len(shown), "-" in shown, shown


def _members(problem: Problem, name: str) -> tuple[Value, ...]:
    group = problem.variables.get(name)
    return group.samples() if group is not None else ()


def _versions(problem: Problem, text: Text, reference: Mapping[str, Shown]) -> list[str]:
    """The versions that a text's conditions make of it, with marks for its values."""
    random = Random(text.source)
    found: dict[str, None] = {}
    for _ in range(TRIED if "<%" in text.source else 1):
        values = {}
        for name in sorted(text.names):
            members = _members(problem, name)
            value = random.choice(members) if members else reference[name].value
            values[name] = (
                shown_value(problem, name, value)
                if isinstance(value, tuple)
                else Shown(value, f"\x01{name}\x02")
            )
        found[text.render(values)] = None
    return list(found)[:MOST_VERSIONS]


def _filled(version: str, printed: Mapping[str, str]) -> str:
    for name, shown in printed.items():
        version = version.replace(f"\x01{name}\x02", shown)
    return version
