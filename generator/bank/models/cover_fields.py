"""The first page."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from generator.bank.covers import RULES
from generator.bank.fields.occasion import BlockName, CoverName, Language, RuleName
from generator.bank.fields.quantities import Millimeters
from generator.bank.fields.words import Filled, ImageName
from generator.bank.models.base import Model, TextToo, short_for


class CoverBlock(Model):
    """A block of the cover; a word is the name of one."""

    block: BlockName | None = Field(
        None,
        description="One of sticker or name (these leave room for the code of the copy, and one of "
        "them comes first), institution, title, heading, facts, scores, grades, instructions, "
        "logo, fill, room.",
        examples=["title"],
    )
    text: Filled | None = Field(
        None, description="A text of your own, plain.", examples=["Good luck!"]
    )


class LogoImage(Model):
    """The logo on the cover; a word is a file's name."""

    image: ImageName = Field(
        description="A PNG, JPEG, PDF or SVG file, beside the exam or in its folder figures.",
        examples=["logo.svg"],
    )
    width: Millimeters = Field(
        Fraction(35),
        description="How wide it is printed: at most 66 mm beside a block, 160 mm as a block.",
        examples=["40 mm"],
    )


class CoverRule(Model):
    """A working instruction; a word is the name of one, any other text is your own."""

    rule: RuleName | None = Field(
        None,
        description="One of complete, total, corners, boxes, reasons, pens, devices.",
        examples=["corners"],
    )
    text: Filled | None = Field(
        None, description="An instruction of your own, plain.", examples=["Use a ruler."]
    )


LogoOrWord = Annotated[LogoImage, short_for("image"), TextToo()]


def _rule_of(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return {"rule" if value in RULES else "text": value}


CoverBlockOrWord = Annotated[CoverBlock, short_for("block"), TextToo()]
CoverRuleOrText = Annotated[CoverRule, BeforeValidator(_rule_of), TextToo()]


class CoverFields(Model):
    """The first page; one word is short for ``like``."""

    like: CoverName = Field(
        "model",
        description="The cover that it is like where nothing else is said: model, school or quiz.",
        examples=["school"],
    )
    blocks: Annotated[tuple[CoverBlockOrWord, ...], Field(min_length=1, max_length=30)] | None = (
        Field(
            None,
            description="What stands on it, in order.",
            examples=[["name", "title", "facts", {"text": "Good luck!"}, "scores"]],
        )
    )
    rules: Annotated[tuple[CoverRuleOrText, ...], Field(max_length=30)] | None = Field(
        None,
        description="The working instructions, in order: names of known ones, and your own.",
        examples=[["complete", "corners", "Use a ruler."]],
    )
    languages: tuple[Language, ...] = Field(
        (),
        description="Further languages of the working instructions.",
        examples=[["en"]],
    )


CoverOrWord = Annotated[CoverFields, short_for("like"), TextToo()]


class CoverFacts(Model):
    """What the cover states in lines of a label and a text, in this order. The labels are those of
    the catalogues (section ``paper``), by the names of the fields: a new line of covers is a field
    here and a label in each language."""

    examiner: Filled = Field(description="On the cover.", examples=["Prof. Dr. Ada Musterfrau"])
    second_examiner: Filled | None = Field(
        None, description="On the cover.", examples=["Dr. Max Mustermann"]
    )

    @property
    def facts(self) -> dict[str, str]:
        """Those that are given, by their names."""
        said = ((name, getattr(self, name)) for name in CoverFacts.model_fields)
        return {name: text for name, text in said if text is not None}
