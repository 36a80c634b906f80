"""What an exam needs on its day and after it: rooms, roster, print shop, stickers, grades."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

from pydantic import Field

from generator.bank.fields.occasion import (
    Day,
    EmptySeats,
    Encoding,
    LabelSheet,
    Least,
    MarkingStep,
    PaperForm,
    SeatCount,
    Shift,
    Spare,
)
from generator.bank.fields.words import Filled, Flag, TextField
from generator.bank.models.base import Model


class SpareCopies(Model):
    """Spare copies, a number or a share of the room's students."""

    per_room: Spare = Field(description="For every room.", examples=[2, "5 %"])
    rooms: dict[TextField, Spare] = Field(
        {}, description="Rooms that get another number.", examples=[{"Main hall": 5}]
    )


class RoomFile(Model):
    """A room and its seats."""

    rows: SeatCount = Field(description="How many rows it has, from the front.", examples=[12])
    seats: SeatCount = Field(description="Seats of each row.", examples=[18])
    row_names: tuple[Filled, ...] = Field(
        (),
        description="Names of the rows. Without them, rows are A, B, C and seats A1; more than 26 "
        "rows are 1, 2, 3 and seats 1-1.",
        examples=[["A", "B", "D"]],
    )
    gaps: tuple[SeatCount, ...] = Field(
        (), description="Behind which seats of a row there is a gap.", examples=[[6, 12]]
    )
    row_gaps: tuple[SeatCount, ...] = Field(
        (), description="Behind which rows, from 1, there is a gap.", examples=[[8]]
    )
    blocked: tuple[Filled, ...] = Field(
        (),
        description="Seats that nobody gets: a seat, a row, or some seats of a row.",
        examples=[["A1", "B", "C3 to C9"]],
    )
    distance: EmptySeats = Field(
        0, description="How many seats stay empty between two students of a row.", examples=[1]
    )
    row_distance: EmptySeats = Field(
        0, description="How many rows stay empty between two that are used.", examples=[1]
    )


class PrintingWishes(Model):
    """What the print shop is told besides the files."""

    deadline: Day | None = Field(
        None, description="When it must be delivered.", examples=["2023-02-03"]
    )
    contact: Filled | None = Field(
        None, description="Whom to ask: a name and a telephone number.", examples=["Ada, 1234"]
    )
    form: PaperForm = Field(
        "plain",
        description="plain: on both sides, stapled in a corner; or booklet: two pages side by "
        "side on A3 (Tabloid, 11 × 17 in, for letter), folded and stapled in the fold.",
        examples=["booklet"],
    )


class StickerSheet(Model):
    """The labels that stickers are printed on."""

    sheet: LabelSheet | None = Field(
        None,
        description="The sheet: L7160, L7163, L7651, 4732 of Zweckform, or 5160 and 5163 on letter "
        "paper; L7160 or 5160 without it, as the paper is.",
        examples=["L7163"],
    )
    offset: Annotated[tuple[Shift, Shift], Field()] = Field(
        (Fraction(0), Fraction(0)),
        description="What the printer shifts, to the right and down, in mm; see "
        "stickers-outline.pdf.",
        examples=[[0.5, -0.3]],
    )


class RosterFile(Model):
    """What the roster looks like where it is not as one expects."""

    registration_number: Filled | None = Field(
        None, description="Its heading in the roster.", examples=["Kennung"]
    )
    last_name: Filled | None = Field(
        None, description="Its heading in the roster.", examples=["Zuname"]
    )
    first_name: Filled | None = Field(
        None, description="Its heading in the roster.", examples=["Rufname"]
    )
    room: Filled | None = Field(None, description="Its heading in the roster.", examples=["Saal"])
    seat: Filled | None = Field(None, description="Its heading in the roster.", examples=["Stuhl"])
    room_and_seat: Filled | None = Field(
        None,
        description="The heading of one column for both; cells such as HS 1 / 12.",
        examples=["Raum/Platz"],
    )
    large_print: Filled | None = Field(
        None, description="Its heading in the roster; cells are yes or no.", examples=["A3"]
    )
    extra_time: Filled | None = Field(
        None, description="Its heading in the roster; cells are minutes.", examples=["Zugabe"]
    )
    paper_color: Filled | None = Field(
        None, description="Its heading in the roster; cells are colors.", examples=["Papier"]
    )
    encoding: Encoding | None = Field(
        None,
        description="The encoding of a CSV file that is not UTF-8 and does not say what it is.",
        examples=["cp1252"],
    )
    sheet: Filled | None = Field(
        None, description="The sheet of a workbook, if not the first.", examples=["Students"]
    )
    join_rooms: Flag = Field(
        False,
        description="Whether rooms that differ only in spelling (HS 1, hs1) are one room.",
        examples=[True],
    )


class GradesFields(Model):
    """What points come to."""

    scale: Annotated[dict[Filled, Least], Field(max_length=50)] = Field(
        {},
        description="Each grade, in quotes, and the least that it needs: points, or a share of all "
        "points. The last one needs 0.",
        examples=[{"1.0": "90 %", "2.0": "75 %", "4.0": 45, "5.0": 0}],
    )
    step: MarkingStep = Field(
        Fraction(1, 2),
        description="Points that correctors give are multiples of it: 1, 0.5 or 0.25; with "
        "0.25, the bank may state quarters, too.",
        examples=[0.25],
    )
