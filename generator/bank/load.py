"""Reads ``exam.yaml`` and its problem files into a frozen :class:`Exam`.

Everything that is wrong in all files is collected and raised at once.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from generator import figures, solvers
from generator.bank import models
from generator.bank.problem import (
    FALLBACK_PREFIX,
    FROM_FALLBACK,
    ComputedStatement,
    Exam,
    Figure,
    FixedPart,
    Group,
    Mistake,
    OpenPart,
    OrderPart,
    Part,
    PoolPart,
    Problem,
    Require,
    RubricItem,
    Spares,
    Statement,
)
from generator.bank.source import Source, read_yaml, type_path
from generator.bank.text import Text, TextError, read_text
from generator.errors import InputError
from generator.errors import Problem as Complaint
from generator.expressions import (
    Expression,
    ExpressionError,
    Step,
    Steps,
    StepsError,
    compile_expression,
)
from generator.numbers import Value, format_number, places

MAX_VARIANTS = 64
OPTIONS = 4
LABELS = "ABCDEFGH"

_Model = TypeVar("_Model", bound=BaseModel)


def load_exam(path: Path, figure_dir: Path) -> Exam:
    """Reads the exam and its problems.

    Args:
        path: The exam file; the problem files are named relative to it.
        figure_dir: Where ``NAME.tex`` of each figure is.

    Raises:
        InputError: All that is wrong in all files.
    """
    complaints: list[Complaint] = []
    exam = _parse(path, models.ExamFile, complaints)
    if exam is None:
        raise InputError(complaints)
    source, model = exam
    loaded: list[Problem | None] = []
    for index, name in enumerate(model.problems):
        file = path.parent / name
        if name in model.problems[:index]:
            complaints.append(source.problem(("problems", index), f"{name} is there twice"))
            continue
        parsed = _parse(file, models.ProblemFile, complaints)
        loaded.append(parsed and _Reader(parsed[0], figure_dir, complaints).read(parsed[1]))
    problems = [problem for problem in loaded if problem is not None]
    _check_exam(source, model, problems, len(problems) == len(model.problems), complaints)
    if complaints:
        raise InputError(complaints)
    return _exam(model, tuple(problems), source.name)


def _exam(model: models.ExamFile, problems: tuple[Problem, ...], file: str) -> Exam:
    return Exam(
        **{
            name: getattr(model, name)
            for name in (
                *("id", "university", "chair", "course", "module", "title", "examiner"),
                *("date", "start", "end", "minutes", "credits", "pages", "additional_pages"),
                "keys_released",
            )
        },
        spares=Spares(model.spare_copies.per_room, model.spare_copies.rooms),
        problems=problems,
        file=file,
    )


def _check_exam(
    source: Source,
    model: models.ExamFile,
    problems: Sequence[Problem],
    complete: bool,
    complaints: list[Complaint],
) -> None:
    seen: dict[str, str] = {}
    for problem in problems:
        if problem.id in seen:
            message = f"problem id {problem.id} is there in {seen[problem.id]} already"
            complaints.append(Complaint(problem.file, 1, 1, "id", message))
        seen[problem.id] = problem.file
    total = sum((problem.points for problem in problems), Fraction(0))
    if complete and total != model.credits:
        found = " + ".join(format_number(problem.points) for problem in problems)
        message = (
            f"{format_number(model.credits)} credits, but the problems give {found} = "
            f"{format_number(total)}; make them equal"
        )
        complaints.append(source.problem(("credits",), message))


def _parse(
    path: Path, model: type[_Model], complaints: list[Complaint]
) -> tuple[Source, _Model] | None:
    try:
        source = read_yaml(path)
    except InputError as error:
        complaints.extend(error.problems)
        return None
    try:
        return source, model.model_validate(source.data)
    except ValidationError as error:
        complaints.extend(
            _translate(source, model, dict(detail))
            for detail in error.errors(include_url=False, include_input=True)
        )
        return None


def _translate(source: Source, model: type[BaseModel], detail: dict[str, Any]) -> Complaint:
    """A pydantic error as a message at a place of the file."""
    path: list[str | int] = []
    data = source.data
    for key in detail["loc"]:
        inside = isinstance(data, dict) and key in data
        inside = inside or (isinstance(data, list) and isinstance(key, int) and key < len(data))
        if inside:
            path.append(key)
            data = data[key]
        elif detail["type"] in {"missing"} and key == detail["loc"][-1]:
            return source.problem(tuple(path), f"the field {key} is missing")
    kind, message = detail["type"], str(detail["msg"])
    if kind == "extra_forbidden":
        key = str(path.pop())
        place = source.place((*path, key))
        near = difflib.get_close_matches(key, _fields(source, tuple(path), model), n=2)
        hint = f"; did you mean {' or '.join(near)}?" if near else "; remove it"
        where = source.describe((*path, key))
        return Complaint(source.name, *place, where, f"unknown key {key!r}{hint}")
    if kind == "value_error":
        message = message.removeprefix("Value error, ")
    elif kind == "too_short" and data in ([], {}):
        message = "expected at least one entry, got none"
    elif isinstance(detail.get("input"), str):
        message = f"{message[:1].lower()}{message[1:]}, got {str(detail['input'])!r}"
    else:
        message = message[:1].lower() + message[1:]
    return source.problem(tuple(path), message)


def _fields(source: Source, path: type_path, model: type[BaseModel]) -> list[str]:
    """All field names of the format: near ones are offered for a misspelled key."""
    names: set[str] = set()
    todo: list[type[BaseModel]] = [model]
    for cls in (*models.Model.__subclasses__(), *models.Part.__subclasses__(), *todo):
        names.update(info.alias or name for name, info in cls.model_fields.items())
    return sorted(names)


@dataclass
class _Reader:
    """Turns one problem file into a :class:`Problem`."""

    source: Source
    figure_dir: Path
    complaints: list[Complaint]
    symbols: Mapping[str, str] = field(default_factory=dict)

    def say(self, path: type_path, message: str) -> None:
        self.complaints.append(self.source.problem(path, message))

    def read(self, model: models.ProblemFile) -> Problem | None:
        before = len(self.complaints)
        groups = tuple(self.groups(model))
        names = {name: group for group in groups for name in group.names}
        steps = self.steps(model, names)
        known = {*names, *self.step_names(model)}
        parts = tuple(self.part(model, index, names, known) for index in range(len(model.parts)))
        requires = self.requires(model, known)
        intro = self.text(("intro",), model.intro, known)
        figure = self.figure(("figure",), model.figure, f"{model.id}-intro", names)
        reference = self.reference(model, names)
        self.check_points(model)
        self.check_used(model, names, steps, requires, [intro, *self.paper_texts(parts)], parts)
        if steps is None or len(self.complaints) > before:
            return None
        return Problem(
            id=model.id,
            title=model.title,
            points=model.points,
            choice=model.kind == "choice",
            min_decimals=model.min_decimals,
            symbols=dict(model.symbols),
            intro=intro,
            figure=figure,
            groups=groups,
            requires=requires,
            steps=steps,
            parts=parts,
            reference=reference,
            file=self.source.name,
        )

    # what is drawn

    def groups(self, model: models.ProblemFile) -> Iterable[Group]:
        seen: dict[str, str] = {}
        for path, entry, part in self.draw_entries(model):
            for name in entry.names:
                if name in seen:
                    self.say((*path, "names"), f"{name} is drawn already in {seen[name]}")
                seen[name] = self.source.describe(path)
            yield self.group(path, entry, entry.names, entry.different, part, False)
        for index, part_model in enumerate(model.parts):
            if isinstance(part_model, models.OpenPart):
                for name, listing in part_model.fallback.items():
                    path = ("parts", index, "fallback", name)
                    named = (FALLBACK_PREFIX + name,)
                    yield self.group(path, listing, named, False, part_model.id, True)

    @staticmethod
    def draw_entries(
        model: models.ProblemFile,
    ) -> Iterable[tuple[type_path, models.DrawEntry, str | None]]:
        for index, entry in enumerate(model.draw):
            yield ("draw", index), entry, None
        for number, part in enumerate(model.parts):
            for index, entry in enumerate(part.draw):
                yield ("parts", number, "draw", index), entry, part.id

    def group(
        self,
        path: type_path,
        listing: models.DrawList,
        names: tuple[str, ...],
        different: bool,
        part: str | None,
        fallback: bool,
    ) -> Group:
        members = listing.members()
        numbers = [member for member in members if isinstance(member, Fraction)]
        if len(numbers) not in {0, len(members)}:
            self.say(path, "the list mixes numbers and texts; put texts and numbers apart")
        longest = max((places(number) or 0 for number in numbers), default=0)
        if len(set(members)) < len(members):
            self.say(path, "a member is there twice; every member is drawn equally often")
        # Fallback values stand in a sentence and are as short as they can be.
        decimals = listing.decimals if listing.decimals is not None else 0 if fallback else longest
        return Group(names, tuple(members), different, decimals, part, fallback)

    def reference(
        self, model: models.ProblemFile, names: Mapping[str, Group]
    ) -> Mapping[str, Value]:
        given: dict[str, tuple[type_path, Value]] = {}
        for path, values in self.reference_maps(model):
            for name, value in values.items():
                prefix = FALLBACK_PREFIX if path[-1] == "reference_fallback" else ""
                given[prefix + name] = ((*path, name), value)
        for name, (path, value) in given.items():
            if name not in names:
                self.say(path, f"{name} is not drawn; remove it")
            elif value not in names[name].members:
                self.say(path, f"{value} is not in the list that {name} is drawn from")
        for name, group in names.items():
            if name not in given:
                where = "reference_fallback" if group.fallback else "reference"
                self.say((), f"{where} gives no value for {name.removeprefix(FALLBACK_PREFIX)}")
        return {name: value for name, (_, value) in given.items()}

    @staticmethod
    def reference_maps(
        model: models.ProblemFile,
    ) -> Iterable[tuple[type_path, Mapping[str, Value]]]:
        yield ("reference",), model.reference
        for index, part in enumerate(model.parts):
            if isinstance(part, models.OpenPart):
                yield ("parts", index, "reference"), part.reference
                yield ("parts", index, "reference_fallback"), part.reference_fallback
            elif isinstance(part, models.PoolPart):
                yield ("parts", index, "reference_values"), part.reference_values

    # what is computed

    @staticmethod
    def step_names(model: models.ProblemFile) -> set[str]:
        names: set[str] = set()
        for part in model.parts:
            if isinstance(part, models.OpenPart):
                names |= {*part.steps, *(part.solver.gives if part.solver else ())}
        return names

    def steps(self, model: models.ProblemFile, names: Mapping[str, Group]) -> Steps | None:
        """All steps and solvers of the problem; None where some of them are wrong."""
        members: list[Step | solvers.Solver] = []
        paths: dict[str, type_path] = {}
        before = len(self.complaints)
        for index, part in enumerate(model.parts):
            if not isinstance(part, models.OpenPart):
                continue
            for name, step in part.steps.items():
                path = paths[name] = ("parts", index, "steps", name)
                expression = self.expression(path, step.is_)
                if step.decimals is not None and step.significant is not None:
                    self.say(path, "expected either decimals or significant, not both")
                elif expression is not None:
                    members.append(Step(name, expression, step.decimals, step.significant))
            if part.solver is not None:
                path = ("parts", index, "solver")
                paths.update(dict.fromkeys(part.solver.gives, path))
                solver = self.solver(path, part.solver, {*names, *self.step_names(model)})
                members += [solver] if solver else []
        if len(self.complaints) > before:
            return None
        try:
            return Steps(members, names)
        except StepsError as error:
            for problem in error.problems:
                self.say(paths[problem.step], problem.message)
            return None

    def solver(
        self, path: type_path, use: models.SolverUse, known: set[str]
    ) -> solvers.Solver | None:
        try:
            solver = solvers.get_solver(use.name)
        except KeyError as error:
            self.say((*path, "name"), str(error.args[0]))
            return None
        for field_name in ("uses", "gives"):
            if tuple(getattr(use, field_name)) != tuple(getattr(solver, field_name)):
                expected = ", ".join(getattr(solver, field_name))
                message = f"expected [{expected}], as the solver {use.name} says"
                self.say((*path, field_name), message)
                return None
        unknown = [name for name in use.uses if name not in known]
        if unknown:
            self.say((*path, "uses"), f"{', '.join(unknown)}: neither drawn nor a step")
            return None
        return solver

    def expression(self, path: type_path, source: str) -> Expression | None:
        try:
            return compile_expression(source)
        except ExpressionError as error:
            self.say(path, f"{error}, in {source!r}")
            return None

    def requires(self, model: models.ProblemFile, known: set[str]) -> tuple[Require, ...]:
        result = []
        allowed = known | {name + FROM_FALLBACK for name in self.step_names(model)}
        sources: list[tuple[type_path, str]] = [
            (("require", index), text) for index, text in enumerate(model.require)
        ]
        for number, part in enumerate(model.parts):
            for index, text in enumerate(part.require):
                sources.append((("parts", number, "require", index), text))
        for path, text in sources:
            expression = self.expression(path, text)
            if expression is None:
                continue
            for name in sorted(expression.names - allowed):
                self.say(path, f"{name} is neither drawn nor a step, in {text!r}")
            result.append(Require(expression, self.source.place(path)[0]))
        return tuple(result)

    # what is printed

    def text(self, path: type_path, source: str, known: Iterable[str]) -> Text:
        line = self.source.text_lines.get(path, self.source.place(path)[0])
        try:
            text = read_text(source, line)
        except TextError as error:
            where = self.source.describe(path)
            message = f"{error} in line {line + error.line}"
            self.complaints.append(
                Complaint(self.source.name, line + error.line, 1, where, message)
            )
            return Text("", line)
        for name in sorted(text.names - set(known)):
            offset = source[: max(source.find(name), 0)].count("\n")
            near = difflib.get_close_matches(name, list(known), n=2)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            message = f"<< {name} >> is neither drawn nor a step{hint}"
            where = self.source.describe(path)
            self.complaints.append(Complaint(self.source.name, line + offset, 1, where, message))
        return text

    def figure(
        self,
        path: type_path,
        use: models.FigureUse | None,
        slot: str,
        names: Mapping[str, Group],
    ) -> Figure | None:
        if use is None:
            return None
        file = self.figure_dir / f"{use.name}.tex"
        if not file.is_file():
            self.say((*path, "name"), f"there is no figure {file}")
        unknown = [name for name in use.values if name not in names]
        if unknown:
            self.say((*path, "values"), f"{', '.join(unknown)}: not drawn")
        elif (variants := prod(len(names[name].members) for name in use.values)) > MAX_VARIANTS:
            message = (
                f"the figure has up to {variants} variants; at most {MAX_VARIANTS} are allowed"
            )
            self.say((*path, "values"), message)
        compute: Callable[[Mapping[str, Value]], Mapping[str, str]] | None = None
        if use.compute is not None:
            try:
                compute = figures.get_figure(use.compute)
            except KeyError as error:
                self.say((*path, "compute"), str(error.args[0]))
        return Figure(slot, use.name, tuple(use.values), compute)

    def part(
        self,
        model: models.ProblemFile,
        index: int,
        names: Mapping[str, Group],
        known: set[str],
    ) -> Part:
        part = model.parts[index]
        path: type_path = ("parts", index)
        if part.id.split(".")[0] != model.id:
            self.say((*path, "id"), f"the part's id must begin with {model.id}., got {part.id!r}")
        if part.id in [other.id for other in model.parts[:index]]:
            self.say((*path, "id"), f"the id {part.id} is there twice")
        is_open = isinstance(part, models.OpenPart)
        if is_open == (model.kind == "choice"):
            message = (
                "a problem of kind choice has only multiple choice, with statements, order or "
                "options; other problems have none"
            )
            self.say(path, message)
        common: dict[str, Any] = {
            "id": part.id,
            "points": part.points,
            "ask": self.text((*path, "ask"), part.ask, known),
            "new_page": part.new_page,
            "figure": self.figure((*path, "figure"), part.figure, f"{part.id}-ask", names),
        }
        if isinstance(part, models.OpenPart):
            return self.open_part(path, part, names, known, common)
        if isinstance(part, models.PoolPart):
            return self.pool_part(path, part, known, common)
        if isinstance(part, models.OrderPart):
            return self.order_part(path, part, common)
        options = tuple(
            self.statement((*path, "options", number), option, known)
            for number, option in enumerate(part.options)
        )
        return FixedPart(**common, options=options)

    def open_part(
        self,
        path: type_path,
        part: models.OpenPart,
        names: Mapping[str, Group],
        known: set[str],
        common: dict[str, Any],
    ) -> OpenPart:
        earned = sum((item.points for item in part.rubric), Fraction(0))
        if earned != part.points:
            message = (
                f"the items give {format_number(earned)} points, the part "
                f"{format_number(part.points)}; make them equal"
            )
            self.say((*path, "rubric"), message)
        for number, item in enumerate(part.rubric):
            here = (*path, "rubric", number)
            if item.points % Fraction(1, 2):
                self.say((*here, "points"), "points are given in halves")
            if item.step is not None and item.step not in known:
                self.say((*here, "step"), f"{item.step} is not a step")
        for number, mistake in enumerate(part.mistakes):
            if mistake.earns > part.points:
                message = f"more than the part's {format_number(part.points)} points"
                self.say((*path, "mistakes", number, "earns"), message)
        for name in part.fallback:
            if name not in known or name in names:
                self.say((*path, "fallback", name), f"{name} is not a step of an earlier part")
        if part.canvas_answer is not None and part.canvas is None:
            self.say((*path, "canvas_answer"), "there is no canvas that it answers")
        if not part.steps and not part.answer and not part.solver and not part.canvas_answer:
            self.say(path, "expected a solution: steps, solver or answer")
        gives = part.solver.gives if part.solver else ()
        return OpenPart(
            **common,
            space_mm=part.space,
            canvas=self.figure((*path, "canvas"), part.canvas, f"{part.id}-canvas", names),
            canvas_answer=self.figure(
                (*path, "canvas_answer"), part.canvas_answer, f"{part.id}-canvas-answer", names
            ),
            fallback=tuple(part.fallback),
            steps=tuple(part.steps),
            answers=(*(name for name, step in part.steps.items() if not step.working), *gives),
            answer=self.text((*path, "answer"), part.answer, known),
            rubric=tuple(
                RubricItem(
                    item.points,
                    self.text((*path, "rubric", number, "for"), item.for_, known)
                    if item.for_ is not None
                    else None,
                    item.step,
                )
                for number, item in enumerate(part.rubric)
            ),
            also_accept=tuple(
                self.text((*path, "also_accept", number), text, known)
                for number, text in enumerate(part.also_accept)
            ),
            mistakes=tuple(
                Mistake(self.text((*path, "mistakes", number, "is"), it.is_, known), it.earns)
                for number, it in enumerate(part.mistakes)
            ),
            solver=part.solver.name if part.solver else None,
        )

    def statement(
        self, path: type_path, model: models.Statement, known: Iterable[str]
    ) -> Statement:
        return Statement(
            model.correct,
            self.text((*path, "say"), model.say, known),
            self.text((*path, "why"), model.why, known),
        )

    def pool_part(
        self, path: type_path, part: models.PoolPart, known: set[str], common: dict[str, Any]
    ) -> PoolPart:
        for wanted, word in ((True, "correct"), (False, "wrong")):
            count = sum(statement.correct is wanted for statement in part.statements.values())
            if count < OPTIONS:
                message = (
                    f"{count} statements are {word}; at least {OPTIONS} are needed so that any "
                    "number of options can be right"
                )
                self.say((*path, "statements"), message)
        for number, name in enumerate(part.reference):
            if name not in part.statements:
                self.say((*path, "reference", number), f"there is no statement {name}")
        computed = {}
        for name, statement in part.computed.items():
            here = (*path, "computed", name)
            if name in part.statements:
                self.say(here, f"a statement is called {name} already")
            expressions = [
                self.expression((*here, "right"), statement.right),
                *(
                    self.expression((*here, "wrong", number), text)
                    for number, text in enumerate(statement.wrong)
                ),
            ]
            for expression in expressions:
                for missing in sorted(expression.names - known) if expression else ():
                    self.say(here, f"{missing} is neither drawn nor a step")
            texts = [
                self.text((*here, key), getattr(statement, key), {*known, extra})
                for key, extra in (("say", "shown"), ("why", "right"))
            ]
            if all(expressions):
                right, *wrong = [item for item in expressions if item is not None]
                computed[name] = ComputedStatement(right, tuple(wrong), *texts)
        statements = {
            name: self.statement((*path, "statements", name), statement, known)
            for name, statement in part.statements.items()
        }
        return PoolPart(
            **common, statements=statements, computed=computed, reference=part.reference
        )

    def order_part(
        self, path: type_path, part: models.OrderPart, common: dict[str, Any]
    ) -> OrderPart:
        order, reference = part.order, part.reference_order
        count = len(order.steps)
        right = tuple(range(count))
        wrong = []
        for number, numbers in enumerate(order.wrong):
            indices = tuple(value - 1 for value in numbers)
            here = (*path, "order", "wrong", number)
            if sorted(indices) != list(right):
                self.say(here, f"expected the numbers 1 to {count}, each once")
            elif indices == right or indices in wrong:
                self.say(here, "this is the right order" if indices == right else "there twice")
            wrong.append(indices)
        labels = tuple(LABELS[:count])
        if tuple(sorted(reference.labels)) != labels:
            self.say((*path, "reference_order", "labels"), f"expected each of {', '.join(labels)}")
        options = reference.options
        if len(options) != OPTIONS or sum(option == reference.labels for option in options) != 1:
            message = f"expected {OPTIONS} different orders, exactly one of them right"
            self.say((*path, "reference_order", "options"), message)
        return OrderPart(
            **common,
            steps=tuple(
                self.text((*path, "order", "steps", number), text, ())
                for number, text in enumerate(order.steps)
            ),
            wrong=tuple(wrong),
            reference_labels=reference.labels,
            reference_options=options,
        )

    # what must agree

    def check_points(self, model: models.ProblemFile) -> None:
        total = sum((part.points for part in model.parts), Fraction(0))
        if total != model.points:
            message = (
                f"{format_number(model.points)} points, but the parts give {format_number(total)}; "
                "make them equal"
            )
            self.say(("points",), message)

    @staticmethod
    def paper_texts(parts: Iterable[Part]) -> Iterable[Text]:
        for part in parts:
            yield part.ask
            if isinstance(part, PoolPart):
                yield from (statement.say for statement in part.computed.values())
                yield from (statement.say for statement in part.statements.values())

    def check_used(
        self,
        model: models.ProblemFile,
        names: Mapping[str, Group],
        steps: Steps | None,
        requires: Iterable[Require],
        texts: Iterable[Text],
        parts: Iterable[Part],
    ) -> None:
        """Every drawn name is printed, in a figure or in a formula; else it is a mistake."""
        used = {name for text in texts for name in text.names}
        used |= {name for require in requires for name in require.expression.names}
        members = steps.members if steps is not None else ()
        used |= set(names) if steps is None else {name for it in members for name in it.names}
        for part in parts:
            for statement in part.computed.values() if isinstance(part, PoolPart) else ():
                used |= statement.right.names.union(*(wrong.names for wrong in statement.wrong))
        uses = [model.figure, *(part.figure for part in model.parts)]
        for part_model in model.parts:
            if isinstance(part_model, models.OpenPart):
                uses += [part_model.canvas, part_model.canvas_answer]
        used |= {name for use in uses if use is not None for name in use.values}
        for path, entry, _ in self.draw_entries(model):
            for name in entry.names:
                if name not in used:
                    message = (
                        f"{name} is drawn but never used; print it, compute with it or drop it"
                    )
                    self.say((*path, "names"), message)
