"""What keys say is worked out once a build."""

from __future__ import annotations

from pathlib import Path

import pytest
from one_problem import load_one, one_part

from generator.exact.secret import Secret
from generator.pipeline.key_texts import KeyTexts
from generator.pipeline.workshop import Composed, Workshop
from generator.record.copy import Copy


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    drawn, ask = "[{names: [a, b], from: 1, to: 99}]", "Add $<< a >>$ to $<< b >>$."
    exam = load_one(tmp_path, one_part(drawn, "{a: 2, b: 1}", ask, "{q: a + b}"))
    return Workshop(exam, Secret(b"s" * 32), 4, key_texts=KeyTexts(tmp_path / "keys"))


def _files(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "keys").iterdir())


def _both(workshop: Workshop, copy: Copy) -> tuple[Composed, Composed]:
    """As it is composed from its record alone, and with what was kept."""
    solutions = workshop.solutions(copy)
    return workshop.compose(copy.code, solutions), workshop.compose_recorded(copy, solutions)


def test_a_key_says_what_was_kept_of_it(workshop: Workshop, tmp_path: Path) -> None:
    copy = workshop.register(Copy("E0001", None, 1), ()).copy
    [file] = _files(tmp_path)
    other = workshop.register(Copy("E0002", None, 2), ()).copy
    alone, kept = _both(workshop, copy)
    assert (alone.paper, list(alone.key.items())) == (kept.paper, list(kept.key.items()))
    assert not file.exists()
    assert len(_files(tmp_path)) == 1  # of the other copy
    assert _both(workshop, other)[1].key != kept.key


def test_what_is_kept_is_what_is_used(workshop: Workshop, tmp_path: Path) -> None:
    """Else nothing is gained."""
    first, second = (
        workshop.register(Copy(f"E000{number}", None, number), ()).copy for number in (1, 2)
    )
    files = {it.key_content: tmp_path / "keys" / f"{it.key_content}.json" for it in (first, second)}
    files[second.key_content].replace(files[first.key_content])
    alone, kept = _both(workshop, first)
    assert alone.key != kept.key


@pytest.mark.parametrize("damage", [b"", b"x" * 40])
def test_what_is_lost_or_damaged_is_worked_out_again(
    workshop: Workshop, tmp_path: Path, damage: bytes
) -> None:
    copy = workshop.register(Copy("E0001", None, 1), ()).copy
    [file] = _files(tmp_path)
    file.write_bytes(damage) if damage else file.unlink()
    alone, kept = _both(workshop, copy)
    assert alone.key == kept.key
