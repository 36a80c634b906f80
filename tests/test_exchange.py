"""Questions for other systems, read by readers that others wrote, and questions of theirs."""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import pytest
import quickjs
from openpyxl import Workbook
from probe_bank import EXAM, probe
from pypdfium2 import PdfDocument
from shipped import ROOT, shipped_exam

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam
from generator.commands.export import FORMATS, Head, export, import_questions
from generator.desk.tex_html import html
from generator.errors import InputError
from generator.exchange.markup import convert
from generator.exchange.pictures import figure_svgs
from generator.exchange.questions import DrawnQuestion, all_texts, draw_questions
from generator.exchange.scores import shares
from generator.files.program import FIGURES
from generator.solve.printed import _tabular

RULES = ("all_or_nothing", "per_option", "per_option_deducting")
PROBLEM = r"""
id: "1"
title: Exchange
points: 12
intro: |
  Let $x = << a >>$ & \textbf{think}.
draw:
  - {names: [a], from: -5, to: 9, except: [0]}
  - {names: [b], from: 2, to: 9}
reference: {a: -4, b: 3}
parts:
  - id: "1.1"
    points: 2
    space: 40 mm
    ask: Compute $p = << a >> \cdot << b >>$ and $q = << a >> / 8$.
    steps: {p: a*b, q: {is: a/8, decimals: 3, accept: "±0.01"}}
    rubric: [{points: 1, step: p}, {points: 1, step: q}]
  - id: "1.2"
    points: 1
    space: 40 mm
    ask: Why does \{=:\#\} matter?
    code: "if x < << b >>: {print('#')}"
    answer: It does.
    rubric: [{points: 1, for: "It does"}]
  - id: "1.3"
    points: 3
    ask: Match.
    match: {pairs: [[stack, "last in, first out"], [queue, "first in, first out"], [set, once]]}
""" + "".join(
    f"""
  - id: "1.{number}"
    points: 2
    scoring: {rule}
    ask: Which of them are even and below $<< b >> + 9$?
    options:
      - {{correct: true, say: "$2$", why: "it is"}}
      - {{correct: false, say: "3 = {rule.replace("_", " ")}"}}
      - {{correct: true, say: "4 \\\\% of 100"}}
      - {{correct: false, say: "99"}}
"""
    for number, rule in enumerate(RULES, 4)
)


@pytest.fixture(scope="module")
def exam(tmp_path_factory: pytest.TempPathFactory) -> Exam:
    credits = EXAM.replace("credits: 2", "credits: 12")
    return probe(tmp_path_factory.mktemp("exchange"), PROBLEM, credits)


@pytest.fixture(scope="module")
def questions(exam: Exam) -> list[DrawnQuestion]:
    return list(draw_questions(exam, 3, "a seed"))


def made(questions: list[DrawnQuestion], name: str) -> bytes:
    form = FORMATS[name]
    return form.make(questions, convert(all_texts(questions), form.target), {}, Head("A title"))


def test_the_same_seed_gives_the_same_questions_and_no_question_comes_twice(
    exam: Exam, questions: list[DrawnQuestion]
) -> None:
    assert list(draw_questions(exam, 3, "a seed")) == questions
    assert list(draw_questions(exam, 3, "another")) != questions
    (first, *_) = draw_questions(exam, 0, "")
    assert [blank.value for blank in first.blanks] == ["-12", "-0.500"]
    assert len({question.name for question in questions}) == len(questions)


# GIFT, read by gift-pegjs


def gift_read(text: str) -> list[dict[str, Any]]:
    parser = quickjs.Context()
    parser.eval((ROOT / "tests" / "vendor" / "gift-pegjs-1.0.2.js").read_text("utf-8"))
    found = parser.eval(f"JSON.stringify(giftParser.parse({json.dumps(text)}))")
    return list(json.loads(str(found)))


