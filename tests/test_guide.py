"""The guide of the bank: its examples work, its first steps do, and its reference is whole."""

from __future__ import annotations

import itertools
import re
import subprocess
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from commands import run_command
from pydantic.fields import FieldInfo
from shipped import ROOT, dice, reference_solutions

from generator.bank import models
from generator.bank.exam import Exam
from generator.bank.kinds import ProblemFile
from generator.bank.kinds.alternatives import (
    AlternativeFields,
    AlternativesFields,
    PoolQuestionFields,
    Take,
    TakeFields,
)
from generator.bank.kinds.matching import Match, MatchFields, SequenceFields, WrittenFields
from generator.bank.kinds.multiple_choice import ChoiceFields, StatementFields
from generator.bank.kinds.open_question import OpenFields
from generator.bank.kinds.options import FixedFields, OptionFields
from generator.bank.kinds.order import Order, OrderFields, ReferenceOrder
from generator.bank.kinds.statements import ComputedFields, PoolFields
from generator.bank.kinds.wrong_values import WrongFields, WrongValueFields
from generator.bank.read.exam_file import load_exam
from generator.bank.read.lists import MAX_LIST
from generator.draw.draw import MAX_ATTEMPTS, draw_problem
from generator.expressions import limits
from generator.expressions.functions import GROUPS
from generator.solve.solve import solve_problem

GUIDE = ROOT / "bank" / "README.md"
FIGURES = ROOT / "latex" / "figures"
COPIES = 20

_BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PLUGIN = re.compile(r"^```python\n# plugins/(\w+\.py)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_TIKZ = re.compile(r"^```tex\n% figures/(\S+\.tex)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LOGO = re.compile(r"^    (logo: .*\n)", re.MULTILINE)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20">'
    '<circle cx="20" cy="10" r="8" fill="none" stroke="black"/></svg>'
)
_PART_ID = re.compile(r'^- id: "1\.[0-9]"', re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """A YAML block of the guide.

    Attributes:
        line: Where its text begins in the guide.
        text: The block.
    """

    line: int
    text: str

    @property
    def kind(self) -> str:
        if self.text.startswith("- id:"):
            return "parts"
        return "exam" if "\nuniversity:" in self.text else "problem"


def examples(kind: str) -> list[Example]:
    """All YAML blocks of a kind: exam, problem, or parts of a problem."""
    guide = GUIDE.read_text("utf-8")
    found = [
        Example(guide.count("\n", 0, match.start(1)) + 1, match[1])
        for match in _BLOCK.finditer(guide)
    ]
    return [example for example in found if example.kind == kind]


def parts_of(example: Example) -> list[dict[str, Any]]:
    """Its parts as plain data, with all scalars as text."""
    loaded: list[dict[str, Any]] = yaml.load(example.text, yaml.BaseLoader)
    return loaded


def is_choice(example: Example) -> bool:
    return not parts_of(example)[0].keys().isdisjoint(("statements", "order", "options", "wrong"))


def names_of(example: Example) -> set[str]:
    """What is drawn or computed in the parts, alternatives included."""
    names: set[str] = set()
    for part in parts_of(example):
        for question in (part, *part.get("alternatives", ())):
            names |= {name for entry in question.get("draw", ()) for name in entry["names"]}
            names |= set(question.get("steps", ()))
            names |= set(question.get("solver", {}).get("gives", ()))
    return names


def gathered() -> list[list[Example]]:
    """The parts of the guide in as few problems as their names allow."""
    problems: list[list[Example]] = []
    for example in examples("parts"):
        for problem in problems:
            taken = set().union(*map(names_of, problem))
            if is_choice(problem[0]) == is_choice(example) and taken.isdisjoint(names_of(example)):
                problem.append(example)
                break
        else:
            problems.append([example])
    return problems


def as_problem(members: list[Example], number: int) -> str:
    """Parts of the guide as a problem file, numbered anew."""
    counter = itertools.count(1)
    parts = _PART_ID.sub(
        lambda _: f'- id: "{number}.{next(counter)}"', "".join(it.text for it in members)
    )
    points = sum(Fraction(part["points"]) for it in members for part in parts_of(it))
    lines = [
        f'id: "{number}"',
        f"title: Lines {members[0].line} to {members[-1].line} of the guide",
        f"points: {float(points):g}",
        f"kind: {'choice' if is_choice(members[0]) else 'open'}",
        "new_page: false",
        # The draws for the median take most of the time of a small build.
        "fairness: {draws: 100}",
        "parts:",
    ]
    return "\n".join(lines) + "\n" + textwrap.indent(parts, "  ")


def write_exam(folder: Path) -> Path:
    """All problems and parts of the guide as one exam."""
    whole = [it.text for it in examples("problem")]
    texts = [re.sub(r'\bid: "1', f'id: "{number}', it) for number, it in enumerate(whole, 1)]
    for number, members in enumerate(gathered(), len(texts) + 1):
        texts.append(as_problem(members, number))
    names = [f"problem-{number}.yaml" for number in range(1, len(texts) + 1)]
    for name, text in zip(names, texts, strict=True):
        (folder / name).write_text(text, "utf-8")
    points = sum(Fraction(yaml.load(text, yaml.BaseLoader)["points"]) for text in texts)
    for name, text in _PLUGIN.findall(GUIDE.read_text("utf-8")):
        (folder / "plugins").mkdir(exist_ok=True)
        (folder / "plugins" / name).write_text(text, "utf-8")
    (exam,) = examples("exam")
    header = re.sub(r"^credits: .*$", f"credits: {float(points):g}", exam.text, flags=re.M)
    header = re.sub(r"^pages: .*$", "pages: 20", header, flags=re.M)
    header = re.sub(r"^problems: .*$", f"problems: [{', '.join(names)}]", header, flags=re.M)
    header += "packages: [circuitikz]\n"
    header += "".join(_LOGO.findall(GUIDE.read_text("utf-8")))
    write_figures(folder, [*texts, header])
    file = folder / "exam.yaml"
    file.write_text(header, "utf-8")
    return file


def write_figures(folder: Path, texts: Iterable[str]) -> None:
    """The TikZ files that the guide shows, and an image for each that its examples name."""
    (folder / "figures").mkdir(exist_ok=True)
    for name, source in _TIKZ.findall(GUIDE.read_text("utf-8")):
        (folder / "figures" / name).write_text(source, "utf-8")
    for name in re.findall(r"image: ([a-z]+\.svg)", "\n".join(texts)):
        (folder / name).write_text(SVG, "utf-8")


def run(command: str, exam: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """A command of the program, as `make` calls it."""
    return run_command(command, "--exam", exam, *arguments)


# --- Tables that are made from the program ---

BASES = (
    (models.PartFields, "All parts"),
    (
        models.Question,
        "A question with an answer box: an open part, or one of several alternatives",
    ),
    (ChoiceFields, "All multiple choice"),
    (WrittenFields, "Matching, and ordering by writing"),
)
"""Models whose fields are described once for all that are made from them."""

SECTIONS = (
    (models.ExamFile, "The exam, `exam.yaml`"),
    (models.SpareCopies, "`spare_copies`"),
    (models.RoomFile, "A room of `rooms`"),
    (models.RosterFile, "`roster`"),
    (models.PrintingWishes, "`printing`"),
    (models.StickerSheet, "`stickers`"),
    (models.GradesFields, "`grades`"),
    (models.CoverFields, "`cover`"),
    (models.CoverBlock, "A block of the cover"),
    (models.CoverRule, "A working instruction"),
    (models.LogoImage, "`logo`, where the file alone is not enough"),
    (models.NumberSigns, "`numbers`"),
    (models.NumberForm, "`form`"),
    (ProblemFile, "A problem"),
    (models.Fairness, "`fairness`"),
    (
        models.DrawEntry,
        "An entry of `draw`; a `fallback` value has `from`, `to`, `step`, `except`, `one_of`, "
        "`decimals`, `unit` and `form`",
    ),
    (models.FigureUse, "`figure`, `canvas`, `canvas_answer`"),
    (models.PlotFields, "`plot` of a figure"),
    *BASES,
    (models.Code, "`code`, where its lines alone are not enough"),
    (models.ResultBox, "An item of `results`, where the step alone is not enough"),
    (models.Gap, "An entry of `gaps`, where the answer alone is not enough"),
    (OpenFields, "An open part, besides"),
    (AlternativesFields, "A part with alternatives, besides"),
    (AlternativeFields, "An alternative, besides what a question has"),
    (PoolQuestionFields, "A question of `pool`, besides what an alternative has"),
    (TakeFields, "Parts that are taken from the pool, besides"),
    (Take, "`take`"),
    (models.About, "`about`"),
    (models.Step, "A step, where its expression alone is not enough"),
    (models.SolverUse, "`solver`"),
    (models.RubricItem, "An item of `rubric`"),
    (models.Mistake, "An item of `mistakes`"),
    (PoolFields, "Multiple choice from a pool, besides"),
    (StatementFields, "A statement of the pool"),
    (ComputedFields, "A computed statement"),
    (OrderFields, "An ordering question, besides"),
    (Order, "`order`"),
    (ReferenceOrder, "`reference_order`"),
    (MatchFields, "Matching, besides"),
    (Match, "`match`"),
    (SequenceFields, "Ordering by writing, besides"),
    (FixedFields, "Multiple choice with fixed options, besides"),
    (OptionFields, "A fixed option"),
    (WrongValueFields, "Multiple choice among numbers, besides"),
    (WrongFields, "An item of `wrong`, where its expression alone is not enough"),
)

ABSTRACT = {
    *(models.Model, models.Drawn, models.OwnDraws, models.DrawList),
    *(models.ProblemFields, models.CoverFacts),
}
"""Models that are only there for others to be made from; those have their fields."""


def _models(base: type[models.Model]) -> set[type[models.Model]]:
    """A model and all that are made from it."""
    return {base}.union(*map(_models, base.__subclasses__()))


def own_fields(model: type[models.Model]) -> dict[str, FieldInfo]:
    """The fields that are to be described under a model."""
    described = {
        name
        for base, _ in BASES
        if base is not model and issubclass(model, base)
        for name in base.model_fields
    }
    own = [it for it in reversed(model.__mro__) if it in {model, models.ProblemFields}]
    named = [it for base in own for it in base.__annotations__ if it in model.model_fields]
    inherited = [it for it in model.model_fields if it not in named]
    return {
        name: model.model_fields[name] for name in (*named, *inherited) if name not in described
    }


def field_row(name: str, info: FieldInfo) -> str:
    description = (info.description or "").removesuffix(".")
    example = in_yaml(info.examples[0]) if info.examples else ""
    if len(example) > LONGEST_EXAMPLE:
        example = ""
    code = f"`{example}`" if example else ""
    optional = "" if info.is_required() else "optional. "
    return f"| `{info.alias or name}` | {optional}{_escaped(description)} | {code} |"


def in_yaml(value: Any) -> str:
    """A value as one line of YAML."""
    text = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True
    )
    return text.removesuffix("...\n").strip()


def _escaped(text: str) -> str:
    return re.sub(r"<<.*?>>", r"`\g<0>`", text).replace("|", "\\|")


def field_tables() -> str:
    blocks = []
    for model, title in SECTIONS:
        rows = [field_row(name, info) for name, info in own_fields(model).items()]
        blocks.append(
            "\n".join([f"**{title}**", "", "| | | for example |", "|---|---|---|", *rows])
        )
    return "\n\n".join(blocks)


def function_list() -> str:
    lines = [
        f"{title}: " + ", ".join(f"`{function.usage}`" for function in functions.values()) + "."
        for title, functions in GROUPS.items()
    ]
    filled = [textwrap.fill(line, 130, break_on_hyphens=False) for line in lines]
    return "\n\n".join(filled)


def limit_list() -> str:
    return (
        f"Limits, so that nothing takes long: {limits.MAX_SOURCE} characters, {limits.MAX_NODES} "
        f"parts and {limits.MAX_DEPTH} levels in an\nexpression, "
        f"exponents up to {limits.MAX_EXPONENT}, "
        f"{limits.MAX_ELEMENTS} numbers in a list, {MAX_LIST} members in a drawn list, "
        f"{MAX_ATTEMPTS} attempts for a draw."
    )


def renewed(guide: str) -> str:
    """The guide with the parts that are made from the program as they are to be."""
    for name, make in GENERATED.items():
        block = f"<!-- {name} -->\n{make()}\n<!-- end -->"
        pattern = rf"<!-- {name} -->\n.*?<!-- end -->"
        guide, count = re.subn(pattern, lambda _, it=block: it, guide, count=1, flags=re.DOTALL)
        assert count == 1, name
    return guide


LONGEST_EXAMPLE = 80
"""Of characters; longer ones are to be seen among the patterns."""

GENERATED = {"functions": function_list, "limits": limit_list, "fields": field_tables}


def test_every_model_is_described() -> None:
    """Every field of every model is described, under the model or one that it is made from."""
    found = _models(models.Model) - ABSTRACT
    assert {model for model, _ in SECTIONS} == found


def test_reference_is_made_from_the_models() -> None:
    guide = GUIDE.read_text("utf-8")
    assert guide == renewed(guide), "run PYTHONPATH=. .venv/bin/python tests/test_guide.py"


def test_reference_has_all_fields_and_no_others() -> None:
    """The tables, read back, against the names that a file may have."""
    guide = GUIDE.read_text("utf-8")
    for model, title in SECTIONS:
        (_, _, rest) = guide.partition(f"\n**{title}**\n")
        rows = re.findall(r"^\| `(\w+)` \| (optional\. )?(\S)", rest.split("\n**")[0], re.M)
        inherited = {
            info.alias or name
            for base, _ in BASES
            if base is not model and issubclass(model, base)
            for name, info in base.model_fields.items()
        }
        fields = {info.alias or name: info for name, info in model.model_fields.items()}
        assert {name for name, _, _ in rows} == fields.keys() - inherited, title
        for name, optional, _ in rows:
            assert bool(optional) is not fields[name].is_required(), (title, name)


# --- Examples ---


@pytest.fixture(scope="module")
def exam_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_exam(tmp_path_factory.mktemp("guide"))


@pytest.fixture(scope="module")
def guide_exam(exam_file: Path) -> Exam:
    return load_exam(exam_file, FIGURES)


def test_every_pattern_has_an_example() -> None:
    guide = GUIDE.read_text("utf-8")
    patterns = re.split(r"^## ", guide, flags=re.M)
    (section,) = [it for it in patterns if it.startswith("Patterns\n")]
    for pattern in section.split("\n### ")[1:]:
        assert "```yaml\n" in pattern, pattern.splitlines()[0]


def test_all_forms_of_parts_have_an_example(guide_exam: Exam) -> None:
    forms = {type(part).__name__ for problem in guide_exam.problems for part in problem.parts}
    assert forms == {
        "OpenPart",
        "AlternativesPart",
        "PoolPart",
        "OrderPart",
        "FixedPart",
        "WrongValuePart",
        "WrittenPart",
    }


def test_examples_are_drawn_and_solved(guide_exam: Exam) -> None:
    reference = reference_solutions(guide_exam)
    for problem in guide_exam.problems:
        copies = [
            draw_problem(problem, dice(guide_exam, f"E{number:04d}", problem.id))
            for number in range(COPIES)
        ]
        solved = [solve_problem(problem, draw) for draw in copies]
        assert reference[problem.id].draw.values.keys() <= problem.variables.keys()
        if problem.variables:
            assert len({str(sorted(it.draw.values.items())) for it in solved}) > 1, problem.title


@pytest.mark.slow
def test_examples_are_typeset(exam_file: Path, tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("registration_number,last_name,first_name\n03712041,Nguyen,Anh\n")
    done = run("build", exam_file, "--roster", roster, "--out", tmp_path, "--jobs", 2)
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("*/correctors/keys/*.pdf"))) == 2


