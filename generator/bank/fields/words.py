"""Texts, names, ids and files."""

from __future__ import annotations

import keyword
import re
from typing import Annotated, Any

from generator.bank.fields.readers import SCALAR, STRING, Read, refuse, text_like
from generator.expressions.functions import RESERVED

MAX_NAME = 40

TEMPLATE_WORDS = frozenset(("true", "false", "none", "self", "fallback", "shown", "right"))
"""Words that mean something in a text, and cannot be names."""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        refuse("a text", value)
    return str(value)


def _filled(value: Any) -> str:
    if isinstance(value, list):
        raise ValueError("expected a text, got a list; put the expression in quotes")
    if not isinstance(value, str) or not value.strip():
        refuse("a text", value)
    return str(value)


def _flag(value: Any) -> bool:
    if value not in ("true", "false"):
        refuse("true or false", value)
    return bool(value == "true")


def _word(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", value):
        refuse("a name (a letter, then letters, digits and _)", value)
    if len(value) > MAX_NAME:
        refuse(f"a name of at most {MAX_NAME} characters", value)
    return str(value)


def _name(value: Any) -> str:
    name = _word(value)
    if keyword.iskeyword(name) or name in RESERVED or name in TEMPLATE_WORDS:
        refuse("a name that is not a word of the expressions or of the texts", value)
    if name.startswith("fallback_") or name.endswith("_from_fallback"):
        refuse("a name without fallback_ or _from_fallback, which have a meaning", value)
    return name


_WORD_SCHEMA = {**STRING, "pattern": "^[A-Za-z][A-Za-z0-9_]*$", "maxLength": MAX_NAME}

_EXAM_ID = r"[a-z0-9]+(-[a-z0-9]+)*"

FILE_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
"""Of a file of the bank, beside the exam or in the folder of figures."""


TextField = Annotated[str, Read(_text, SCALAR)]
Filled = Annotated[str, Read(_filled, {**SCALAR, "minLength": 1})]
Truth = Annotated[str, Read(_filled, {"type": ["boolean", "string"]})]
"""true, false, or a condition."""

Flag = Annotated[bool, Read(_flag, {"type": "boolean"})]
Word = Annotated[str, Read(_word, _WORD_SCHEMA)]
"""What is called by a name, but is no variable: a statement of a pool, a solver."""

Name = Annotated[str, Read(_name, _WORD_SCHEMA)]
"""A drawn name or a step."""

ProblemId = Annotated[
    str,
    Read(
        text_like("[A-Za-z0-9]{1,8}", "an id of up to 8 letters and digits, in quotes"),
        {**STRING, "pattern": "^[A-Za-z0-9]{1,8}$"},
    ),
]
PartId = Annotated[
    str,
    Read(
        text_like(
            r"[A-Za-z0-9]{1,8}\.[A-Za-z0-9]{1,8}", 'an id such as "3.1": the problem, a point'
        ),
        {**STRING, "pattern": r"^[A-Za-z0-9]{1,8}\.[A-Za-z0-9]{1,8}$"},
    ),
]
ExamId = Annotated[
    str,
    Read(
        text_like(_EXAM_ID, "small letters a-z and digits, with single hyphens between them"),
        {**STRING, "pattern": f"^{_EXAM_ID}$"},
    ),
]
FileName = Annotated[
    str,
    Read(
        text_like(FILE_NAME, "the name of a file, without a folder"),
        {**STRING, "pattern": f"^{FILE_NAME}$"},
    ),
]
_IMAGE_SUFFIX = r"\.(?i:png|jpe?g|pdf|svg)"
_FOLDERS = r"(?:[A-Za-z0-9][A-Za-z0-9._-]{0,99}/){0,4}"
_IMAGE_NAME = rf"{_FOLDERS}[A-Za-z0-9][A-Za-z0-9._-]{{0,99}}{_IMAGE_SUFFIX}"
ImageName = Annotated[
    str,
    Read(
        text_like(_IMAGE_NAME, "the name of a PNG, JPEG, PDF or SVG file beside the exam"),
        {**STRING, "pattern": r"\.([pP][nN][gG]|[jJ][pP][eE]?[gG]|[pP][dD][fF]|[sS][vV][gG])$"},
    ),
]


def has_image_suffix(name: str) -> bool:
    """Whether a file's name says that it is an image."""
    return re.search(rf"{_IMAGE_SUFFIX}\Z", name) is not None


NodeName = Annotated[
    str,
    Read(
        text_like("[A-Za-z0-9]{1,3}", "the name of a node: up to three letters and digits"),
        {**STRING, "pattern": "^[A-Za-z0-9]{1,3}$"},
    ),
]