def test_gift_says_the_same(questions: list[DrawnQuestion]) -> None:
    found = {it["title"]: it for it in gift_read(made(questions, "gift").decode())}
    for question in questions:
        if question.form == "numbers":
            for blank in question.blanks:
                read = found[f"{question.name} {blank.name}"]
                assert blank.bounds is not None
                least, most = blank.bounds
                assert read["choices"]["number"] == pytest.approx(float(least + most) / 2)
                assert read["choices"]["range"] == pytest.approx(float(most - least) / 2)
            continue
        read = found[question.name]
        assert read["stem"]["format"] == "html"
        if question.form == "match":
            assert [it["subanswer"] for it in read["matchPairs"]] == [
                it[1] for it in question.pairs
            ]
        if question.form == "choice":
            weights = [it["weight"] or 0 for it in read["choices"]]
            assert [weight > 0 for weight in weights] == [it.right for it in question.choices]
        if question.part == "1.2":
            assert "Why does {=:#} matter?" in read["stem"]["text"]
            assert "{print(&#39;#&#39;)}" in read["stem"]["text"]


# Moodle XML


def test_moodle_xml_says_the_same(questions: list[DrawnQuestion]) -> None:
    root = xml.fromstring(made(questions, "moodle"))
    found = {it.findtext("name/text"): it for it in root.iter("question")}
    for question in questions:
        read = found[question.name]
        assert read.findtext("defaultgrade") == str(question.points)
        text = read.findtext("questiontext/text") or ""
        assert r"\(x =" in text.replace("\n", " ")
        assert r"&amp; <strong>think</strong>" in text.replace("\n", " ")
        if question.form == "numbers":
            p, q = question.blanks
            assert f"{{1:NUMERICAL:={p.value}:0}}" in text
            assert q.bounds is not None
            assert q.bounds[1] - q.bounds[0] == Fraction("0.02")
            assert ":0.01}" in text
        elif question.form == "choice":
            fractions = [float(it.get("fraction") or 0) for it in read.iter("answer")]
            assert [it > 0 for it in fractions] == [it.right for it in question.choices]
            assert sum(it for it in fractions if it > 0) == pytest.approx(100)


# Canvas, read by text2qti


