"""Pages that all copies share are read once, and only where they are proved to be the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from probe_bank import probe, question
from shipped import SECRET

from generator.pipeline.worker import Producer, Workshop
from generator.record.copy import Copy
from generator.typeset.press import prepare_press
from generator.verify.leaks import Forbidden
from generator.verify.readback import read_pages
from generator.verify.shared import SharedPages


@pytest.mark.slow
def test_shared_pages(tmp_path: Path) -> None:
    exam = probe(tmp_path / "bank", question("Add << a >> and << b >>."))
    press = prepare_press(exam, tmp_path / "cache", 2)
    workshop = Workshop(exam, SECRET, 4)
    copies = [workshop.register(Copy(f"E{n:04d}", None, n), ()).copy for n in (1, 2)]
    producer = Producer(workshop, press, Forbidden(), tmp_path)
    first, second = (produced.paper for produced in producer.produce(copies))
    prefix = producer._stocks["paper"].prefix
    shared = SharedPages(prefix)
    assert shared.known(first) == {}
    shared.keep(first, read_pages(first))

    known = shared.known(second)
    assert set(known) == {0, 2, 3}  # the question is on the second page
    assert all("E0002" in page.text and "E0001" not in page.text for page in known.values())
    assert "Working instructions" in known[0].text
    bare = shared.stamps_alone(second)
    assert len(bare) == len(second)
    readings = read_pages(bare, known=known)
    assert [page.codes for page in readings] == [page.codes for page in read_pages(second)]
    for page, whole in zip(readings, read_pages(second), strict=True):
        assert sorted(page.text.split()) == sorted(whole.text.split())

    damaged = bytearray(second)
    damaged[len(prefix.data) // 2] ^= 1
    assert shared.known(bytes(damaged)) == {}
    entry = re.search(rb"\n\d{10} 00000 n", second)
    assert entry is not None
    moved = second[: entry.start() + 1] + b"0000000009" + second[entry.start() + 11 :]
    assert shared.known(moved) == {}
    other = second.replace(b"/MediaBox [0 0 595", b"/MediaBox [0 0 594", 1)
    assert other != second
    assert shared.known(other) == {}
