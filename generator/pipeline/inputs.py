"""Stages 1 and 2: bank and roster, and what is wrong in either of them, at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from generator.bank.problem import Exam
from generator.bank.read.exam import load_exam
from generator.errors import Complaint, InputError
from generator.files.program import FIGURES
from generator.pipeline.seats import check_seats
from generator.roster.students import Roster, read_roster
from generator.roster.table import PLAIN_ROSTER
from generator.verify.leaks import coincidences


@dataclass(frozen=True)
class Inputs:
    """What was read.

    Attributes:
        exam: None if something is wrong with the bank.
        roster: None if something is wrong with the roster.
        complaints: All that is wrong.
        advice: What to do about the bank, if there is more to say than where the mistakes are.
    """

    exam: Exam | None
    roster: Roster | None
    complaints: tuple[Complaint, ...]
    advice: str = ""


def read_inputs(exam_file: Path, roster_file: Path) -> Inputs:
    """Reads bank and roster; what the exam file says of the roster counts if it can be read."""
    exam: Exam | None = None
    roster: Roster | None = None
    complaints: list[Complaint] = []
    advice = ""
    try:
        exam = load_exam(exam_file, FIGURES)
    except InputError as error:
        complaints += error.problems
        advice = error.advice
    try:
        roster = read_roster(roster_file, exam.roster_form if exam else PLAIN_ROSTER)
    except InputError as error:
        complaints += error.problems
    if exam is not None and roster is not None:
        people = ((it.registration_number, it.first_name, it.last_name) for it in roster.students)
        complaints += coincidences(exam, people)
        complaints += check_seats(exam.rooms, roster, str(roster_file))
    return Inputs(exam, roster, tuple(complaints), advice)