def text2qti(file: Path) -> Path:
    """What it makes of a quiz."""
    script = Path(sys.executable).parent / "text2qti"
    done = subprocess.run(
        [script, str(file)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return file.with_suffix(".zip")


def test_text2qti_makes_a_quiz_of_it(questions: list[DrawnQuestion], tmp_path: Path) -> None:
    file = tmp_path / "quiz.txt"
    file.write_bytes(made(questions, "canvas"))
    with zipfile.ZipFile(text2qti(file)) as archive:
        names = [name for name in archive.namelist() if name.endswith(".xml")]
        texts = "".join(archive.read(name).decode() for name in names)
    assert texts.count("numerical_question") == 2 * sum(it.form == "numbers" for it in questions)
    assert texts.count("multiple_answers_question") == sum(it.form == "choice" for it in questions)


# QTI, scored by the rules of the item


class Scorer:
    """What the response processing of an item makes of an answer."""

    def __init__(self, item: bytes) -> None:
        self.root = xml.fromstring(item)
        for element in self.root.iter():
            element.tag = camel(element.tag.rpartition("}")[2].removeprefix("qti-"))
            element.attrib = {camel(name): value for name, value in element.attrib.items()}
        self.declared = {it.get("identifier"): it for it in self.root.iter("responseDeclaration")}

    def score(self, answers: Mapping[str, Any]) -> float:
        self.answers = answers
        self.total = 0.0
        (processing,) = self.root.iter("responseProcessing")
        for rule in processing:
            self.run(rule)
        return self.total

    def run(self, rule: xml.Element) -> None:
        if rule.tag == "setOutcomeValue":
            self.total = float(self.value(rule[0]))
            return
        assert rule.tag == "responseCondition"
        (test, *rules) = rule[0]
        if self.value(test):
            for inner in rules:
                self.run(inner)

    def value(self, element: xml.Element) -> Any:
        own = [self.value(child) for child in element] if element.tag != "mapResponse" else []
        name = element.get("identifier") or ""
        match element.tag:
            case "variable":
                return self.total if name == "SCORE" else self.answers.get(name)
            case "correct":
                values = [it.text for it in self.declared[name].iter("value")]
                is_list = self.declared[name].get("cardinality") == "multiple"
                if is_list:
                    return set(values)
                number = self.declared[name].get("baseType") == "float"
                return float(values[0] or "") if number else values[0]
            case "baseValue":
                return float(element.text or "")
            case "match":
                return own[0] == own[1]
            case "equal":
                far = float((element.get("tolerance") or "0").split()[0])
                return abs(own[0] - own[1]) <= far + 1e-12
            case "isNull":
                return not own[0]
            case "lt":
                return own[0] < own[1]
            case "sum":
                return sum(own)
            case "mapResponse":
                entries = self.declared[name].iter("mapEntry")
                points = {it.get("mapKey"): float(it.get("mappedValue") or 0) for it in entries}
                return sum(points.get(key, 0.0) for key in self.answers[name])
        raise AssertionError(element.tag)


def camel(name: str) -> str:
    first, *rest = name.split("-")
    return first + "".join(word.capitalize() for word in rest)


def items(questions: list[DrawnQuestion], name: str) -> Iterator[tuple[DrawnQuestion, bytes]]:
    with zipfile.ZipFile(io.BytesIO(made(questions, name))) as archive:
        manifest = xml.fromstring(archive.read("imsmanifest.xml"))
        files = [it.get("href") for it in manifest.iter() if it.tag.endswith("}resource")]
        for question, file in zip(questions, files, strict=True):
            yield question, archive.read(str(file))


def fair_score(question: DrawnQuestion, marked: set[int]) -> float:
    """What the paper's rule gives for marked options, counted box by box."""
    right = {index for index, it in enumerate(question.choices) if it.right}
    count = len(question.choices)
    good = sum((index in marked) == (index in right) for index in range(count))
    points = float(question.points)
    if question.rule == "all_or_nothing":
        return points if good == count else 0.0
    if question.rule == "per_option":
        return points * good / count
    return max(points * (good - (count - good)) / count, 0.0)


@pytest.mark.parametrize("name", ["qti21", "qti30"])
def test_items_score_as_the_paper_says(questions: list[DrawnQuestion], name: str) -> None:
    rules = set()
    for question, item in items(questions, name):
        if question.form == "choice":
            rules.add(question.rule)
            for count in range(5):
                for marked in itertools.combinations(range(4), count):
                    answer = {"RESPONSE": {f"C{index + 1}" for index in marked}}
                    found = Scorer(item).score(answer)
                    assert found == pytest.approx(fair_score(question, set(marked)))
                    stated = shares(question)
                    if stated is not None:
                        earned = stated.base + sum(stated.marked[index] for index in marked)
                        assert float(max(earned, 0) * question.points) == found
        elif question.form == "numbers":
            p, q = (float(blank.value) for blank in question.blanks)
            assert Scorer(item).score({"RESPONSE1": p, "RESPONSE2": q}) == 2
            assert Scorer(item).score({"RESPONSE1": p, "RESPONSE2": q + 0.0099}) == 2
            assert Scorer(item).score({"RESPONSE1": p, "RESPONSE2": q + 0.02}) == 1
            assert Scorer(item).score({"RESPONSE1": p + 1, "RESPONSE2": q + 1}) == 0
        elif question.form == "match":
            right = {"L1 R1", "L2 R2", "L3 R3"}
            assert Scorer(item).score({"RESPONSE": right}) == 3
            assert Scorer(item).score({"RESPONSE": {"L1 R2", "L2 R1", "L3 R3"}}) == 1
    assert rules == set(RULES)


MATHML = "{http://www.w3.org/1998/Math/MathML}"
MATHML_CHILDREN: dict[str, int | None] = {
    **dict.fromkeys(("mfrac", "msup", "msub", "munder", "mover", "mroot"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
    **dict.fromkeys(("math", "semantics", "annotation", "mrow", "mi", "mn", "mo", "mtext")),
    **dict.fromkeys(("mspace", "msqrt", "mstyle", "mtable", "mtr", "mtd", "mpadded", "mphantom")),
}
"""Presentation elements with how many children they have to have (MathML 3, 3.1.3.2)."""


def test_figures_of_the_shipped_exam_come_along(tmp_path: Path) -> None:
    said = export(ROOT / "bank" / "exam.yaml", tmp_path, "qti30", 0, "")
    file = Path(said.split(": ")[0])
    with zipfile.ZipFile(file) as archive:
        pictures = [name for name in archive.namelist() if name.endswith(".svg")]
        assert pictures
        assert archive.read(pictures[0]).startswith(b"<?xml")
        items = [archive.read(it) for it in archive.namelist() if it.endswith(".xml")]
    formulas = [it for item in items for it in xml.fromstring(item).iter(f"{MATHML}math")]
    assert len(formulas) > 100
    assert not any(b'class="math' in item for item in items)  # what pandoc could not convert
    for element in itertools.chain.from_iterable(map(xml.Element.iter, formulas)):
        tag = element.tag.removeprefix(MATHML)
        assert tag in MATHML_CHILDREN
        assert MATHML_CHILDREN[tag] in (None, len(element)), tag
    assert len(list(draw_questions(shipped_exam(), 0, ""))) == 43


# Figures


FIGURES_PROBLEM = r"""
id: "1"
title: Figures
points: 4
draw: [{names: [a, b], from: 11, to: 99, distinct: true}]
reference: {a: 23, b: 45}
parts:
  - id: "1.1"
    points: 1
    space: 40 mm
    ask: How far is it?
    figure: {name: road, labels: [a, b]}
    steps: {c: a + b}
    rubric: [{points: 1, step: c}]
  - id: "1.2"
    points: 1
    space: 40 mm
    ask: What is one less?
    figure:
      plot: {kind: graph, nodes: {P: [0, 0], Q: [40, 0]}, edges: [[P, Q, << a >> km]]}
    steps: {d: a - 1}
    rubric: [{points: 1, step: d}]
  - id: "1.3"
    points: 1
    ask: Which is round?
    options:
      - {correct: true, figure: {image: disc.svg, width: 10 mm}}
      - {correct: false, figure: {name: box}}
      - {correct: false, say: Neither}
  - id: "1.4"
    points: 1
    ask: Which shows << a >>?
    right: one
    statements:
      first: {correct: true, figure: {plot: {kind: bar, y: "[a, b]"}}}
      second: {correct: false, figure: {plot: {kind: bar, y: "[b, a]"}}}
      none: {correct: false, say: None}
      both: {correct: false, say: Both}
    reference: [first, none]
"""
ROAD = r"""\begin{tikzpicture}[x=1mm, y=1mm]
  \useasboundingbox (0, 0) rectangle (60, 10);
  \draw (0, 1) -- (60, 1);
  \node at (15, 6) {\FigureLabel{a}};
  \node at (45, 6) {\FigureLabel{b}};
\end{tikzpicture}
"""
BOX = r"\begin{tikzpicture} \draw (0, 0) rectangle (1, 1); \end{tikzpicture}"
SIZE = 'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"'
SHOWN = 9
"""Two roads, two graphs, a box, a disc, and three of the plots of 1.4."""
DISC = f'<svg {SIZE}><circle cx="5" cy="5" r="4"/></svg>'


def test_figures_have_the_values_of_their_question(tmp_path: Path) -> None:
    """Labels, a plot, and the figures of options: in the files of all systems."""
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "road.tex").write_text(ROAD)
    (tmp_path / "figures" / "box.tex").write_text(BOX)
    (tmp_path / "disc.svg").write_text(DISC)
    exam = probe(tmp_path, FIGURES_PROBLEM, EXAM.replace("credits: 2", "credits: 4"))
    found = list(draw_questions(exam, 2, "a seed"))
    wanted = [it for question in found for it in question.pictures()]
    svgs = figure_svgs(exam, wanted, tmp_path / "cache")
    (pdf,) = (tmp_path / "cache").glob("figures-*/figures.pdf")
    said = [page.get_textpage().get_text_range().split() for page in PdfDocument(pdf)]
    assert len(svgs) == len(said) == SHOWN
    assert not any("option" in name for name in svgs)  # the first one of a bank is often right
    texts = dict(zip(svgs, said, strict=True))
    for question in found:
        printed = {it.value for it in question.blanks}
        if question.part == "1.3":
            assert [it.figure is not None for it in question.choices] == [True, True, False]
            continue
        if question.part == "1.4":
            assert not question.figures
            for choice in question.choices:
                assert (choice.figure is None) is bool(choice.text)
                if choice.figure is not None:
                    assert choice.figure.source.plot is not None
            continue
        (figure,) = question.figures
        numbers = [int(it) for it in texts[figure.name] if it.isdigit()]
        assert printed == {str(sum(numbers) if question.part == "1.1" else numbers[0] - 1)}
        assert svgs[figure.name].count(b"<use") == len("".join(texts[figure.name]))
    for system in ("moodle", "gift", "qti30", "canvas"):
        form = FORMATS[system]
        made = form.make(found, convert(all_texts(found), form.target), svgs, Head("T", "shown"))
        if system == "moodle":
            files = [it.get("name") for it in xml.fromstring(made).iter("file")]
            assert len(files) == SHOWN
            assert all(f"@@PLUGINFILE@@/{name}".encode() in made for name in files)
        elif system == "gift":
            # The disc and the box are options, and stand once in each of them.
            (options,) = (
                it["choices"] for it in gift_read(made.decode()) if "round" in it["stem"]["text"]
            )
            assert ["data:image/svg" in it["text"]["text"] for it in options] == [True, True, False]
        elif system == "canvas":
            (tmp_path / "quiz.txt").write_bytes(made)
            (tmp_path / "shown").mkdir()
            for name, svg in svgs.items():
                (tmp_path / "shown" / f"{name}.svg").write_bytes(svg)
            with zipfile.ZipFile(text2qti(tmp_path / "quiz.txt")) as archive:
                taken = [Path(it) for it in archive.namelist() if it.endswith(".svg")]
            assert {it.stem for it in taken} == set(svgs)
        else:
            with zipfile.ZipFile(io.BytesIO(made)) as archive:
                listed = {name for name in archive.namelist() if name.endswith(".svg")}
                assert listed == {f"items/{name}.svg" for name in svgs}
                items = [archive.read(it).decode() for it in sorted(archive.namelist())]
            assert sum(item.count("<img") for item in items) == SHOWN


# What comes in

GIFT = r"""// a comment
$CATEGORY: $course$/x

::Dropout::[html]Which of these <b>regularize</b> \(L_2\)\: ?{
=Dropout 5 % #it drops
~Batch size
~%-50%Momentum
}

::Grant::Who is buried in {=Grant =Ulysses}?

True or not{F}

::Two::Even \= {
~%50%2
~%50%4
~%-100%5 \{odd\}
}
"""


def load_imported(folder: Path, file: Path, count: int) -> Exam:
    target = folder / "problem-1.yaml"
    import_questions(file, target, "1", "Imported", "1")
    (folder / "exam.yaml").write_text(EXAM.replace("credits: 2", f"credits: {count}"), "utf-8")
    return load_exam(folder / "exam.yaml", FIGURES)


def options(exam: Exam) -> list[list[tuple[str, bool]]]:
    return [
        [(say.source, bool(truth)) for truth, say, _ in part.known_statements()]
        for part in exam.problems[0].parts
    ]


def test_gift_becomes_a_problem_that_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "questions.gift"
    file.write_text(GIFT, "utf-8")
    exam = load_imported(tmp_path, file, 3)
    assert options(exam) == [
        [(r"Dropout 5 \%", True), ("Batch size", False), ("Momentum", False)],
        [("True", False), ("False", True)],
        [("2", True), ("4", True), (r"5 \{odd\}", False)],
    ]
    assert exam.problems[0].parts[0].ask.source == r"Which of these \textbf{regularize} \(L_2\): ?"


def test_what_goes_out_comes_in_again(questions: list[DrawnQuestion], tmp_path: Path) -> None:
    choices = [question for question in questions if question.form == "choice"]
    for name, suffix in (("moodle", "xml"), ("gift", "gift")):
        folder = tmp_path / name
        folder.mkdir()
        file = folder / f"questions.{suffix}"
        file.write_bytes(made(questions, name))
        exam = load_imported(folder, file, len(choices))
        found = [[right for _, right in own] for own in options(exam)]
        assert found == [[it.right for it in question.choices] for question in choices]


def test_tables_become_a_problem(tmp_path: Path) -> None:
    rows = [
        ["Title of the table"],
        ["Question", "Option A", "Option B", "C", "Correct", "Feedback"],
        ["Which is 100 % & <even>?", "1", "2", "4", "b, c", "halves"],
        ["Which is none?", "x", "y", "", "", ""],
    ]
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "questions.xlsx")
    exam = load_imported(tmp_path, tmp_path / "questions.xlsx", 2)
    expected = [[("1", False), ("2", True), ("4", True)], [("x", False), ("y", False)]]
    assert options(exam) == expected
    other = tmp_path / "csv"
    other.mkdir()
    (other / "q.csv").write_text("\n".join(";".join(row) for row in rows), "utf-8")
    assert options(load_imported(other, other / "q.csv", 2)) == expected


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("q.gift", "::a::Who is {=b =c}?", "no multiple choice was found.*1: left out"),
        ("q.csv", "a;b\n1;2\n", "no headings were found"),
        ("q.csv", "question;a;b;right\nx;1;2;d\n", "q.csv:2: left out: d is right"),
        ("q.xml", "<quiz>", "cannot be read"),
        ("q.doc", "x", "expected a file of GIFT"),
    ],
)
def test_what_cannot_come_in_is_said(tmp_path: Path, name: str, text: str, says: str) -> None:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        import_questions(file, tmp_path / "problem.yaml", "1", "Title", "1")
    assert re.search(says, str(caught.value), re.DOTALL)
    assert not (tmp_path / "problem.yaml").exists()


