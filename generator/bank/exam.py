"""The paper as the later stages use it: its facts and rules, its problems in order."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from generator.bank.covers import MODEL, Cover
from generator.bank.part import BankFile, Figure
from generator.bank.problem import Problem
from generator.language.conventions import PLAIN, Conventions
from generator.layout import A4, Sheet
from generator.rooms.room_plan import RoomPlan
from generator.roster.table import PLAIN_ROSTER, RosterForm


@dataclass(frozen=True)
class Spares:
    """Spare copies: a number, or a share of a room's students."""

    per_room: Fraction | int
    rooms: Mapping[str, Fraction | int] = field(default_factory=dict)

    def count(self, room: str | None, students: int) -> int:
        """How many spare copies a room gets; shares are rounded up."""
        spare = self.rooms.get(room, self.per_room) if room is not None else self.per_room
        return spare if isinstance(spare, int) else -int(-spare * students // 1)


@dataclass(frozen=True)
class Printing:
    """What the print shop is told besides the files.

    Attributes:
        contact: Whom to ask.
        booklet: Whether papers are folded booklets; else they are stapled in a corner.
    """

    deadline: datetime.date | None = None
    contact: str = ""
    booklet: bool = False


@dataclass(frozen=True)
class Stickers:
    """The labels that stickers are printed on.

    Attributes:
        sheet: The maker's number of the sheet.
        offset_mm: What the printer shifts, to the right and down.
    """

    sheet: str = "L7160"
    offset_mm: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Grades:
    """What points come to.

    Attributes:
        scale: Grades and the least points that each needs, the best first; empty where none is
            stated.
        step: Points that correctors give are multiples of it.
    """

    scale: tuple[tuple[str, Fraction], ...] = ()
    step: Fraction = Fraction(1, 2)

    def of(self, points: Fraction) -> str:
        """The grade that points come to; empty where there is no scale."""
        return next((name for name, least in self.scale if points >= least), "")


NO_WISHES = Printing()
PLAIN_STICKERS = Stickers()
NO_GRADES = Grades()


@dataclass(frozen=True)
class Exam:
    """The paper: what is printed on it, its problems in order, and its pages.

    Attributes:
        file: The file it was read from, for messages.
        source: The text of that file, as it was read.
        conventions: How it writes.
        roster_form: What its roster looks like.
        printing: What the print shop is told.
        stickers: On which labels stickers are printed.
        rooms: Name to plan of each room whose seats are known.
        aids: What students may use; None where the paper does not say.
        coincidences: Names and numbers of the roster that papers may print.
        packages: Packages of TeX that texts and figures need.
        plugins: Name to text of the solvers of its own, as they were read.
        letters: The letters of other scripts in its texts, sorted.
        grades: What points come to.
        facts: What the cover states in lines of a label and a text.
        cover: What stands on the first page.
        point_boxes: Whether there are boxes for points beside the answers.
        logo: An image on the cover; None where there is none.
        sheet: The size of its pages.
        pools: Name to text of the pools that its problems share.
        columns: So many columns its problems stand in.
    """

    id: str
    university: str
    chair: str
    course: str
    module: str
    title: str
    examiner: str
    date: datetime.date
    start: datetime.time
    end: datetime.time
    minutes: int
    credits: Fraction
    pages: int
    additional_pages: int
    spares: Spares
    keys_released: datetime.date | None
    problems: tuple[Problem, ...]
    file: str
    source: str
    conventions: Conventions = PLAIN
    roster_form: RosterForm = PLAIN_ROSTER
    printing: Printing = NO_WISHES
    stickers: Stickers = PLAIN_STICKERS
    aids: str | None = None
    coincidences: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    rooms: Mapping[str, RoomPlan] = field(default_factory=dict)
    plugins: Mapping[str, str] = field(default_factory=dict)
    letters: str = ""
    grades: Grades = NO_GRADES
    facts: Mapping[str, str] = field(default_factory=dict)
    cover: Cover = MODEL
    point_boxes: bool = True
    logo: Figure | None = None
    sheet: Sheet = A4
    pools: Mapping[str, str] = field(default_factory=dict)
    columns: int = 1

    @property
    def own_files(self) -> tuple[BankFile, ...]:
        """The files beside the exam that figures and the logo are made of."""
        own = [it for problem in self.problems for it in problem.own_files.values()]
        if self.logo is not None and self.logo.file is not None:
            own.append(self.logo.file)
        return tuple(own)

    @property
    def files(self) -> dict[str, str]:
        """Name to text of the files of the bank, as they were read."""
        problems = {it.file: it.source for it in self.problems}
        return {self.file: self.source, **problems, **self.pools}

    @property
    def contents(self) -> dict[str, bytes]:
        """All that the bank consists of, by its path from the folder of the exam."""
        texts = {Path(name).name: text.encode() for name, text in self.files.items()}
        texts |= {name: text.encode() for name, text in self.plugins.items()}
        return texts | {file.name: file.content for file in self.own_files}
