"""What is wrong in the operators, stamps and data of a single finished copy is found.

Faults are planted between TeX and the finished file, where nothing else looks: texts in white or of
another size, what is covered, moved or missing, symbols of another size, headings with other words.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from shipped import SECRET
from small_project import Project

from generator.bank.read.exam_file import load_exam
from generator.errors import CopyError
from generator.exact.secret import load_secret
from generator.files.program import FIGURES
from generator.pipeline.worker import Producer
from generator.pipeline.workshop import Composed, Workshop
from generator.record.copy import Copy
from generator.record.ledger import Ledger
from generator.release.print_run import plan_runs, run_seats
from generator.release.written_lists import check_binding, check_keys, check_tickets
from generator.solve.solve import Solution
from generator.stamp.pieces import Content
from generator.stamp.stamp import CopyPages, Stamper
from generator.typeset.preparation import prepare_press
from generator.typeset.press import Side
from generator.verify.key_file import wrong_data
from generator.verify.leaks import Forbidden

QUESTIONS = 1
"""Index of a page that varies."""

Change = Callable[[bytes], bytes]


def swapped(old: bytes, new: bytes) -> Change:
    """Another text in place of the first that a pattern finds."""
    return lambda operators: re.sub(old, new, operators, count=1)


IN_PAGES: dict[str, tuple[Change, str]] = {
    "white": (swapped(rb"\[\((?=[^\]]{6})[^\]]*\]TJ", rb"\n1 g 1 G\n\g<0>\n0 g 0 G\n"), "as pale"),
    "covered": (lambda it: it + b"\nq 1 g 80 300 470 400 re f Q\n", "as pale"),
    "invisible": (swapped(rb"BT\n", b"BT\n3 Tr\n"), "as pale"),
    "clipped": (lambda it: b"q 0 0 40 40 re W n\n" + it + b"\nQ\n", "as pale"),
    "beside the page": (lambda it: b"1 0 0 1 700 0 cm\n" + it, "outside of the page"),
    "moved": (lambda it: b"1 0 0 1 8.5 0 cm\n" + it, "the frame of"),
    "without a frame": (swapped(rb"q 0\.49814 w [^\n]* re S Q", b"q Q"), "the frame of"),
    "another heading": (swapped(rb"credits\)", b"credots)"), "unlike all copies before"),
}
IN_STAMPS: dict[str, tuple[Change, str]] = {
    "white": (lambda it: it.replace(b"q\nBT", b"q\n1 g\nBT", 1), "another way"),
    "invisible": (lambda it: it.replace(b"q\nBT", b"q\nBT 3 Tr ET\nBT", 1), "another way"),
    "elsewhere": (swapped(rb" 802\.\d+ Td", b" 702 Td"), "elsewhere"),
    "small": (swapped(rb" 10 Tf", b" 5 Tf"), "another way"),
    "a smaller symbol": (
        lambda it: it.replace(b"\nq 1.36063 0 0 1.36063 ", b"\nq 1.2 0 0 1.2 "),
        "in their size",
    ),
    "a symbol moved": (swapped(rb"\nq (\S+) 0 0 (\S+) 5", rb"\nq \1 0 0 \2 4"), "in their size"),
}


class Planter(Producer):
    """Makes copies, some of them with a fault: once, as what only happens once.

    Attributes:
        page: Copy code to the index of the page of its paper that is changed, and how.
    """

    page: Mapping[str, tuple[int, Change]] = {}

    def _pages(self, side: Side, copy: Copy, composed: Composed, own: Any) -> CopyPages:
        pages = super()._pages(side, copy, composed, own)
        planted = self.page.get(copy.code) if side.name == "paper" else None
        if planted is None:
            return pages
        self.page = {code: it for code, it in self.page.items() if code != copy.code}
        index, change = planted
        page = pages.pages[index]
        before = b"" if isinstance(page, int) else zlib.decompress(page.stream)
        after = change(before)
        assert before != after
        stream = zlib.compress(after)
        changed = (*pages.pages[:index], Content(stream), *pages.pages[index + 1 :])
        return replace(pages, pages=changed)


@pytest.fixture(scope="module")
def made(built: Project, tmp_path_factory: pytest.TempPathFactory) -> tuple[Planter, list[Copy]]:
    """What makes copies, and has made some; and others."""
    exam = load_exam(built.exam, FIGURES)
    press = prepare_press(exam, built.folder / "output" / ".work" / ".cache")
    workshop = Workshop(exam, SECRET, 4)
    copies = [workshop.register(Copy(f"E{n:04d}", None, n), ()).copy for n in range(1, 40)]
    producer = Planter(workshop, press, Forbidden(), tmp_path_factory.mktemp("planted"))
    assert len(list(producer.produce(copies[:8]))) == 8
    return producer, copies[8:]


def failures(producer: Planter, copies: Sequence[Copy]) -> dict[str, str]:
    """Code of each copy that is refused to why."""
    found: Iterator[Any] = producer.produce(copies)
    with pytest.raises(CopyError) as caught:
        list(found)
    return {
        copy.code: " ".join(it for it in caught.value.messages if copy.code in it)
        for copy in copies
    }


@pytest.mark.slow
def test_what_is_wrong_in_the_pages_of_one_copy_is_found(made: tuple[Planter, list[Copy]]) -> None:
    producer, copies = made
    planted = dict(zip((copy.code for copy in copies), IN_PAGES, strict=False))
    producer.page = {code: (QUESTIONS, IN_PAGES[name][0]) for code, name in planted.items()}
    said = failures(producer, copies[: len(IN_PAGES) + 1])
    for code, name in planted.items():
        assert IN_PAGES[name][1] in said[code], name
    assert said[copies[len(IN_PAGES)].code] == ""
    producer.page = {copies[0].code: (0, lambda it: it + b"\n")}
    assert "not the page that all copies share" in failures(producer, copies[:1])[copies[0].code]


@pytest.mark.slow
def test_what_is_stamped_in_another_way_is_found(
    made: tuple[Planter, list[Copy]], monkeypatch: pytest.MonkeyPatch
) -> None:
    producer, copies = made
    own = copies[-len(IN_STAMPS) :]
    planted = dict(zip((copy.code for copy in own), IN_STAMPS, strict=True))
    stamped = Stamper._overlays

    def overlays(self: Stamper, pages: CopyPages) -> Iterator[bytes]:
        name = planted.get(pages.code)
        change = IN_STAMPS[name][0] if name and self._codes else lambda it: it
        return map(change, stamped(self, pages))

    monkeypatch.setattr(Stamper, "_overlays", overlays)
    said = failures(producer, own)
    for code, name in planted.items():
        assert IN_STAMPS[name][1] in said[code], name


@pytest.mark.slow
def test_every_field_of_the_data_of_a_key_is_read_back(made: tuple[Planter, list[Copy]]) -> None:
    producer, copies = made
    workshop, copy = producer.workshop, copies[0]
    solved = workshop.solutions(copy)
    document = producer._document(copy, solved)
    assert wrong_data(document, copy, workshop.exam, solved) == []
    leaves = list(walk(json.loads(document)))
    assert len(leaves) > 100
    assert [path for path in leaves if not is_found(document, path, workshop, copy, solved)] == []


def is_found(
    document: bytes,
    path: Sequence[Any],
    workshop: Workshop,
    copy: Copy,
    solved: Mapping[str, Solution],
) -> bool:
    data = json.loads(document)
    place = data
    for name in path[:-1]:
        place = place[name]
    value = place[path[-1]]
    place[path[-1]] = value + 1 if isinstance(value, int) else f"{value}7"
    return bool(wrong_data(json.dumps(data).encode(), copy, workshop.exam, solved))


def walk(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to all leaves."""
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for name, value in items:
        if isinstance(value, dict | list):
            yield from walk(value, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.slow
def test_lists_of_a_release_are_read_back(built: Project, tmp_path: Path) -> None:
    secret = load_secret(built.out / "examiner" / "secret.key")
    with closing(Ledger(built.out / "examiner" / "ledger.sqlite", None, secret)) as ledger:
        copies, spares = list(ledger.active()), ledger.spares()
        runs = plan_runs(copies, run_seats(ledger))
        keys = (built.out / "correctors" / "keys.csv").read_bytes().partition(b"\n")[2]
        binding = (built.out / "exam-office" / "binding.csv").read_text("utf-8")
        ticket, jdf = (
            (built.out / "print-shop" / f"job-ticket.{it}").read_bytes() for it in ("json", "jdf")
        )
        changed = tmp_path / "binding.csv"
        changed.write_text(binding, "utf-8")
        check_keys(keys, copies, ["3"])
        check_binding(changed, ledger)
        check_tickets(ticket, jdf, runs, spares, 4)
        rows = [line.encode().split(b",") for line in binding.split("\n")[1:] if line]
        code, number = next(row[:2] for row in rows if row[1])  # spare copies have no number
        for old, new in ((b",3.1,", b",3.4,"), (b"\n", b"7\n"), (code, b"E9999")):
            with pytest.raises(CopyError, match=r"keys\.csv does not say"):
                check_keys(keys.replace(old, new, 1), copies, ["3"])
        for old, new in ((number, b"7"), (code, b"E9999"), (b",1\n", b",2\n")):
            changed.write_bytes(binding.encode().replace(old, new, 1))
            with pytest.raises(CopyError, match=r"binding\.csv does not say"):
                check_binding(changed, ledger)
        for old, new in (
            (b'"copies": ', b'"copies": 1'),
            (b'"first": "E', b'"first": "S'),
            (b'"spare": ', b'"spare": 1'),
            (b'"pages_per_copy": 4', b'"pages_per_copy": 6'),
        ):
            assert old in ticket
            with pytest.raises(CopyError, match="the job ticket does not say"):
                check_tickets(ticket.replace(old, new, 1), jdf, runs, spares, 4)
        with pytest.raises(CopyError, match="the job ticket does not say"):
            check_tickets(ticket, jdf.replace(b'NDoc="', b'NDoc="1', 1), runs, spares, 4)