def moodle_question(kind: str, *answers: tuple[str, str], text: str = "What?") -> str:
    told = "".join(
        f'<answer fraction="{share}"><text><![CDATA[{say}]]></text></answer>'
        for share, say in answers
    )
    return f"""<question type="{kind}"><name><text>N</text></name>
<questiontext format="html"><text><![CDATA[{text}]]></text></questiontext>{told}</question>"""


def quiz(*questions: str) -> str:
    category = (
        """<question type="category"><category><text>$course$/A/B</text></category></question>"""
    )
    return "\n".join(["<quiz>", "<!-- 1 -->", category, *questions, "</quiz>"])


AB = (("100", "a"), ("0", "b"))
ODD: tuple[tuple[str, str | bytes, list[list[tuple[str, bool]]]], ...] = (
    (
        "q.csv",
        b'\xef\xbb\xbfFrage;Antwort A;B;C;Richtig\r\n1;"x; y";z;;A\r\n',
        [[("x; y", True), ("z", False)]],
    ),
    (
        "q.csv",
        "Question\tA\tB\tCorrect\n1\tx\ty\t2\n".encode("utf-16"),
        [[("x", False), ("y", True)]],
    ),
    ("q.csv", "question,answer1,answer2,correct answer\n1,x,y,Y\n", [[("x", False), ("y", True)]]),
    (
        "q.csv",
        "question,a,b,right\n1,H<sub>2</sub>O &amp; x,y,a\n",
        [[(r"H\textsubscript{2}O \& x", True), ("y", False)]],
    ),
    (
        "q.gift",
        "\ufeffQ\\: {=a \\{1\\} \\= \\~ \\#\r\n~b#no\r\n####all}\r\n",
        [[(r"a \{1\} = \textasciitilde{} \#", True), ("b", False)]],
    ),
    ("q.gift", "Sun?{TRUE#yes#no}\n", [[("True", True), ("False", False)]]),
    (
        "q.gift",
        "Q?{\n// within\n~%50%a\n~%50%b\n~%-100%c\n}\n",
        [[("a", True), ("b", True), ("c", False)]],
    ),
    ("q.gift", "[markdown]Q?{=*a* ~`b`}\n", [[(r"\emph{a}", True), (r"\texttt{b}", False)]]),
    ("q.gift", "[plain]Q?{=a <b> ~b}\n", [[(r"a \textless b\textgreater{}", True), ("b", False)]]),
    (
        "q.xml",
        quiz(
            moodle_question(
                "multichoice",
                ("33,33333", "a"),
                ("33,33333", "b"),
                ("33,33333", "<p>c&nbsp;d</p>"),
                ("-50", "e"),
            )
        ),
        [[("a", True), ("b", True), ("c~d", True), ("e", False)]],
    ),
    (
        "q.xml",
        quiz(moodle_question("truefalse", ("0", "true"), ("100", "false"))),
        [[("true", False), ("false", True)]],
    ),
    (
        "q.xml",
        "\ufeff" + quiz(moodle_question("multichoice", *AB, text="<h3>Q</h3><a href='x'>y</a>")),
        [[("a", True), ("b", False)]],
    ),
    (
        "q.xml",
        quiz(
            """<question type="multichoice"><name><text>N</text></name>
<questiontext format="html"><text>What?</text></questiontext>
<answer fraction="100"><text>x &lt; <i>y</i> z</text></answer>
<answer fraction="0" format="markdown"><text>*no*</text></answer></question>"""
        ),
        [[(r"x \textless{} \emph{y} z", True), (r"\emph{no}", False)]],
    ),
)


