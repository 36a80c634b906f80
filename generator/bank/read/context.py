"""The desk at which one problem file is read: its names, and where complaints go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from generator.bank import models
from generator.bank.parsed_file import Parsed, near_names
from generator.bank.plugins.own import Plugins
from generator.bank.problem import FALLBACK_PREFIX
from generator.bank.yaml import Route, Source
from generator.errors import Complaint
from generator.language.conventions import PLAIN, Conventions


@dataclass(frozen=True)
class Spot:
    """Where in a problem something stands.

    Attributes:
        part: Index of the part in the file; None for what belongs to the whole problem.
        alternative: Index of the question, where the part is a choice of questions.
    """

    part: int | None = None
    alternative: int | None = None

    @property
    def route(self) -> Route:
        """The way to it in the file."""
        if self.part is None:
            return ()
        if self.alternative is None:
            return ("parts", self.part)
        return ("parts", self.part, "alternatives", self.alternative)


@dataclass(frozen=True)
class Known:
    """What a name stands for.

    Attributes:
        kind: A drawn name, a printed fallback value, a step, or a name of something that could not
            be read.
        spot: Where it is defined.
        route: The definition.
        working: Whether a step is marked as working.
    """

    kind: Literal["drawn", "fallback", "step", "unread"]
    spot: Spot
    route: Route
    working: bool = False


@dataclass
class ReadingDesk:
    """One problem file while it is read.

    Attributes:
        source: The file.
        model: What it says; parts that could not be read are left out.
        kept: Index in the file of each part of the model.
        whole: Whether no part was left out.
        figure_dir: Where the figures are.
        complaints: Gets what is wrong.
        names: All names of the problem.
        used: Drawn names that are printed or computed with.
        printed: Names that the paper's texts use.
        conventions: How the exam writes.
        plugins: The solvers that the problem may name.
        paper_columns: So many columns the problems of the exam stand in.
    """

    source: Source
    model: models.ProblemFields
    kept: tuple[int, ...]
    whole: bool
    figure_dir: Path
    complaints: list[Complaint]
    plugins: Plugins
    names: dict[str, Known] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    printed: set[str] = field(default_factory=set)
    conventions: Conventions = PLAIN
    paper_columns: int = 1

    def say(self, route: Route, message: str, offset: int | None = None) -> None:
        """Complains about a value, or about a character of a scalar."""
        self.complaints.append(self.source.problem(route, message, offset))

    def say_key(self, route: Route, message: str) -> None:
        """Complains about a key."""
        self.complaints.append(self.source.key_problem(route, message))

    def complain(self, place: tuple[int, int], where: str, message: str) -> None:
        """Complains about a line and column."""
        self.complaints.append(Complaint(self.source.name, *place, where, message))

    def parts(self) -> Iterator[tuple[Spot, models.PartFields]]:
        """The parts and where they are."""
        for index, part in zip(self.kept, self.model.parts, strict=True):
            yield Spot(index), part

    def questions(self) -> Iterator[tuple[Spot, models.Drawn]]:
        """All that draws or is solved: the problem, its parts, and their alternatives."""
        yield Spot(), self.model
        for spot, part in self.parts():
            for index, question in part.sets:
                yield Spot(spot.part, index), question

    def part_id(self, spot: Spot) -> str:
        """The id of the part at a spot, for people; empty for the problem itself."""
        return self.source.describe(spot.route[:2]).removeprefix("parts.") if spot.route else ""

    def alternative(self, spot: Spot) -> tuple[str, int] | None:
        """Part id and index of the alternative that a spot is in; None where it is in none."""
        return None if spot.alternative is None else (self.part_id(spot), spot.alternative)

    def why_unknown(self, name: str, spot: Spot) -> str | None:
        """Why something at a spot cannot use a name; None where it can."""
        known = self.names.get(name)
        if known is None:
            near = _as_written(near_names(name, self.names))
            hint = f"did you mean {near}?" if near else "draw it, or make it a step"
            return f"{_as_written(name)} is neither drawn nor a step; {hint}"
        if known.spot.alternative is None or spot == known.spot:
            return None
        return (
            f"{name} belongs to alternative {known.spot.alternative + 1} of "
            f"{self.part_id(known.spot)}, which not every copy has"
        )

    def why_not_computable(self, name: str, spot: Spot) -> str | None:
        """Why a step at a spot cannot use a name; None where it can."""
        known = self.names.get(name)
        if known is None or known.kind != "step" or known.spot.part is None or spot.part is None:
            return self.why_unknown(name, spot)
        if known.spot.part > spot.part:
            return (
                f"{name} is a step of the later part {self.part_id(known.spot)}; a step uses "
                "drawn names and steps of its own and of earlier parts"
            )
        return self.why_unknown(name, spot)

    def why_secret(self, name: str, spot: Spot) -> str | None:
        """Why a question at a spot cannot print a name; None where it can."""
        known = self.names.get(name)
        if known is None or known.kind != "step" or known.working:
            return self.why_unknown(name, spot)
        return (
            f"{name} is an answer of {self.part_id(known.spot)}; a question prints drawn names, "
            "fallback values and steps marked working: true"
        )


def _as_written(names: str) -> str:
    return names.replace(FALLBACK_PREFIX, "fallback.")


def open_desk(
    parsed: Parsed[models.ProblemFields],
    figure_dir: Path,
    complaints: list[Complaint],
    conventions: Conventions,
    plugins: Plugins,
    paper_columns: int,
) -> ReadingDesk | None:
    """The desk for a file, with its names collected; None where it could not be read."""
    if parsed.model is None:
        return None
    desk = ReadingDesk(
        parsed.source,
        parsed.model,
        parsed.kept,
        parsed.whole,
        figure_dir,
        complaints,
        plugins,
        conventions=conventions,
        paper_columns=paper_columns,
    )
    if not desk.whole:
        for name, route in _unread_names(parsed.source.data):
            desk.names[name] = Known("unread", Spot(), route)
    for name, known in _defined_names(desk):
        before = desk.names.get(name)
        if before is None or before.kind == "unread":
            desk.names[name] = known
            continue
        line, _ = desk.source.key_place(before.route)
        what = {"drawn": "drawn", "fallback": "a fallback value"}.get(before.kind, "a step")
        shown = name.removeprefix(FALLBACK_PREFIX)
        message = f"{shown} is {what} already in line {line}; a name is unique in the problem"
        desk.say_key(known.route, message)
    return desk


def _defined_names(desk: ReadingDesk) -> Iterator[tuple[str, Known]]:
    for name in desk.model.constants:
        yield name, Known("drawn", Spot(), ("constants", name))
    for spot, question in desk.questions():
        for number, entry in enumerate(question.draw):
            for place, name in enumerate(entry.names):
                yield name, Known("drawn", spot, (*spot.route, "draw", number, "names", place))
    for spot, question in desk.questions():
        for name in question.fallback_lists:
            route = (*spot.route, "fallback", name)
            yield FALLBACK_PREFIX + name, Known("fallback", spot, route)
        yield from _step_names(spot, question)


def _step_names(spot: Spot, question: models.Drawn) -> Iterator[tuple[str, Known]]:
    for name, step in question.own_steps.items():
        yield name, Known("step", spot, (*spot.route, "steps", name), step.working)
    solver = question.own_solver
    for place, name in enumerate(solver.gives if solver else ()):
        yield name, Known("step", spot, (*spot.route, "solver", "gives", place))


def _unread_names(data: Any, route: Route = ()) -> Iterator[tuple[str, Route]]:
    """All names that a file seems to define, also where it has errors."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            here = (*route, key)
            yield from ((name, here) for name in _names_at(key, value))
            yield from _unread_names(value, here)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _unread_names(value, (*route, index))


def _names_at(key: str, value: Any) -> Iterable[str]:
    if key in {"steps", "fallback"} and isinstance(value, Mapping):
        prefix = FALLBACK_PREFIX if key == "fallback" else ""
        return [prefix + name for name in value]
    if key in {"names", "gives"} and isinstance(value, list):
        return [name for name in value if isinstance(name, str)]
    return []
