"""Stages 1 and 2: bank and roster, and what is wrong in either of them, at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from generator.bank.exam import Exam
from generator.bank.read.exam_file import read_bank
from generator.errors import Complaint, InputError
from generator.files.program import FIGURES
from generator.pipeline.given_seats import check_seats
from generator.roster.students import Roster, read_roster
from generator.roster.table import PLAIN_ROSTER
from generator.verify.leaks import coincidences


@dataclass(frozen=True)
class Inputs:
    """What was read.

    Attributes:
        exam: None if something is wrong with the bank.
        readable: As much of the exam as has no mistakes, where some of it has; to try that.
        roster: None if something is wrong with the roster.
        complaints: All that is wrong.
    """

    exam: Exam | None
    roster: Roster | None
    complaints: tuple[Complaint, ...]
    readable: Exam | None = None


def read_inputs(exam_file: Path, roster_file: Path | None) -> Inputs:
    """Reads bank and roster; what the exam file says of the roster counts if it can be read.

    Args:
        roster_file: None if only the bank is of interest.
    """
    bank = read_bank(exam_file, FIGURES)
    exam = bank.exam if not bank.complaints else None
    roster: Roster | None = None
    complaints = list(bank.complaints)
    if roster_file is None:
        return Inputs(exam, None, tuple(complaints), readable=bank.exam)
    try:
        roster = read_roster(roster_file, bank.exam.roster_form if bank.exam else PLAIN_ROSTER)
    except InputError as error:
        complaints += error.problems
    if bank.exam is not None and roster is not None:
        people = ((it.registration_number, it.first_name, it.last_name) for it in roster.students)
        complaints += coincidences(bank.exam, people)
        complaints += check_seats(bank.exam.rooms, roster, str(roster_file))
    return Inputs(exam, roster, tuple(complaints), readable=bank.exam)