@pytest.mark.parametrize(("name", "content", "expected"), ODD)
def test_odd_files_are_read_as_people_mean_them(
    tmp_path: Path, name: str, content: str | bytes, expected: list[list[tuple[str, bool]]]
) -> None:
    file = tmp_path / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    assert options(load_imported(tmp_path, file, len(expected))) == expected


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("q.csv", "question,a,b,right\n1,x,y,z\n", r"q\.csv:2: left out: z is right, but"),
        (
            "q.csv",
            "question,a,b,c,right\n1,2,1,4,2\n",
            r"q\.csv:2: left out: 2 \(the text of a, or",
        ),
        (
            "q.csv",
            "question,a,b,right\n,x,y,a\n",
            r"q\.csv:2: left out: the question, or an option",
        ),
        ("q.gift", "Q?{=a ~b}\nR?{=c ~d}\n", r"q\.gift:1: left out: two questions without"),
        ("q.gift", "\nQ?{=a -> b =c -> d}\n", r"q\.gift:2: left out: no multiple choice"),
        ("q.gift", "\nQ?{#1822:5}\n", r"q\.gift:2: left out: no multiple choice"),
        (
            "q.xml",
            quiz(moodle_question("cloze", text="{1:NUMERICAL:=3}")),
            r"q\.xml:4: left out: N is cloze",
        ),
        (
            "q.xml",
            quiz(moodle_question("multichoice", ("", "a"), ("0", "b"))),
            r"q\.xml:4: .*fraction is ''",
        ),
        (
            "q.xml",
            quiz(moodle_question("multichoice", ("50", "a"), ("0", "b"))),
            r"q\.xml:4: .*earn 50 %",
        ),
        (
            "q.xml",
            quiz(moodle_question("multichoice", *AB, text="<img src='@@PLUGINFILE@@/x.png'>")),
            r"q\.xml:4: .*a picture",
        ),
        (
            "q.xml",
            quiz(moodle_question("multichoice", *AB, text="<table></table>x")),
            r"q\.xml:4: .*a table",
        ),
        ("q.xml", quiz("&nbsp;"), r"q\.xml:4: cannot be read: undefined entity"),
    ],
)
def test_what_is_left_out_is_named_at_its_line(
    tmp_path: Path, name: str, text: str, says: str
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        import_questions(tmp_path / name, tmp_path / "problem.yaml", "1", "Title", "1")
    assert re.search(says, str(caught.value)), str(caught.value)


def test_what_earns_a_part_counts_as_wrong_and_is_said(tmp_path: Path) -> None:
    (tmp_path / "q.gift").write_text("Q?{=a ~%50%b ~c}\n")
    said = import_questions(tmp_path / "q.gift", tmp_path / "p.yaml", "1", "T", "1")
    assert "q.gift:1: wrong here, though it earns a part there: b" in said


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "q.gift").write_text(GIFT)
    with pytest.raises(InputError, match="none: there is no such folder; make it first"):
        import_questions(tmp_path / "q.gift", tmp_path / "none" / "p.yaml", "1", "T", "1")


