"""Randomized exam variants: papers, answer keys and page codes from a YAML bank.

What programs may rely on:

- :func:`load_exam`, :func:`read_roster`: bank and roster, or all that is wrong with them
- :func:`check`: what `make check` finds
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
    from generator.bank.plugins.solvers import solver, whole
    from generator.exact.numbers import Value
    from generator.pipeline.built import Built
    from generator.record.batch import Batch, open_batch
    from generator.roster import read_roster
    from generator.work.progress import Progress, Reporting, Terminal

__version__ = VERSION

__all__ = [
    "Batch",
    "Built",
    "Complaint",
    "CopyError",
    "GeneratorError",
    "InputError",
    "Progress",
    "Reporting",
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
    "Progress": "generator.work.progress",
    "Reporting": "generator.work.progress",
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
