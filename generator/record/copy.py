"""What is recorded: copies, which are what is printed, apart from the people who hold them.

A copy cannot name a person: it is what worker processes, and other machines, get. Who holds it
stands in a binding, which may end and be followed by another: a spare copy is given to somebody at
the door, a student leaves and comes back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from generator.bank.part import ChoiceDraw
from generator.draw.draw import Draw
from generator.errors import InputError
from generator.exact.numbers import Complex, Value
from generator.roster.accommodation import PLAIN, Accommodation
from generator.solve.printed import Plain


@dataclass(frozen=True)
class Holder:
    """A student, as the roster or the desk at the door names them."""

    registration_number: str
    last_name: str = ""
    first_name: str = ""
    seat: str = ""
    accommodation: Accommodation = PLAIN

    @property
    def full_name(self) -> tuple[str, str]:
        """Last and first name."""
        return self.last_name, self.first_name


@dataclass(frozen=True)
class Binding:
    """Who has a copy.

    Attributes:
        code: The copy's.
        since: When it was bound, as ISO 8601 in UTC.
        why: ``roster``, or what was said when it was bound.
        until: When it ended; empty while it lasts.
    """

    code: str
    holder: Holder
    since: str
    why: str
    until: str = ""


@dataclass(frozen=True)
class Reprint:
    """A paper that was printed again under a code of its own, with the record of another.

    Attributes:
        code: E.g. ``E0312.1``.
        of: The code of the copy that it is a reprint of, e.g. ``E0312``.
        since: When it was asked for, as ISO 8601 in UTC.
        reason: What was said then.
        paper_sha256: Digest of its paper.
    """

    code: str
    of: str
    since: str
    reason: str
    paper_sha256: str = ""


@dataclass(frozen=True)
class Event:
    """Something that happened to the batch; never changed and never taken back.

    Attributes:
        number: From 1, in order.
        time: ISO 8601 in UTC.
        kind: ``built``, ``sealed``, ``thawed``, ``bound``, ``reprinted``, and so on.
        copies: The codes that it is about.
        reason: What people said.
        data: What else there is to know, as JSON data.
    """

    number: int
    time: str
    kind: str
    copies: tuple[str, ...]
    reason: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Recorded:
    """What was drawn for one problem, and the answers in the key."""

    draw: Draw
    answers: Mapping[str, Mapping[str, Plain]]


@dataclass(frozen=True)
class Copy:
    """A copy as the ledger has it.

    Attributes:
        code: The copy code, e.g. ``E0312``.
        room: The room that it is printed for, None where the roster names no rooms.
        spare: The number of the spare copy in its room, from 1; None for a student's copy.
        active: False once it was withdrawn: its student has left the roster.
        record: What was drawn and answered, as JSON (`encode_problems`); empty until it was drawn.
        mark: The record's mark as printed; empty until it was recorded.
        bank: Digest of the bank that it was recorded with.
        key_revision: 1 for the first key.
        key_content: Digest of what the key says.
        made: Digest of all that the finished files were made from.
        paper_sha256: Digest of the finished paper.
        key_sha256: Digest of the finished key.
        json_sha256: Digest of the key's JSON.
        accommodation: In what its paper differs from others; as it is printed, whoever has it.
    """

    code: str
    room: str | None = None
    spare: int | None = None
    active: bool = True
    record: str = ""
    mark: str = ""
    bank: str = ""
    key_revision: int = 1
    key_content: str = ""
    made: str = ""
    paper_sha256: str = ""
    key_sha256: str = ""
    json_sha256: str = ""
    accommodation: Accommodation = PLAIN

    @property
    def sums(self) -> list[str]:
        """Digests of the finished paper, key and JSON."""
        return [self.paper_sha256, self.key_sha256, self.json_sha256]

    @property
    def problems(self) -> dict[str, Recorded]:
        """Problem id to what is recorded.

        Raises:
            InputError: The record is damaged.
        """
        try:
            return decode_problems(json.loads(self.record)) if self.record else {}
        except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
            message = f"the record of {self.code} is damaged ({error!r}): put the ledger back"
            raise InputError(message) from None


# Records as JSON. Numbers are {"n": "5/2"}: exact, and never mistaken for a text.


def encode_problems(problems: Mapping[str, Recorded]) -> str:
    """The recorded problems as JSON."""
    data = {
        name: {
            "epoch": recorded.draw.epoch,
            "attempt": recorded.draw.attempt,
            "values": {key: _encode(value) for key, value in recorded.draw.values.items()},
            "choices": {
                part: {"options": list(choice.options), "labels": list(choice.labels)}
                for part, choice in recorded.draw.choices.items()
            },
            "answers": recorded.answers,
        }
        for name, recorded in problems.items()
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def decode_problems(data: Mapping[str, Any]) -> dict[str, Recorded]:
    """The reverse of :func:`encode_problems`, from JSON data."""
    return {
        name: Recorded(
            Draw(
                name,
                item["epoch"],
                item["attempt"],
                {key: _decode(value) for key, value in item["values"].items()},
                {
                    part: ChoiceDraw(tuple(choice["options"]), tuple(choice["labels"]))
                    for part, choice in item["choices"].items()
                },
            ),
            item["answers"],
        )
        for name, item in data.items()
    }


def _encode(value: Value) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, Fraction):
        return {"n": str(value)}
    if isinstance(value, Complex):
        return {"n": str(value.real), "i": str(value.imaginary)}
    if isinstance(value, tuple):
        return [_encode(member) for member in value]
    raise TypeError(f"a drawn value is a number, a text or a list, not {value!r}")


def _decode(value: Any) -> Value:
    if isinstance(value, list):
        return tuple(map(_decode, value))
    if isinstance(value, str):
        return value
    real = _fraction(value["n"])
    return Complex(real, _fraction(value["i"])) if "i" in value else real


@lru_cache(maxsize=4096)
def _fraction(text: str) -> Fraction:
    # Kept: copies draw the same few numbers from lists.
    return Fraction(text)