def test_a_problem_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "problem.yaml").write_text("mine")
    (tmp_path / "q.gift").write_text(GIFT)
    with pytest.raises(InputError, match="is there already"):
        import_questions(tmp_path / "q.gift", tmp_path / "problem.yaml", "1", "T", "1")


# Readers and a player that others wrote (`make test-players` fetches them)


def test_a_reader_beside_the_players_finds_the_same_in_moodle_xml(
    questions: list[DrawnQuestion],
) -> None:
    reader = pytest.importorskip("moodle_xml_parser.parser", reason="make test-players brings it")
    found = reader.parse_bytes(made(questions, "moodle"))
    choices = {it.name: it for it in found["multichoice"]}
    gaps = {
        it.name: [gap for gap in it.gaps if gap.sub_type == "NUMERICAL"] for it in found["cloze"]
    }
    for question in questions:
        if question.form == "choice":
            read = choices.pop(question.name)
            assert [it.score_fraction > 0 for it in read.options] == [
                it.right for it in question.choices
            ]
            assert read.default_grade == float(question.points)
            assert read.single is question.single
        elif question.form == "numbers":
            values = [gap.options[0].answer.partition(":")[0] for gap in gaps.pop(question.name)]
            assert [float(it) for it in values] == [float(it.value) for it in question.blanks]
    assert not choices
    assert not gaps


