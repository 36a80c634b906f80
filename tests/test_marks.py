"""Marks: operations that are only added, what they come to, and what is refused."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest
from marked import CODES, SECRET, VOID, do, mark, open_marks, papers_of
from small_bank import changed, complaints, load
from small_disk import small_disk

from generator.bank.exam import Exam
from generator.errors import InputError
from generator.marks.findings import find
from generator.marks.marked_papers import MarkedPart, Papers, Refused
from generator.marks.store import Conflict, Marks


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return papers_of(load(tmp_path_factory.mktemp("bank")))


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Exam:
    text = changed("exam.yaml", "pages: 8", "language: de\ngrades: {step: 0.25}\npages: 8")
    return load(tmp_path_factory.mktemp("german"), exam=text)


@pytest.fixture
def marks(papers: Papers, tmp_path: Path) -> Iterator[Marks]:
    with open_marks(tmp_path, papers) as opened:
        yield opened


# --- what operations come to ----------------------------------------------------------------------


def test_ticks_add_up_to_at_most_the_maximum(marks: Marks) -> None:
    assert marks.state(CODES[0], "1.1").version == 0
    assert do(marks, "tick", "r0").total == 1
    assert do(marks, "tick", "r1").total == Fraction(5, 2)
    state = do(marks, "untick", "r0")
    assert (state.total, state.ticks, state.version) == (Fraction(3, 2), ("r1",), 3)
    assert do(marks, "points", value="1").total == 1
    assert do(marks, "points", value="").total == Fraction(3, 2)
    # A mistake says what the subproblem still earns with it.
    assert do(marks, "tick", "m0").total == Fraction(1, 2)


def test_comments_flags_and_given_values_come_and_go(marks: Marks) -> None:
    do(marks, "comment", value="unit is missing")
    do(marks, "comment", value="see next page")
    do(marks, "uncomment", value="see next page")
    do(marks, "given", "total", "-1.5")
    state = do(marks, "doubtful")
    assert state.comments == ("unit is missing",)
    assert state.given == {"total": "-1.5"}
    assert state.doubtful
    state = do(marks, "given", "total", "")
    assert (state.given, state.total, state.done) == ({}, None, False)
    do(marks, "comment", value="unit is missing", code=CODES[1])
    do(marks, "comment", value="nice", code=CODES[1])
    assert marks.comments("1.1") == [("unit is missing", 2), ("nice", 1)]


def test_undo_is_one_more_operation(marks: Marks) -> None:
    do(marks, "tick", "r0")
    do(marks, "tick", "r1")
    state = do(marks, "undo")
    assert (state.ticks, state.version) == (("r0",), 3)
    assert do(marks, "undo").ticks == ()
    with pytest.raises(Refused, match="nothing of bob to take back"):
        do(marks, "undo")
    do(marks, "points", value="2", code=CODES[1])
    undone = marks.undo("bob", "back-1")
    assert undone is not None
    assert (undone.code, undone.points) == (CODES[1], None)
    assert marks.undo("bob", "back-1") == undone
    assert marks.undo("eve", "back-2") is None


def test_sent_again_it_changes_nothing(marks: Marks) -> None:
    first = do(marks, "points", value="2", id="same")
    assert do(marks, "points", value="2", id="same") == first
    assert marks.last() == 1
    with pytest.raises(Refused, match="with another content"):
        do(marks, "points", value="1", id="same")
    assert marks.state(CODES[0], "1.1").points == 2


def test_nothing_of_somebody_else_is_overwritten(marks: Marks) -> None:
    do(marks, "tick", "r0")
    do(marks, "tick", "r1")  # one's own changes one has seen
    with pytest.raises(Conflict, match=r"bob has changed 1\.1 of E0001") as caught:
        do(marks, "untick", "r0", who="eve", seen=1)
    assert caught.value.state.ticks == ("r0", "r1")
    assert do(marks, "untick", "r0", who="eve", seen=2).ticks == ("r1",)
    with pytest.raises(Conflict):
        do(marks, "undo", seen=2)
    assert marks.state(CODES[0], "1.1").ticks == ("r1",)


def test_done_needs_points(marks: Marks) -> None:
    with pytest.raises(Refused, match="give 0 if nothing is right"):
        do(marks, "done")
    assert marks.last() == 0
    do(marks, "tick", "r0")
    assert do(marks, "done").done_by == "bob"
    assert not do(marks, "untick", "r0").done


def test_what_is_done_and_moves_by_values_given_elsewhere_says_so(marks: Marks) -> None:
    for tick in ("r0", "r1"):
        do(marks, "tick", tick)
    assert do(marks, "done").checked == Fraction(5, 2)
    # Of another subproblem: not seen here, so it is still done, and told.
    moved = do(marks, "untick", "r1", "1.2", who="eve", seen=3)
    assert (moved.done, moved.done_by, moved.total) == (True, "bob", 1)
    assert moved.has_moved
    assert [it.part for it in marks.moved()] == ["1.1"]
    # Nobody has looked at it by writing a comment; nor where nothing is left.
    assert do(marks, "comment", value="x", seen=9).has_moved
    gone = do(marks, "untick", "r0", "1.2", who="eve", seen=9)
    assert (gone.done, gone.total, gone.has_moved) == (True, 0, True)
    confirmed = do(marks, "confirm", who="eve", seen=9)
    assert (confirmed.has_moved, confirmed.total, confirmed.done_by) == (False, 0, "bob")
    assert not marks.moved()
    # What one changes by hand one has seen.
    assert not do(marks, "tick", "r0", seen=9).has_moved
    with pytest.raises(Refused, match="nothing to confirm"):
        do(marks, "confirm", part="1.2")
    assert [it.data["kind"] for it in marks.audit.entries() if it.kind == "mark"][-2:] == [
        "confirm",
        "tick",
    ]


def test_a_value_is_taken_back_with_what_followed_from_it(marks: Marks) -> None:
    do(marks, "tick", "r0")
    do(marks, "given", "total", "1", id="v")
    do(marks, "tick", "r1", "1.1", id="v/1.1/r1")
    do(marks, "tick", "r0", "1.1", part="1.2", id="v/1.2/r0")
    state = marks.undo("bob", "back")
    assert state is not None
    assert (state.given, state.ticks) == ({}, ("r0",))
    assert not marks.state(CODES[0], "1.2").ticks
    again = marks.undo("bob", "back")
    assert again is not None
    assert again.version == state.version


# --- multiple choice ------------------------------------------------------------------------------


def test_crosses_are_counted_as_the_paper_says(marks: Marks, papers: Papers) -> None:
    code = CODES[0]
    part = papers.part(code, "2.1")
    assert do(marks, "done", part="2.1").total == (0 if part.right else 2)
    for label in part.right:
        state = do(marks, "tick", f"o:{label}", part="2.1")
    assert state.total == 2
    with pytest.raises(Refused, match="o:a, o:b"):
        do(marks, "tick", "o:x", part="2.1")
    with pytest.raises(Refused):
        do(marks, "tick", "f:a", part="2.1")


def test_full_points_are_the_crosses_of_the_key(marks: Marks, papers: Papers) -> None:
    code = CODES[0]
    right = papers.part(code, "2.1").right
    wrong = next(label for label in "abcd" if label not in right)
    do(marks, "tick", f"o:{wrong}", part="2.1")
    do(marks, "points", value="0", part="2.1")
    state = do(marks, "key", part="2.1")
    assert state.ticks == tuple(sorted(f"o:{label}" for label in right))
    assert (state.points, state.total) == (None, papers.part(code, "2.1").maximum)
    with pytest.raises(Refused, match="nothing to cross"):
        do(marks, "key")
    two = MarkedPart("1", "1", Fraction(2), options="ab", right=frozenset("b"), two_boxes=True)
    assert two.key_crosses == ("f:a", "o:b")
    assert two.points(two.key_crosses) == 2


@pytest.mark.parametrize(
    ("scoring", "two_boxes", "ticks", "points"),
    [
        ("", False, "o:a o:c", 4),
        ("paper.all_or_nothing_mark", False, "o:a", 0),
        ("paper.per_option_mark", False, "o:a", 3),
        ("paper.per_option_mark", False, "", 2),
        ("paper.per_option_deducting_mark", False, "o:a", 2),
        ("paper.per_option_deducting_mark", False, "o:b o:d", 0),
        ("paper.per_option_true_false", True, "o:a f:b", 2),
        ("paper.per_option_deducting_true_false", True, "o:a f:b o:d", 1),
        ("paper.per_option_deducting_true_false", True, "", 0),
        ("paper.all_or_nothing_true_false", True, "o:a f:b o:c f:d", 4),
        ("paper.all_or_nothing_true_false", True, "o:a f:a f:b o:c f:d", 0),
    ],
)
def test_each_rule(scoring: str, two_boxes: bool, ticks: str, points: int) -> None:
    part = MarkedPart(
        "1.1", "1", Fraction(4), (), (), (), "abcd", frozenset("ac"), scoring, two_boxes
    )
    assert part.points(ticks.split(), done=True) == points


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"kind": "points", "value": "3"}, "3 points are more than 1.1 has: expected at most 2.5"),
        ({"kind": "points", "value": "-1"}, "less than nothing"),
        ({"kind": "points", "value": "0.25"}, "expected a multiple of 0.5"),
        ({"kind": "points", "value": "two"}, "'two' is no number of points"),
        ({"kind": "points", "value": "1,5"}, "'1,5' is no number of points"),
        ({"kind": "tick", "name": "r2"}, "r0–r1, m0–m0"),
        ({"kind": "tick", "name": "r²"}, "nothing that can be ticked"),
        ({"kind": "given", "name": "nonsense", "value": "1"}, "there is no step nonsense"),
        ({"kind": "given", "name": "total", "value": "x"}, "cannot be read as total"),
        ({"kind": "given", "name": "a", "value": "1"}, "a is drawn"),
        ({"kind": "comment", "value": " "}, "without text"),
        ({"kind": "erase"}, "expected tick, untick"),
        ({"kind": "tick", "name": "r0", "part": "7.1"}, "no subproblem 7.1; the exam has 1.1"),
        ({"kind": "tick", "name": "r0", "code": "E9999"}, "E9999 cannot be marked: it was never"),
        ({"kind": "tick", "name": "r0", "code": VOID}, "is void"),
        ({"kind": "tick", "name": "r0", "who": "mal"}, "mal may not mark 1.1"),
        ({"kind": "tick", "name": "r0", "round": 5}, "no round 5"),
        ({"kind": "tick", "name": "r0", "round": 2}, "has not been marked yet"),
    ],
)
def test_bad_input_is_named_and_changes_nothing(
    marks: Marks, what: dict[str, object], said: str
) -> None:
    with pytest.raises(Refused) as caught:
        do(marks, **{"name": "", "value": ""} | what)  # type: ignore[arg-type]
    assert said in str(caught.value)
    assert caught.value.exit_code == 2
    assert marks.last() == 0
    assert marks.audit.verify()[-1].kind == "refusal"


def test_a_german_exam_takes_commas_and_says_so_in_german(german: Exam, tmp_path: Path) -> None:
    with open_marks(tmp_path, papers_of(german)) as marks:
        assert do(marks, "points", value="1,25").total == Fraction(5, 4)
        assert do(marks, "points", value="1.25").total == Fraction(5, 4)
        do(marks, "given", "total", "-0,5")
        with pytest.raises(Refused, match=r"3 Punkte sind mehr, als 1\.1 hat: höchstens 2,5"):
            do(marks, "points", value="3")


def test_who_may_mark_what(marks: Marks) -> None:
    marks.allow("kim", ["2", "1.2"])
    assert marks.allowed()["kim"] == ("2.1", "2.2", "2.3", "1.2")
    assert marks.may("kim", "2.2")
    assert not marks.may("kim", "1.1")
    with pytest.raises(Refused, match="no subproblem 9"):
        marks.allow("kim", ["9"])
    assert marks.is_examiner("ada")
    assert not marks.is_examiner("bob")


# --- rounds ---------------------------------------------------------------------------------------


def test_second_marking_is_somebody_elses_and_differences_are_settled(marks: Marks) -> None:
    for code in CODES[:3]:
        mark(marks, code, "1.1", "2")
    with pytest.raises(Refused, match="somebody else has to mark it again"):
        mark(marks, CODES[0], "1.1", "2", round=2)
    assert marks.order.next_unmarked("bob", "1.1", 0, round=2) is None
    assert marks.order.next_unmarked("eve", "1.1", 0, round=2) in CODES[:3]
    mark(marks, CODES[0], "1.1", "2", "eve", 2)
    mark(marks, CODES[1], "1.1", "1.5", "eve", 2)
    [difference] = marks.differences()
    assert (difference.code, difference.first.total, difference.second.total) == (
        CODES[1],
        2,
        Fraction(3, 2),
    )
    assert (CODES[1], "1.1") not in marks.finals()
    with pytest.raises(Refused, match="only the examiner"):
        mark(marks, CODES[1], "1.1", "1.5", "eve", 4)
    mark(marks, CODES[1], "1.1", "1.5", "ada", 4)
    assert marks.differences() == []
    totals = {code: it.total for (code, _), it in marks.finals().items()}
    assert totals == {CODES[0]: 2, CODES[1]: Fraction(3, 2), CODES[2]: 2}


def test_a_sample_is_marked_again(marks: Marks) -> None:
    for code in CODES:
        mark(marks, code, "1.1", "2")
    chosen = marks.order.sample("1.1", 4)
    assert len(chosen) == 4
    assert marks.order.sample("1.1", 4) == chosen
    assert set(chosen) < set(marks.order.sample("1.1", 6))
    assert marks.order.next_unmarked("bob", "1.1", 0, round=3) in marks.order.sample("1.1", 0)


# --- who is at what -------------------------------------------------------------------------------


def test_next_is_unmarked_and_nobody_elses(marks: Marks) -> None:
    orders = {}
    for who, part in (("bob", "1.1"), ("eve", "1.1"), ("bob", "1.2")):
        seen: list[str] = []
        while code := marks.order.next_unmarked(who, part, 0, seen[-1] if seen else ""):
            if code in seen:
                break
            seen.append(code)
        orders[who, part] = seen
        marks.order.release(who)
    assert all(sorted(order) == list(CODES) for order in orders.values())
    assert len({tuple(order) for order in orders.values()}) == 3
    order = orders["bob", "1.1"]
    mark(marks, order[1], "1.1", "2", "eve")
    assert marks.order.claim("eve", order[2], "1.1", 0) is None
    assert marks.order.next_unmarked("bob", "1.1", 1, order[0]) == order[3]
    assert marks.order.claim("bob", order[2], "1.1", 1) == "eve"
    assert marks.order.claims(1) == {(order[2], "1.1"): "eve", (order[3], "1.1"): "bob"}
    assert marks.order.claim("bob", order[2], "1.1", 121) is None  # eve has gone away
    assert marks.order.next_unmarked("bob", "1.1", 1, order[-1]) == order[0]


def test_copies_that_nobody_has_come_only_if_something_was_found_on_them(marks: Marks) -> None:
    marks.papers.unheld = frozenset(CODES[:3])
    do(marks, "tick", "r0", code=CODES[1], part="1.2")
    mark(marks, CODES[2], "1.2", "0")
    found: set[str] = set()
    while (code := marks.order.next_unmarked("bob", "1.1", 0)) is not None:
        found.add(code)
        mark(marks, code, "1.1", "1")
    assert found == {CODES[1], *CODES[3:]}


def test_copies_that_nobody_has_are_unused_until_something_is_found_on_them(marks: Marks) -> None:
    marks.papers.unheld = frozenset(CODES[:2])
    mark(marks, CODES[0], "1.1", "0")
    assert marks.unused() == frozenset(CODES[:2])
    do(marks, "tick", "r0", code=CODES[1])
    assert marks.unused() == frozenset(CODES[:1])


def test_marks_of_copies_that_are_void_by_now_count_no_more_and_are_said(
    marks: Marks, monkeypatch: pytest.MonkeyPatch
) -> None:
    for code in CODES[:2]:
        mark(marks, code, "1.1", "2")
    monkeypatch.setattr(marks.papers, "_known", frozenset(CODES[1:]))
    monkeypatch.setattr(marks.papers, "_why_not", lambda code: "printed again")
    assert set(marks.finals()) == {(CODES[1], "1.1")}
    assert marks.void() == {CODES[0]: "printed again"}
    assert find(marks).copies == 1
    assert [it.done for it in marks.progress()] == [1]


def test_progress_says_who_is_how_far(marks: Marks) -> None:
    for code in CODES[:3]:
        mark(marks, code, "1.1", "2")
    do(marks, "doubtful", code=CODES[4], who="eve", part="1.2")
    first, second = marks.progress()
    assert (first.part, first.who, first.done, first.doubtful) == ("1.1", "bob", 3, 0)
    assert first.seconds is not None
    assert 0 <= first.seconds < 5
    assert (second.part, second.who, second.done, second.doubtful) == ("1.2", "eve", 0, 1)
    assert [it.kind for _, it in marks.since(4)] == ["points", "done", "doubtful"]


# --- the file -------------------------------------------------------------------------------------


def test_many_at_once_lose_nothing(marks: Marks, papers: Papers) -> None:
    def work(who: str, code: str) -> None:
        for number in range(5):
            do(marks, "points", value=str(number / 2), who=who, code=code)

    workers = [
        threading.Thread(target=work, args=("bob" if at % 2 else "eve", code))
        for at, code in enumerate(CODES)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert marks.last() == 5 * len(CODES)
    assert {it.points for it in marks.states()} == {2}
    assert len(marks.audit.verify()) == 3 + 5 * len(CODES)


SAVING = """
import sys; sys.path.insert(0, "tests")
from pathlib import Path
from marked import CODES, do, open_marks, papers_of
from small_bank import load
folder = Path(sys.argv[1])
with open_marks(folder, papers_of(load(folder))) as marks:
    for number in range(100_000):
        do(marks, "comment", value=str(number), id=str(number), code=CODES[number % 12])
        print(number, flush=True)
