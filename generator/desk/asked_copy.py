"""The copy and the problem that a path names, for whoever may see them."""

from __future__ import annotations

from generator.bank.problem import Problem
from generator.desk.find import NotFound, find
from generator.desk.serve import Asked, Refusal


def refuse_copy(found: NotFound) -> Refusal:
    """What is answered about a code of no copy in use."""
    return Refusal(404, f"code_{found.why}", typed=found.typed[:60], about=found.about)


def asked_problem(asked: Asked) -> tuple[str, Problem]:
    """The copy and the problem of a path, if they are for who asks.

    Raises:
        Refusal: There are none, or they are not.
    """
    desk = asked.desk
    problem = desk.library.problem(asked.path["problem"])
    if problem is None:
        raise Refusal(404, "missing")
    if not asked.person.may(problem.id):
        raise Refusal(403, "problem", problem=problem.id)
    found = find(desk.library.batch, asked.path["code"])
    if isinstance(found, NotFound):
        raise refuse_copy(found)
    return found.code, problem
