"""An exam: ``exam.yaml``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from generator.bank.fields.credit import Points
from generator.bank.fields.occasion import (
    PACKAGES,
    AdditionalPages,
    ColumnCount,
    Day,
    Language,
    Pages,
    PaperName,
    Sign,
    TexPackageName,
    Time,
)
from generator.bank.fields.quantities import TiesRule
from generator.bank.fields.words import ExamId, FileName, Filled, Flag, TextField
from generator.bank.models.base import Model
from generator.bank.models.cover_fields import CoverFacts, CoverFields, CoverOrWord, LogoOrWord
from generator.bank.models.occasion_fields import (
    GradesFields,
    PrintingWishes,
    RoomFile,
    RosterFile,
    SpareCopies,
    StickerSheet,
)
from generator.bank.models.value_fields import FormOrWord


class NumberSigns(Model):
    """What stands in numbers."""

    decimal: Sign | None = Field(
        None,
        description="Before decimals; that of the language if it is not given.",
        examples=[","],
    )
    thousands: Sign | None = Field(
        None,
        description="Between groups of three digits, from 10,000 on; without it, numbers are "
        "grouped only where their form says so.",
        examples=[" "],
    )


class ExamFile(CoverFacts):
    """An exam: bank/exam.yaml."""

    id: ExamId = Field(
        description="Small letters, digits and hyphens; part of every page code, so it is short.",
        examples=["cit-i2dl-1-20230210"],
    )
    university: Filled = Field(description="On the cover.", examples=["University of Lindenau"])
    chair: Filled = Field(description="On the cover.", examples=["Chair of Visual Computing"])
    course: Filled = Field(description="On the cover.", examples=["Introduction to Deep Learning"])
    module: Filled = Field(description="The number of the module.", examples=["IN2346"])
    title: Filled = Field(description="What kind of exam it is.", examples=["Endterm"])
    date: Day = Field(description="The day of the exam.", examples=["2023-02-10"])
    start: Time = Field(description="When it begins, in quotes.", examples=["18:30"])
    end: Time = Field(description="When it ends, in quotes.", examples=["20:00"])
    credits: Points = Field(description="The sum of the problems' points.", examples=[90])
    pages: Pages = Field(description="Pages of a copy, a multiple of 4.", examples=[20])
    paper: PaperName = Field(
        "A4",
        description="The size of the pages: A4 or letter (8.5 × 11 in).",
        examples=["letter"],
    )
    columns: ColumnCount = Field(
        1,
        description="2: problems stand in two columns, for short tests; what begins a page then "
        "begins a column.",
        examples=[2],
    )
    additional_pages: AdditionalPages = Field(
        description="The least number of pages for additional solutions at the end.", examples=[4]
    )
    spare_copies: SpareCopies = Field(
        description="Copies for nobody in particular.", examples=[{"per_room": "5 %"}]
    )
    rooms: dict[TextField, RoomFile] = Field(
        {},
        description="Rooms and their seats; students of whom the roster names none get one.",
        examples=[{"HS 1": {"rows": 12, "seats": 18, "distance": 1}}],
    )
    language: Language = Field(
        "en",
        description="The language of cover, headings, worked solutions, lists and reports: en or "
        "de.",
        examples=["de"],
    )
    numbers: NumberSigns | None = Field(
        None,
        description="What stands in numbers, where it is not what the language has.",
        examples=[{"decimal": ",", "thousands": " "}],
    )
    form: FormOrWord | None = Field(
        None,
        description="How all numbers are printed that say nothing themselves.",
        examples=["thousands"],
    )
    ties: TiesRule = Field(
        "half_up",
        description="How steps round a number that is in the middle: half_up, away from zero, as "
        "one learns at school (1.225 is 1.23), or half_even.",
        examples=["half_even"],
    )
    keys_released: Day | None = Field(
        None, description="When the keys are published; printed on them.", examples=["2023-02-13"]
    )
    printing: PrintingWishes = Field(
        PrintingWishes(),
        description="What the job ticket tells the print shop.",
        examples=[{"contact": "Ada, 1234"}],
    )
    stickers: StickerSheet = Field(
        StickerSheet(),
        description="The labels that the office prints stickers on.",
        examples=[{"sheet": "L7163"}],
    )
    cover: CoverOrWord = Field(
        CoverFields(),
        description="The first page: model, school or quiz, or what stands on it.",
        examples=["school"],
    )
    logo: LogoOrWord | None = Field(
        None,
        description="An image on the cover: where blocks of the cover say logo, else beside "
        "sticker, institution or heading, whichever comes first.",
        examples=["logo.svg", {"image": "logo.svg", "width": "40 mm"}],
    )
    point_boxes: Flag = Field(
        True,
        description="false: there are no boxes for points beside the answers.",
        examples=[False],
    )
    aids: Filled | None = Field(
        None,
        description="What students may use; without it, the working instructions do not say.",
        examples=["one sheet of notes in your own hand"],
    )
    coincidences: tuple[Filled, ...] = Field(
        (),
        description="What papers print though it is also a name or a number of the roster.",
        examples=[["Thomas Bayes", "60000"]],
    )
    packages: Annotated[tuple[TexPackageName, ...], Field(max_length=len(PACKAGES))] = Field(
        (),
        description="Packages of TeX that texts and figures need: siunitx, mhchem, and for figures "
        "circuitikz.",
        examples=[["circuitikz"]],
    )
    roster: RosterFile = Field(
        RosterFile(),
        description="Headings, encoding or sheet of a roster that is not as one expects.",
        examples=[{"registration_number": "Kennung"}],
    )
    grades: GradesFields = Field(
        GradesFields(),
        description="What points come to, for the lists of marks; it may be stated after the exam.",
        examples=[{"scale": {"passed": "50 %", "failed": 0}}],
    )
    problems: Annotated[tuple[FileName, ...], Field(min_length=1, max_length=40)] = Field(
        description="The problem files beside this one, in the order of the paper.",
        examples=[["problem-1.yaml", "problem-2.yaml"]],
    )
