"""Randomized exam variants: papers, answer keys and page codes from a YAML bank.

What programs may rely on:

- :func:`load_exam`, :func:`read_roster`: :class:`Exam` and :class:`Roster`, or all that is wrong
- :func:`check`: what `make check` finds, as :class:`Checked`
- :func:`build`: builds and releases a batch; gives a :class:`Built`
- :func:`open_batch`: a :class:`Batch` that was built once: its copies, solutions, keys, layout
- :func:`solver`, :func:`whole`: what solvers of one's own are written with
- the errors of :mod:`generator.errors`

Progress goes to where one gives it: a `Terminal`, a function (`Reporting`), or nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.errors import Complaint, CopyError, GeneratorError, InputError, ToolMissingError
from generator.files.program import VERSION

if TYPE_CHECKING:
    from generator.api import build, check, load_exam
    from generator.bank.exam import Exam
    from generator.bank.plugins.solvers import solver, whole
    from generator.commands.check import Checked
    from generator.exact.numbers import Value
    from generator.pipeline.built import Built
    from generator.record.batch import Batch, open_batch
    from generator.roster import Roster, read_roster
    from generator.work.progress import Progress, Reporting, Terminal

__version__ = VERSION

__all__ = [
    "Batch",
    "Built",
    "Checked",
    "Complaint",
    "CopyError",
    "Exam",
    "GeneratorError",
    "InputError",
    "Progress",
    "Reporting",
    "Roster",
    "Terminal",
    "ToolMissingError",
    "Value",
    "build",
    "check",
    "load_exam",
    "open_batch",
    "read_roster",
    "solver",
    "whole",
]

_HOME = {
    "Batch": "generator.record.batch",
    "Built": "generator.pipeline.built",
    "Checked": "generator.commands.check",
    "Exam": "generator.bank.exam",
    "Progress": "generator.work.progress",
    "Reporting": "generator.work.progress",
    "Roster": "generator.roster",
    "Terminal": "generator.work.progress",
    "Value": "generator.exact.numbers",
    "build": "generator.api",
    "check": "generator.api",
    "load_exam": "generator.api",
    "open_batch": "generator.record.batch",
    "read_roster": "generator.roster",
    "solver": "generator.bank.plugins.solvers",
    "whole": "generator.bank.plugins.solvers",
}


def __getattr__(name: str) -> Any:
    # Loaded when it is used: the command line starts without what its command does not need.
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    # What is loaded later is shown as well.
    return sorted([*__all__, "__doc__", "__version__"])
