"""A pool in a file of its own that several problems share: no question twice in a copy."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from textwrap import indent

import pytest
from probe_bank import EXAM
from shipped import ROOT, SECRET
from test_pool import question

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam
from generator.draw.draw import reference_draw
from generator.errors import Complaint, InputError, JoinedName
from generator.files.program import FIGURES
from generator.pipeline.workshop import Workshop
from generator.record.copy import Copy
from generator.typeset.preparation import prepare_press

WORDS = ("red", "blue", "green", "white", "black")
POOL = "pool:\n" + "".join(question(word, number) for number, word in enumerate(WORDS, 1))


def problem(number: int, count: int = 1, more: str = "") -> str:
    return (
        f'id: "{number}"\ntitle: Taken\npoints: {2 * count}\npool: pool.yaml\nnew_page: false\n'
        f'fairness: {{band: 90 %, branches: any, draws: 100}}\n{more}parts:\n  - id: "{number}.1"\n'
        f"    take: {{tag: color, count: {count}, points: 2}}\n"
    )


def write(folder: Path, counts: tuple[int, ...], pool: str = POOL, more: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    names = [f"problem-{number}.yaml" for number in range(1, len(counts) + 1)]
    for number, (name, count) in enumerate(zip(names, counts, strict=True), 1):
        (folder / name).write_text(problem(number, count, more if number == 1 else ""))
    (folder / "pool.yaml").write_text(pool)
    exam = EXAM.replace("[problem-1.yaml]", f"[{', '.join(names)}]")
    (folder / "exam.yaml").write_text(exam.replace("credits: 2", f"credits: {2 * sum(counts)}"))
    return folder / "exam.yaml"


def load(folder: Path, counts: tuple[int, ...], pool: str = POOL, more: str = "") -> Exam:
    return load_exam(write(folder, counts, pool, more), FIGURES)


def refused(folder: Path, counts: tuple[int, ...], pool: str = POOL) -> list[Complaint]:
    with pytest.raises(InputError) as caught:
        load(folder, counts, pool)
    return list(caught.value.problems)


def colors(exam: Exam, code: str) -> list[str]:
    """What the questions of a copy ask for."""
    workshop = Workshop(exam, SECRET, 4)
    return asked(workshop, workshop.register(Copy(code, None, 1), ()).copy)


def asked(workshop: Workshop, copy: Copy) -> list[str]:
    given = workshop.compose(copy.code, workshop.solutions(copy)).given
    parts = [part.id for problem in workshop.exam.problems for part in problem.parts]
    return [given.questions[part].source.split()[2] for part in parts]


def test_the_guide_says_what_is_drawn_here() -> None:
    head, _, parts = problem(1).partition("new_page")
    shown = f"{head.splitlines()[-1]}\n{parts[parts.index('parts:') :]}"
    assert indent(shown, "    ") in (ROOT / "bank" / "README.md").read_text("utf-8")


def test_no_copy_has_a_question_in_two_problems_and_all_are_asked(tmp_path: Path) -> None:
    exam = load(tmp_path, (1, 1, 1))
    seen = [Counter[str]() for _ in range(3)]
    for number in range(1, 61):
        found = colors(exam, f"E{number:04}")
        assert len(set(found)) == 3
        for counter, word in zip(seen, found, strict=True):
            counter[word] += 1
    assert all(set(counter) == set(WORDS) for counter in seen)


def test_another_problem_changes_nothing_for_those_before_it(tmp_path: Path) -> None:
    few, more = load(tmp_path / "few", (1, 1)), load(tmp_path / "more", (1, 1, 1))
    for number in range(1, 9):
        code = f"E{number:04}"
        assert colors(more, code)[:2] == colors(few, code)


def test_several_parts_of_a_problem_and_another_one_share_a_pool(tmp_path: Path) -> None:
    exam = load(tmp_path, (2, 1))
    assert [len(it.alternatives) for problem in exam.problems for it in problem.parts] == [3, 2, 5]
    assert all(len(set(colors(exam, f"E{number:04}"))) == 3 for number in range(1, 31))


def test_the_reference_copy_has_no_question_twice(tmp_path: Path) -> None:
    exam = load(tmp_path, (1, 1, 1))
    asked = {reference_draw(it).choices[f"{it.id}.1"].options for it in exam.problems}
    assert len(asked) == 3


def test_too_few_questions_are_said_at_what_takes_them(tmp_path: Path) -> None:
    three = "pool:\n" + "".join(question(word, at) for at, word in enumerate(WORDS[:3], 1))
    (wrong,) = refused(tmp_path, (1, 1, 1, 1), three)
    assert Path(wrong.file).name == "problem-4.yaml"
    assert wrong.line == 9
    assert "3 questions of the pool are there for it, and problems before it take 3" in str(wrong)


def test_what_is_wrong_with_a_question_is_said_in_the_pool(tmp_path: Path) -> None:
    pool = POOL.replace("What is green of", "What is << gren1 >> of")
    line = 1 + pool[: pool.index("gren1")].count("\n")
    wrong = refused(tmp_path, (1, 1), pool)
    assert {(Path(it.file).name, it.line) for it in wrong} == {("pool.yaml", line)}
    assert "did you mean green1" in wrong[0].message


@pytest.mark.parametrize(
    ("pool", "where", "says"),
    [
        ("questions: []\n", ("pool.yaml", 1), "expected pool alone"),
        ("pool: many\n", ("pool.yaml", 1), "a list of questions"),
        (POOL + question("pink", 6, "other"), ("pool.yaml", 42), "no part takes this question"),
        (POOL + "more: 1\n", ("pool.yaml", 42), "expected pool alone"),
        ("pool: [\n", ("pool.yaml", 2), "not YAML"),
    ],
)
def test_a_pool_that_is_none_is_refused(
    pool: str, where: tuple[str, int], says: str, tmp_path: Path
) -> None:
    wrong = refused(tmp_path, (1,), pool)
    assert any((Path(it.file).name, it.line) == where and says in it.message for it in wrong), wrong


def test_a_pool_that_is_not_there_is_said_where_it_is_named(tmp_path: Path) -> None:
    file = write(tmp_path, (1,))
    (tmp_path / "pool.yaml").unlink()
    with pytest.raises(InputError, match=r"problem-1.yaml:4:7: pool: there is no pool .*pool.yaml"):
        load_exam(file, FIGURES)


def test_lines_behind_a_file_are_those_of_the_other() -> None:
    name = JoinedName("a.yaml", 3, "b.yaml")
    assert str(Complaint(name, 3, 1, "", "x")) == "a.yaml:3:1: x"
    assert str(Complaint(name, 4, 1, "", "x")) == "b.yaml:1:1: x"


def test_what_a_batch_keeps_is_read_as_the_bank_was(tmp_path: Path) -> None:
    exam = load(tmp_path / "bank", (1, 1))
    assert exam.contents["pool.yaml"] == POOL.encode()
    kept = tmp_path / "kept"
    kept.mkdir()
    for name, content in exam.contents.items():
        (kept / name).write_bytes(content)
    again = load_exam(kept / "exam.yaml", FIGURES)
    assert again.contents == exam.contents
    assert colors(again, "E0001") == colors(exam, "E0001")


@pytest.mark.slow
def test_a_mistake_of_tex_is_said_at_its_line_in_the_pool(tmp_path: Path) -> None:
    exam = load(tmp_path, (1, 1), POOL.replace("What is red", r"What is \red"))
    with pytest.raises(InputError) as caught:
        prepare_press(exam, tmp_path / "cache")
    assert {(Path(it.file).name, it.line) for it in caught.value.problems} == {("pool.yaml", 5)}


@pytest.mark.parametrize("redraw", ["1", "2"])
def test_no_question_comes_twice_where_pool_and_problems_grow(redraw: str, tmp_path: Path) -> None:
    """What is recorded counts, not what would be drawn from the pool as it is now."""
    four = "pool:\n" + "".join(question(word, at) for at, word in enumerate(WORDS[:4], 1))
    old = load(tmp_path / "old", (1,) if redraw == "2" else (1, 1), four)
    new = load(tmp_path / "new", (1, 1))
    before, after = Workshop(old, SECRET, 4), Workshop(new, SECRET, 4)
    for number in range(1, 31):
        copy = before.register(Copy(f"E{number:04}", None, 1), ()).copy
        done = after.register(replace(copy, bank="old"), (redraw,))
        assert done.refusals == ()
        found = asked(after, done.copy)
        assert len(set(found)) == 2, (copy.code, found)


@pytest.mark.parametrize("problem", [0, 1])
def test_a_problem_that_is_drawn_afresh_gets_another_question(problem: int, tmp_path: Path) -> None:
    workshop = Workshop(load(tmp_path, (1, 1)), SECRET, 4)
    moved = 0
    for number in range(1, 21):
        copy = workshop.register(Copy(f"E{number:04}", None, 1), ()).copy
        afresh = workshop.register(replace(copy, bank="old"), (str(problem + 1),)).copy
        before, after = asked(workshop, copy), asked(workshop, afresh)
        assert before[1 - problem] == after[1 - problem]
        assert after[0] != after[1]
        moved += before[problem] != after[problem]
    assert moved > 10


def test_a_pool_that_is_shared_out_otherwise_may_not_ask_twice(tmp_path: Path) -> None:
    """A part that has all questions to itself finds others at the recorded numbers."""
    before = Workshop(load(tmp_path / "old", (2, 1)), SECRET, 4)
    after = Workshop(load(tmp_path / "new", (1, 1)), SECRET, 4)
    refusals = []
    for number in range(1, 31):
        copy = before.register(Copy(f"E{number:04}", None, 1), ()).copy
        refusals += after.register(replace(copy, bank="old"), ()).refusals
    assert any("2.1 would ask what 1.1 asks" in it.reason for it in refusals)
