"""What an option of multiple choice says in a copy."""

from __future__ import annotations

import re
from functools import lru_cache

from generator.bank.part import SolvedOption
from generator.bank.problem import Problem
from generator.bank.template import Shown, Text
from generator.solve.printed import shown_value
from generator.solve.solve import Solution


def option_values(
    problem: Problem, text: Text, option: SolvedOption, solution: Solution
) -> dict[str, Shown]:
    """The values that the text of an option prints."""
    own = {"shown": option.shown, "right": option.right, **option.printed}
    values = {}
    for name in text.names:
        value = own.get(name)
        if value is None:
            value = solution.values[name]
        values[name] = shown_value(problem, name, value)
    return values


@lru_cache(maxsize=4096)
def as_read(text: str) -> str:
    """The TeX of an option without what makes no difference to who reads it.

    Dollar signs, groups, kinds of spaces, and a full stop at the end.
    """
    bare = re.sub(r"\\[ ,;:!]|(?<!\\)~|\\ensuremath", " ", text)
    return re.sub(r"(?<!\\)[{}$]|\s", "", bare).rstrip(".")
