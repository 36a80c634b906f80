"""Listings: what stands in `code` is printed as it stands, with drawn values in it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from one_problem import load_one, one_part, write_one

from generator.bank.read.code import _line, plain_line
from generator.errors import InputError
from generator.pipeline.build import build_exam
from generator.solve.printed import shown

PROGRAM = """\
x = [<< a >>, -<< b >>]   # 100 % $of$ {them} \\ & ~ ^ _
if x[0] << 2 >= 1 and "don't" != '--':
    print(x[1], `y`)
z = 3  # → x² ≤ λόγος, 5 °C
"""


def problem(code: str) -> str:
    return one_part(
        "[{names: [a, b], from: 2, to: 9}]",
        "{a: 4, b: 7}",
        "What does it print?",
        "{z: b + 0*a}",
    ).replace("    steps:", f"    code:{code}\n    steps:")


def block(text: str) -> str:
    indented = "".join(f"        {line}\n" for line in text.splitlines())
    return f"\n      language: python\n      numbers: true\n      text: |\n{indented.rstrip()}"


@pytest.mark.slow
def test_a_program_is_printed_as_it_stands(tmp_path: Path) -> None:
    file = write_one(tmp_path, problem(block(PROGRAM)))
    roster = tmp_path / "roster.csv"
    roster.write_text("registration_number,last_name,first_name\n03712041,Nguyen,Anh\n")
    build_exam(file, roster, tmp_path / "out", jobs=1)
    key = tmp_path / "out" / "one-1" / "correctors" / "keys" / "E0001.pdf"
    words = ["pdftotext", "-layout", "-f", "2", "-l", "2", str(key), "-"]
    page = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    rows = (line.split(maxsplit=1)[-1] for line in page.splitlines() if line.strip())
    lines = [" ".join(row.split()) for row in rows]
    assert any(
        "x = [" in line and line.endswith(r"# 100 % $of$ {them} \ & ~ ^ _") for line in lines
    )
    assert """if x[0] << 2 >= 1 and "don't" != '--':""" in lines
    assert "print(x[1], `y`)" in lines
    assert any(line.startswith("z = 3 # →") and line.endswith("5 °C") for line in lines)
    assert '"language": "python"' in key.with_suffix(".json").read_text()


def test_lists_are_printed_by_member_and_as_a_whole(tmp_path: Path) -> None:
    bank = problem(" 'x = [<< data | list >>]; y = << data[1] >>; z = m[<< a >>]'").replace(
        "[{names: [a, b], from: 2, to: 9}]",
        "[{names: [a, b], from: 2, to: 9}, {names: [data], from: -9, to: 9, count: 3}]",
    )
    exam = load_one(tmp_path, bank.replace("{a: 4, b: 7}", "{a: 4, b: 7, data: [1, -2, 3]}"))
    drawn = exam.problems[0]
    values = shown(drawn, drawn.reference_values)
    code = drawn.parts[0].ask.render(values).partition("CodeLine{")[2].splitlines()[0]
    assert plain_line(code) == "x = [1, -2, 3]; y = -2; z = m[4]}"
    assert plain_line(_line("'→ x² ≤ 1 $'")) == "'→ x² ≤ 1 $'"


def test_lines_alone_are_enough_and_values_are_found(tmp_path: Path) -> None:
    exam = load_one(tmp_path, problem(" print(<< a >>)"))
    ask = exam.problems[0].parts[0].ask
    assert ask.names == {"a"}
    assert r"\CodeLine{print(<< a >>)}" in ask.source


@pytest.mark.parametrize("more", ["unit: m/s²", "form: fraction", "form: hexadecimal"])
def test_a_value_that_is_no_plain_number_is_refused_in_a_listing(tmp_path: Path, more: str) -> None:
    bank = problem(" print(<< a >>)").replace("{names: [a, b],", f"{{names: [a, b], {more},")
    with pytest.raises(InputError, match=r"parts\.1\.1\.code: << a >> prints a unit, or a formula"):
        load_one(tmp_path, bank)


def test_an_unknown_name_in_a_listing_is_refused_at_its_place(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_one(tmp_path, problem(" print(<< c >>)"))
    assert "parts.1.1.code: c is neither drawn nor a step" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [r"\begin{verbatim} x % 2 \end{verbatim}", r"\verb|x|", r"\begin{lstlisting}{\end{lstlisting}"],
)
def test_verbatim_text_is_refused_with_the_way_out(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError) as caught:
        load_one(tmp_path, problem(" 1").replace("What does it print?", text))
    assert len(caught.value.problems) == 1
    assert "write its lines in the field code of the question" in str(caught.value)
