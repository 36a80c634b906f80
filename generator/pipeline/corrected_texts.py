"""What a correction changes in the words of a key: rubric, mistakes, what else counts as right.

Answers that change are known from the record. Words are not recorded; those of the key that was
released are in its data, and are compared with those of today.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from generator.record.copy import Copy

Told: TypeAlias = Mapping[tuple[str, str], Sequence[str]]
"""Part and field of a key's data to the texts that stand there."""

ARROW = " -> "
"""Stands between what was there and what is there now."""
APART = " | "
_LONGEST = 300


def told_by(document: Mapping[str, Any]) -> Told:
    """The words of a key.

    Args:
        document: The data of the key, as `key_document` makes it.
    """
    found: dict[tuple[str, str], Sequence[str]] = {}
    for problem in document["problems"]:
        for part in problem["parts"]:
            own = part["id"]
            if "options" in part:
                found[own, "options"] = [_option(it) for it in part["options"]]
            if "model_answer" in part:
                found[own, "model_answer"] = [part["model_answer"]]
            rubric = part.get("rubric", [])
            items = [(it["points"], it.get("for") or it["step"]) for it in rubric]
            found[own, "rubric"] = [f"{points}: {what}" for points, what in items]
            found[own, "also_accept"] = part.get("also_accept", [])
            wrong = part.get("mistakes", [])
            found[own, "mistakes"] = [f"{it['earns']}: {it['is']}" for it in wrong]
    return found


def _option(option: Mapping[str, Any]) -> str:
    cross = "\N{BALLOT BOX WITH X}" if option["correct"] else "\N{BALLOT BOX}"
    return f"{option['label']} {cross} {option['text']} ({option['why']})"


def with_words(changes: Sequence[str], folder: Path, released: Copy, told: Told) -> list[str]:
    """The changes of a revision, with those of words behind them.

    Args:
        changes: Answers that differ, and problems that were drawn afresh: there, all words may.
        folder: The batch as it was released.
        released: The copy as its key was released.
        told: The words of today.
    """
    data = folder / "correctors" / "keys" / f"{released.code}.json"
    afresh = {change.split()[1] for change in changes if change.startswith("problem ")}
    words = text_changes(data, released.key_revision, told)
    return [*changes, *(it for it in words if it.partition(".")[0] not in afresh)]


def text_changes(released: Path, revision: int, told: Told) -> Iterator[str]:
    """Each field that differs, as ``3.1 rubric: what was there -> what is there``.

    Args:
        released: The data of the key that was released.
        revision: Its revision; nothing is said where the file has another one or cannot be read.
        told: The words of today.
    """
    try:
        document = json.loads(released.read_text("utf-8"))
        before = told_by(document) if document["key_revision"] == revision else told
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return
    for key in {**before, **told}:
        was, now = before.get(key, ()), told.get(key, ())
        gone = _joined(text for text in was if text not in now)
        new = _joined(text for text in now if text not in was)
        if gone or new:
            yield f"{' '.join(key)}: {gone}{ARROW}{new}"


def _joined(texts: Iterator[str]) -> str:
    """Texts in one line, in which nothing looks like the arrow."""
    joined = " ".join(APART.join(texts).split()).replace("->", "\N{RIGHTWARDS ARROW}")
    return joined if len(joined) <= _LONGEST else f"{joined[: _LONGEST - 1]}…"