"""


def test_what_was_acknowledged_survives_kill_9(papers: Papers, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SAVING, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as saving:
        assert saving.stdout is not None
        for line in saving.stdout:
            if int(line) == 60:
                os.kill(saving.pid, signal.SIGKILL)
                break
        rest = saving.stdout.read().split()
    acknowledged = max(60, *map(int, rest or ["60"]))
    with open_marks(tmp_path, papers) as marks:
        kept = {comment for state in marks.states() for comment in state.comments}
        assert {str(number) for number in range(acknowledged + 1)} <= kept
        assert marks.audit.verify()


def test_a_file_that_is_none_is_said(papers: Papers, tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    file = tmp_path / "desk" / "marks.sqlite"
    file.write_bytes(b"something else" * 1000)
    with pytest.raises(InputError, match="cannot be read as marks"):
        open_marks(tmp_path, papers)
    file.unlink()
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(InputError, match="written by a later version"):
        open_marks(tmp_path, papers)


# --- the audit ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit SET about = 'E0009' WHERE number = 5", "entry 5 of the audit log: is not"),
        ("DELETE FROM audit WHERE number = 5", "expected entry 5 here"),
        ("DELETE FROM audit WHERE number > 6", "was cut off: 6 of 8 entries"),
        ("DELETE FROM audit", "was cut off: 0 of 8 entries"),
    ],
)
def test_what_was_done_to_the_log_is_found(
    papers: Papers, tmp_path: Path, statement: str, said: str
) -> None:
    with open_marks(tmp_path, papers) as marks:
        for code in CODES[:5]:
            marks.audit.append("look-up", "bob", code, {"problem": "1"})
        assert [it.about for it in marks.audit.verify()][3:] == list(CODES[:5])
    with sqlite3.connect(tmp_path / "desk" / "marks.sqlite") as database:
        database.execute(statement)
    with reopened(tmp_path, papers) as marks, pytest.raises(InputError, match=said):
        marks.audit.verify()


def test_without_the_secret_no_chain_is_made(papers: Papers, tmp_path: Path) -> None:
    with open_marks(tmp_path, papers):
        pass
    with (
        Marks(tmp_path / "desk" / "marks.sqlite", papers, bytes(32), tmp_path / "head.json") as it,
        pytest.raises(InputError, match="entry 1 of the audit log"),
    ):
        it.audit.verify()


def test_entries_that_changed_places_are_found(papers: Papers, tmp_path: Path) -> None:
    with open_marks(tmp_path, papers) as marks:
        for code in CODES[:5]:
            marks.audit.append("look-up", "bob", code)
    with sqlite3.connect(tmp_path / "desk" / "marks.sqlite") as database:
        for old, new in ((5, 99), (6, 5), (99, 6)):
            database.execute("UPDATE audit SET number = ? WHERE number = ?", (new, old))
    with reopened(tmp_path, papers) as marks, pytest.raises(InputError, match="entry 5 of"):
        marks.audit.verify()


def test_the_newest_entry_is_known_elsewhere(papers: Papers, tmp_path: Path) -> None:
    with open_marks(tmp_path, papers) as marks:
        head = tmp_path / "head.json"
        old = head.read_text()
        marks.audit.append("sign-in", "bob", "")
        new = head.read_text()
        head.write_text(old)
        assert marks.audit.verify()  # it is in the chain
        head.write_text(new.replace('"number": 4', '"number": 3'))
        with pytest.raises(InputError, match="was not written by this program"):
            marks.audit.verify()
        head.unlink()
        with pytest.raises(InputError, match="is missing"):
            marks.audit.verify()


def reopened(folder: Path, papers: Papers) -> Marks:
    return Marks(folder / "desk" / "marks.sqlite", papers, SECRET.audit_key, folder / "head.json")


# --- grades ---------------------------------------------------------------------------------------


def test_a_scale_of_grades_is_read_and_what_is_wrong_with_it_is_named(tmp_path: Path) -> None:
    def with_scale(scale: str) -> str:
        return changed("exam.yaml", "pages: 8", f"grades: {{scale: {{{scale}}}}}\npages: 8")

    exam = load(tmp_path, exam=with_scale('"1.0": 90 %, "2.7": 8, "5.0": 0'))
    assert exam.grades.scale == (("1.0", Fraction(243, 20)), ("2.7", 8), ("5.0", 0))
    best = ["12.5", "12", "8", "7.5"]
    assert [exam.grades.of(Fraction(it)) for it in best] == ["1.0", "2.7", "2.7", "5.0"]
    wrong = complaints(tmp_path, exam=with_scale('"1.0": 14, "2.7": 80 %, "3.0": 11, "4.0": 1'))
    assert [(it.where, it.message) for it in wrong] == [
        ("grades.scale.1.0", "needs 14 points, but the exam has 13.5"),
        ("grades.scale.3.0", "expected less than 2.7 needs, 10.8; got 11"),
        ("grades.scale.4.0", "4.0 is the last grade and needs 1; expected 0"),
    ]


def test_a_full_disk_is_said_and_marks_go_on_once_there_is_room(
    papers: Papers, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "full", "500k") as folder, ExitStack() as ends:
        marks = ends.enter_context(open_marks(folder, papers))
        do(marks, "tick", "r0")
        filler = folder / "filler"
        with suppress(OSError):
            filler.write_bytes(bytes(10**6))
        with pytest.raises(OSError, match=r"full|disk") as refused:
            list(map(partial(do, marks, "comment", ""), ["x" * 400 + str(it) for it in range(99)]))
        assert refused.value.errno == errno.ENOSPC
        with pytest.raises(OSError, match=r"full|disk") as opening:
            open_marks(folder / "other", papers)
        assert opening.value.errno == errno.ENOSPC
        filler.unlink()
        kept = marks.last()
        assert do(marks, "tick", "r1").ticks == ("r0", "r1")
        assert marks.last() == kept + 1
        assert marks.audit.verify()[-1].data["name"] == "r1"