@pytest.mark.skipif("QTI_PLAYER" not in os.environ, reason="make test-players brings the player")
def test_a_player_scores_right_and_wrong_answers_as_the_paper_says(
    questions: list[DrawnQuestion],
) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.set_content("<!doctype html><div id='here'></div>")
        page.add_script_tag(path=os.environ["QTI_PLAYER"])

        def score(item: bytes, answers: Mapping[str, Any]) -> float:
            text = re.sub(r"<\?xml[^>]*\?>", "", item.decode())
            return float(page.evaluate(PLAY, [text, answers]))

        for question, item in items(questions, "qti30"):
            if question.form == "choice":
                for count in range(5):
                    for marked in itertools.combinations(range(4), count):
                        answer = {"RESPONSE": [f"C{index + 1}" for index in marked]}
                        expected = fair_score(question, set(marked))
                        assert score(item, answer) == pytest.approx(expected), (question, marked)
            elif question.form == "numbers":
                p, q = (blank.value for blank in question.blanks)
                assert score(item, {"RESPONSE1": p, "RESPONSE2": q}) == 2
                assert score(item, {"RESPONSE1": p, "RESPONSE2": str(float(q) + 0.02)}) == 1
                assert score(item, {"RESPONSE1": "1000", "RESPONSE2": "1000"}) == 0
            elif question.form == "match":
                assert score(item, {"RESPONSE": ["L1 R1", "L2 R2", "L3 R3"]}) == 3
                assert score(item, {"RESPONSE": ["L1 R2", "L2 R1", "L3 R3"]}) == 1
        browser.close()


