"""Stage 3, draw: what a copy gets depends on names alone.

Each drawn index is a pure function of (secret, exam, copy, problem, epoch, variable, attempt).
There is no generator state and no order: another student, another problem or another version of
Python changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor

from generator.bank.mistaken import Mistaken
from generator.bank.part import ChoiceDraw, Crowded, Part
from generator.bank.problem import Problem, Require, Scope
from generator.draw.compiled import Trial, compiled_attempt, draw_different, draw_list
from generator.errors import Complaint, InputError
from generator.exact.dice import Dice
from generator.exact.numbers import Value, show_values
from generator.expressions import EvaluationError

MAX_ATTEMPTS = 2_000


@dataclass(frozen=True)
class Draw:
    """All that was drawn for one problem of one copy.

    Attributes:
        problem: The problem's id.
        epoch: Counts redraws that the examiner asked for.
        attempt: The attempt that met the conditions.
        values: The value of every drawn name, of alternatives only of those in force.
        choices: Part id to the options of multiple choice, or to the alternative.
    """

    problem: str
    epoch: int
    attempt: int
    values: Mapping[str, Value]
    choices: Mapping[str, ChoiceDraw] = field(default_factory=dict)


@dataclass(frozen=True)
class Band:
    """The work that copies of a problem may take; see :mod:`generator.draw.fairness`.

    Attributes:
        lowest: Smallest load of a draw.
        highest: Largest load of a draw.
        branches: The branch patterns that draws may have; None for any.
        steps: The steps that are counted.
    """

    lowest: Fraction
    highest: Fraction
    branches: frozenset[tuple[str, ...]] | None
    steps: tuple[str, ...]

    def refusal(self, problem: Problem, values: Mapping[str, Value]) -> str | None:
        """Which of the two a draw does not meet; None where it is like the others.

        Raises:
            EvaluationError: A step has no value for this draw.
        """
        branches, load = problem.steps.weigh(values, self.steps)
        if self.branches is not None and branches not in self.branches:
            return "the branch pattern"
        return None if self.lowest <= load <= self.highest else "the load"

    def __str__(self) -> str:
        loads = f"loads from {ceil(self.lowest)} to {floor(self.highest)}"
        if self.branches is None:
            return loads
        ordered = sorted(self.branches, key=lambda pattern: (len(pattern), pattern))
        shown = " or ".join(" ".join(pattern) or "none" for pattern in ordered[:MOST_PATTERNS])
        more = len(ordered) - MOST_PATTERNS
        return f"{loads}, branch pattern {shown}" + (f" or one of {more} more" if more > 0 else "")


MOST_PATTERNS = 4
"""Branch patterns that a message lists."""

NO_BANDS: Mapping[str, Band] = {}
"""Where the work that a copy takes does not matter."""

Reason = Require | Mistaken | str
"""What a draw did not meet: a condition, a mistake that would lead to the right result in spite of
it, the part whose options are too near to each other, or a word for what :class:`Band` asks for."""


def draw_problem(
    problem: Problem,
    dice: Dice,
    band: Band | None = None,
    refused: Counter[Reason] | None = None,
) -> Draw:
    """Draws until the conditions are met.

    Args:
        band: The work that a copy may take; None for any.
        refused: Counts what attempts did not meet; to do without it is quicker.

    Raises:
        InputError: No draw of the bounded number of attempts meets them; names the conditions.
    """
    alternatives = _draw_alternatives(problem, dice)
    whole, problem = problem, resolve(problem, alternatives)
    counts: Counter[Reason] = Counter() if refused is None else refused
    before = Counter(counts)
    in_order = refused is not None
    compiled = compiled_attempt(problem, avoided_mistakes(problem), in_order=in_order)
    drawn = Attempt(problem, dice)
    for attempt in range(MAX_ATTEMPTS):
        drawn.begin(attempt)
        refusal = _not_met(problem, drawn, compiled) or _outside(problem, drawn, band)
        if refusal is None:
            values = drawn.all()
            try:
                choices = alternatives | _draw_choices(problem, dice, attempt, drawn)
            except Crowded as error:
                counts[error.part] += 1
                continue
            except EvaluationError as error:
                raise InputError([without_value(problem, values, error)]) from None
            return Draw(problem.id, dice.epoch, attempt, values, choices)
        counts[refusal] += 1
    if not in_order:  # which conditions are not met, attempt by attempt
        return draw_problem(whole, dice, band, before)
    raise InputError(_exhausted(problem, counts - before, drawn.all(), band))


def _not_met(problem: Problem, drawn: Attempt, compiled: Trial | None) -> Require | Mistaken | None:
    """The first condition that is not met, or the first mistake that leads to the right result.

    Args:
        drawn: Gets what was found out.
        compiled: Does the same at once.
    """
    if compiled is not None:
        try:
            found = compiled(drawn.dice, drawn.attempt)
        except Exception:  # it is said below, with its place
            pass
        else:
            if isinstance(found, dict):
                drawn.update(found)
                return None
            return found
    return refused_by_name(problem, drawn)


def refused_by_name(problem: Problem, drawn: Attempt) -> Require | Mistaken | None:
    """The same, with names that are looked up.

    Raises:
        InputError: A step or a condition has no value for the draw.
    """
    return _first_violated(problem, drawn, drawn.all) or _coincidence(problem, drawn)


def _coincidence(problem: Problem, drawn: Attempt) -> Mistaken | None:
    """The first mistake that would lead to the right result in this draw."""
    try:
        return next((it for it in avoided_mistakes(problem) if it.coincides(drawn)), None)
    except EvaluationError as error:
        raise InputError([without_value(problem, drawn.all(), error)]) from None


def avoided_mistakes(problem: Problem) -> Iterator[Mistaken]:
    """The mistakes that are not to lead to the right result in any copy that is drawn."""
    for found in problem.mistaken.values():
        yield from (it for it in found if not it.mistake.may_coincide)


def _outside(problem: Problem, drawn: Attempt, band: Band | None) -> str | None:
    if band is None:
        return None
    values = drawn.all()
    try:
        return band.refusal(problem, values)
    except EvaluationError as error:
        raise InputError([without_value(problem, values, error)]) from None


def without_value(problem: Problem, values: Mapping[str, Value], error: Exception) -> Complaint:
    """What to say of a draw for which a step has no value, or none that can be printed."""
    step = error.step if isinstance(error, EvaluationError) else ""
    line, column = problem.places.get(step, (1, 1))
    message = f"{error}, for the draw {show_values(values)}; exclude such draws by a condition"
    return Complaint(problem.file, line, column, f"problem {problem.id}", message)


def reference_draw(problem: Problem, shift: int = 0) -> Draw:
    """The reference copy's draw, as it is written out in the bank.

    Args:
        shift: Takes the alternatives that are so many places behind those of the reference copy.
    """
    alternatives = {
        part.id: _alternative((part.reference_alternative + shift) % len(part.alternatives))
        for part in problem.alternatives_parts
    }
    own = resolve(problem, alternatives)
    values, scope = own.reference, own.scope(own.reference)
    choices = {part.id: part.reference_choice(scope) for part in choosing_parts(own)}
    return Draw(problem.id, 0, 0, dict(values), choices | alternatives)


def resolve(problem: Problem, choices: Mapping[str, ChoiceDraw]) -> Problem:
    """The problem as a copy has it, with the drawn question in place of each set of alternatives.

    Args:
        choices: Those of the copy's draw.

    Raises:
        KeyError: An alternative was not drawn, or is not in the bank any more.
    """
    parts = problem.alternatives_parts
    chosen = {part.id: int(choices[part.id].options[0]) - 1 for part in parts}
    for part in parts:
        if chosen[part.id] not in range(len(part.alternatives)):
            raise KeyError(part.id)
    return problem.resolve(chosen)


def _draw_alternatives(problem: Problem, dice: Dice) -> dict[str, ChoiceDraw]:
    """Drawn once, whatever the conditions of a question are; no question stands in a copy twice.

    Where parts have all of their questions in common, all choices are equally likely.

    Raises:
        InputError: The parts have too few questions in common; a bank that was read has enough.
    """
    for attempt in range(MAX_ATTEMPTS):
        chosen = _choose_alternatives(problem, dice, attempt)
        if chosen is not None:
            return {part: _alternative(index) for part, index in chosen.items()}
    message = "no choice of alternatives leaves each part a question of its own; add some"
    raise InputError([Complaint(problem.file, 1, 1, f"problem {problem.id}", message)])


def _choose_alternatives(problem: Problem, dice: Dice, attempt: int) -> dict[str, int] | None:
    """Part id to the index of its question; None where a part is left without one."""
    parts = problem.alternatives_parts
    chosen = {part.id: _from_shared_pool(part, dice) for part in parts if part.shared is not None}
    taken = {part.alternatives[chosen[part.id]].question for part in parts if part.id in chosen}
    for part in (it for it in parts if it.shared is None):
        left = [at for at, it in enumerate(part.alternatives) if it.question not in taken]
        if not left:
            return None
        index = left[dice.index(f"{part.id}/alternative", attempt, len(left))]
        chosen[part.id] = index
        taken.add(part.alternatives[index].question)
    return chosen


def _from_shared_pool(part: Part, dice: Dice) -> int:
    """The question of a part, none that a part before it has in the same copy.

    All choices are drawn by the names of exam, copy, pool and parts alone, so each problem finds
    by itself what those before it have; a new one behind them changes nothing for them. One that is
    drawn afresh gets its questions afresh: what the others have stands in the record by then.
    """
    assert part.shared is not None
    own = replace(dice, problem=f"pool/{part.shared.pool}")
    questions = tuple(it.question for it in part.alternatives)
    taken: set[str] = set()
    index = 0
    for name, known in (*part.shared.before, (part.id, questions)):
        left = [at for at, it in enumerate(known) if it not in taken]
        if not left:
            message = "the copy has all questions of its pool already; add some at the end"
            raise InputError([Complaint(part.shared.pool, 1, 1, name, message)])
        index = left[own.index(f"{name}/question", 0, len(left))]
        taken.add(known[index])
    return index


def _alternative(index: int) -> ChoiceDraw:
    return ChoiceDraw((str(index + 1),))


def choosing_parts(problem: Problem) -> list[Part]:
    """The parts from which something is chosen for each copy, such as options."""
    return [part for part in problem.parts if part.chooses]


def first_violated(problem: Problem, values: Mapping[str, Value]) -> Require | None:
    """The first condition that values do not meet; None where they meet all.

    Raises:
        InputError: A step or a condition cannot be evaluated; names the values.
    """
    return _first_violated(problem, problem.scope(values), lambda: values)


def _first_violated(
    problem: Problem, scope: Mapping[str, Value], all_values: Callable[[], Mapping[str, Value]]
) -> Require | None:
    for require in problem.requires:
        try:
            if require.expression.evaluate(scope) is not True:
                return require
        except EvaluationError as error:
            raise InputError(
                [
                    Complaint(
                        problem.file,
                        require.line,
                        1,
                        "require",
                        f"{error} for the draw {show_values(all_values())}; exclude it by a "
                        "condition further up, or by the lists",
                    )
                ]
            ) from None
    return None


def _exhausted(
    problem: Problem, refused: Counter[Reason], last: Mapping[str, Value], band: Band | None
) -> list[Complaint]:
    """What refused most draws, each with its place in the bank where it has one, and what to do."""
    total = sum(refused.values())
    crowded: dict[Reason, tuple[str, str, str]] = {it.id: it.crowded for it in problem.parts}
    complaints = []
    for refusal, count in refused.most_common(3):
        if isinstance(refusal, Mistaken):
            what, line = repr(refusal.mistake.text.source), refusal.mistake.line
            where = f"{refusal.part}: mistakes"
            advice = "change the lists, or let it lead to the right result with may_coincide: true"
        elif isinstance(refusal, Require):
            what, line = repr(refusal.expression.source), refusal.line
            where, advice = "require", "relax it or change the lists"
        elif refusal in crowded:
            what, field, advice = crowded[refusal]
            where, line = f"{refusal}.{field}", 0
        else:
            what, line = f"{refusal} ({band} are fair)", 0
            where, advice = "fairness", "widen the band or change the lists"
        message = (
            f"{what} refused {count} of {total} draws, and no draw met all conditions; the last "
            f"was {show_values(last)}; {advice}"
        )
        complaints.append(
            Complaint(problem.file, line, min(line, 1), f"problem {problem.id}: {where}", message)
        )
    return complaints


class Attempt(Scope):
    """One attempt: names are drawn, and steps computed, when a condition looks them up.

    A draw depends on its name alone, so that most attempts end after a few of them.
    """

    def __init__(self, problem: Problem, dice: Dice) -> None:
        super().__init__(problem, {})
        self.dice = dice
        self.attempt = 0

    def begin(self, attempt: int) -> None:
        """Nothing is drawn yet."""
        self.clear()
        self.attempt = attempt

    def __missing__(self, name: str) -> Value:
        group = self.problem.variables.get(name)
        if group is None:
            return super().__missing__(name)
        if group.different:
            values = draw_different(group, self.dice, self.attempt)
            self.update(zip(group.names, values, strict=True))
            return self[name]
        if group.shape:
            listed = self[name] = draw_list(name, group, self.dice, self.attempt)
            return listed
        members = group.members
        value = self[name] = members[self.dice.index(name, self.attempt, len(members))]
        return value

    def all(self) -> dict[str, Value]:
        """All names, drawn."""
        return {name: self[name] for name in self.problem.variables}


def _draw_choices(
    problem: Problem, dice: Dice, attempt: int, values: Mapping[str, Value]
) -> dict[str, ChoiceDraw]:
    return {part.id: part.draw(dice, attempt, values) for part in choosing_parts(problem)}