# --- The way from nothing ---


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exam of the first section, as its reader makes it."""
    folder = tmp_path_factory.mktemp("newcomer") / "my-exam"
    folder.mkdir()
    (folder / "exam.yaml").write_text(examples("exam")[0].text, "utf-8")
    (folder / "problem-1.yaml").write_text(examples("problem")[0].text, "utf-8")
    return folder / "exam.yaml"


@pytest.mark.slow
def test_reference_of_the_first_problem_is_what_the_guide_says(newcomer: Path) -> None:
    out = newcomer.parent.parent / "output"
    done = run("reference", newcomer, "--out", out)
    assert done.returncode == 0, done.stderr
    key = out / "my-exam-1" / "reference" / "E0743-key.pdf"
    command = ["pdftotext", "-layout", str(key), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert re.search(r"= 1 · 2 \+ 0\.5 · \(−1\).* = 0\.5\b", text.replace("1.0", "1"))
    assert "= 0.5" in GUIDE.read_text("utf-8")


def test_mistake_of_the_first_problem_is_reported_as_the_guide_says(
    newcomer: Path, tmp_path: Path
) -> None:
    broken = newcomer.with_name("broken")
    broken.mkdir()
    for file in newcomer.parent.glob("*.yaml"):
        (broken / file.name).write_text(file.read_text().replace("w2*x2 +", "w3*x2 +"))
    done = run("reference", broken / "exam.yaml", "--out", tmp_path)
    assert done.returncode == 2
    said = done.stderr.replace(str(broken), "my-exam").splitlines()[0]
    assert f"\n    {said}\n" in GUIDE.read_text("utf-8")


@pytest.mark.slow
def test_first_exam_is_built_for_the_sample_roster(newcomer: Path, tmp_path: Path) -> None:
    roster = ROOT / "bank" / "roster.csv"
    done = run("build", newcomer, "--roster", roster, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert any((tmp_path / "my-exam-1" / "print-shop" / "papers").iterdir())


def test_commands_are_targets_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^\.PHONY: (.*)$", makefile, re.M)[0].split()
    named = re.findall(r"\bmake ([a-z]+)\b", re.sub(r"`make`", "", GUIDE.read_text("utf-8")))
    called = {word for word in named if re.search(rf"(`|    )make {word}\b", GUIDE.read_text())}
    assert called <= set(targets)


if __name__ == "__main__":
    GUIDE.write_text(renewed(GUIDE.read_text("utf-8")), "utf-8")
