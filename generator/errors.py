"""The errors a user can meet, as a tree; each class owns its exit code and its advice.

    GeneratorError
    ├── InputError            2   bank, roster or arguments
    │   └── UnfitError        2   what is set does not fit
    ├── CopyError             3   a copy failed to typeset or to verify
    └── ToolMissingError      4   a program or a package is missing

Anything else that reaches a user is a bug.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Any, TypeVar

_Result = TypeVar("_Result")


class JoinedName(str):
    """The name of a file behind whose last line another one was read.

    Attributes:
        lines: How many lines it has itself.
        behind: The name of the other one, whose lines are counted on.
    """

    lines: int
    behind: str

    def __new__(cls, name: str, lines: int, behind: str) -> JoinedName:
        joined = super().__new__(cls, name)
        joined.lines, joined.behind = lines, behind
        return joined

    def __reduce__(self) -> tuple[Any, ...]:
        return JoinedName, (str(self), self.lines, self.behind)

    def place(self, line: int) -> tuple[str, int]:
        """The file in which a line stands, and which one it is there."""
        return (self.behind, line - self.lines) if line > self.lines else (str(self), line)


@dataclass(frozen=True, order=True)
class Complaint:
    """One thing that is wrong, where it is, and what would be right.

    Attributes:
        file: The file as the user named it; empty where no file is to blame.
        line: 1-based line, 0 where there is none.
        column: 1-based column, 0 where there is none.
        where: The field, e.g. ``parts.3.1.points``.
        message: What was found, what is expected and what to do.
    """

    file: str
    line: int
    column: int
    where: str
    message: str

    def __post_init__(self) -> None:
        if isinstance(self.file, JoinedName):
            file, line = self.file.place(self.line)
            object.__setattr__(self, "file", file)
            object.__setattr__(self, "line", line)

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f":{self.line}"
            if self.column:
                place += f":{self.column}"
        return ": ".join(piece for piece in (place, self.where, self.message) if piece)


_VALUES = re.compile(
    r",?;? (?:for the (?:draw|reference values)|drawn) .*| \([\d,]+ of .*", re.DOTALL
)
_QUOTED = re.compile(r"'[^']*'")
_NUMBERS = re.compile(r"-?\d+(?:[.,/]\d+)*")


def gist(message: str) -> str:
    """What a message says, whatever the values of the draw for which it does."""
    said = _QUOTED.sub("'#'", _VALUES.sub("", message))
    return _NUMBERS.sub("#", said)


class GeneratorError(Exception):
    """Base of all errors meant for the user.

    Attributes:
        exit_code: What the command line exits with.
        advice: What to do about it, or an empty string.
    """

    exit_code = 1
    advice = ""

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        super().__init__(message)
        if advice is not None:
            self.advice = advice

    def __reduce__(self) -> tuple[Any, ...]:
        # Workers send errors to the parent: as they are, without another call of the constructor.
        return _restored, (type(self), self.args, self.__dict__)


def _restored(
    kind: type[GeneratorError], args: tuple[Any, ...], state: Mapping[str, Any]
) -> GeneratorError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


class InputError(GeneratorError):
    """The bank, the roster or the arguments are wrong; carries all problems at once."""

    exit_code = 2

    def __init__(self, problems: Iterable[Complaint] | str, *, advice: str | None = None) -> None:
        if isinstance(problems, str):
            problems = [Complaint("", 0, 0, "", problems)]
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)), advice=advice)


class UnfitError(InputError):
    """All can be set, but some of it does not fit; it can be looked at."""


def all_at_once(attempts: Iterable[Callable[[], _Result]]) -> list[_Result]:
    """Does one thing after the other, the rest also where some fail.

    Raises:
        InputError: All that is wrong in any of them.
    """
    results: list[_Result] = []
    errors: list[InputError] = []
    for attempt in attempts:
        try:
            results.append(attempt())
        except InputError as error:
            errors.append(error)
    if errors:
        raise merged(errors)
    return results


def merged(errors: Sequence[InputError]) -> InputError:
    """All that is wrong, as one error."""
    soft = all(isinstance(error, UnfitError) for error in errors)
    advice = next((error.advice for error in errors if error.advice), None)
    complaints = [complaint for error in errors for complaint in error.problems]
    return (UnfitError if soft else InputError)(complaints, advice=advice)


NO_COPIES: Mapping[str, Complaint] = MappingProxyType({})


class CopyError(GeneratorError):
    """One or more copies could not be typeset or did not verify.

    Attributes:
        complaints: What is wrong, each as far as it is known with its place in the bank.
        messages: The same in words.
        failed: Code of each copy that failed to the first thing that is wrong with it; empty where
            something is wrong that is not of a copy.
    """

    exit_code = 3
    advice = "The former output is untouched. Mend what is named above and build again."

    def __init__(
        self,
        messages: Iterable[str | Complaint] | str,
        *,
        failed: Mapping[str, Complaint] = NO_COPIES,
        advice: str | None = None,
    ) -> None:
        self.failed = dict(failed)
        found = (messages,) if isinstance(messages, str) else tuple(messages)
        self.complaints = tuple(
            it if isinstance(it, Complaint) else Complaint("", 0, 0, "", it) for it in found
        )
        self.messages = tuple(map(str, self.complaints))
        super().__init__("\n".join(self.messages), advice=advice)


def copies_failed(wrong: Mapping[str, Sequence[Complaint]]) -> CopyError:
    """The error of some copies, from all that is wrong with each of them by its code."""
    return CopyError(
        chain.from_iterable(wrong.values()), failed={code: said[0] for code, said in wrong.items()}
    )


class ToolMissingError(GeneratorError):
    """A program that the build needs is not installed."""

    exit_code = 4

    def __init__(self, tool: str, install: str) -> None:
        super().__init__(f"{tool} is missing", advice=f"Install it with: {install}")