PLAY = r"""async ([text, answers]) => {
  const here = document.getElementById('here');
  const empty = /<([a-z-]+)((?:\s[^<>]*)?)\/>/g;
  here.innerHTML = text.replace(empty, (all, tag, rest) => `<${tag}${rest}></${tag}>`);
  const item = here.querySelector('qti-assessment-item');
  await new Promise((done) => setTimeout(done, 20));
  for (const [name, value] of Object.entries(answers)) item.updateResponseVariable(name, value);
  item.processResponse();
  return item.getOutcome('SCORE').value ?? 0;
}"""


def test_tables_with_cells_over_several_columns_stay_tables() -> None:
    text = r"""\begin{tabular}{@{}l@{${}={}$}r@{\hspace{9mm}}l@{}}
\multicolumn{2}{@{}l@{}}{\makebox[0pt][l]{Inputs}} & \multicolumn{1}{|c|}{x} \\ \midrule
$i_1$ & 2 & 3 \\
\end{tabular}"""
    made = convert([text], "mathjax")[text]
    assert re.sub(r"<[^>]*>|\s+", " ", made).split() == ["Inputs", "x", r"\(i_1\)", "2", "3"]
    assert 'colspan="2"' in made


def test_tables_of_drawn_lists_lose_nothing() -> None:
    table = _tabular([["11", "22"], ["33", "44"]])
    cells = ["11", "22", "33", "44"]
    assert re.findall(r"\d+", re.sub(r"<[^>]*>", " ", convert([table], "mathjax")[table])) == cells
    assert re.findall(r"\d+", html(table)) == cells


def test_the_sample_exam_has_its_tables_in_other_systems() -> None:
    questions = list(draw_questions(shipped_exam(), 0, "seed"))
    texts = [it.text for it in questions if r"\begin{tabular}" in it.text]
    assert texts
    for made in convert(texts, "mathjax").values():
        assert "<table" in made
        assert 'class="tabular"' not in made
