"""Commands that a text may not use are refused at their line and column, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_bank import FILES, changed, complaints, load

from generator.bank.tex_words import refused_words

REFUSED = {
    r"a \gdef\x{}": "changes what later texts",
    r"\global\let\x=a": "changes what later texts",
    r"\xdef\x{a}": "changes what later texts",
    r"\newcount\x": "changes what later texts",
    r"\AtBeginDocument{a}": "changes what later texts",
    r"\pdfliteral{1 1 1 rg}": "past TeX",
    r"\special{a}": "past TeX",
    r"\pdfcolorstack0 push{1 g}": "past TeX",
    r"\the\pdfuniformdeviate 9": "in every run",
    r"\the\pdfelapsedtime": "in every run",
    r"\today": "in every run",
    r"\the\inputlineno": "in every run",
    r"\input{a}": "files",
    r"\openin5=a": "files",
    r"\immediate\write18{a}": "files",
    r"\catcode`\%=12": "how TeX reads",
    r"\csname gdef\endcsname\x{a}": "how TeX reads",
    r"a ^^5cgdef": "write the character itself",
    r"\stepcounter{page}": "from copy to copy",
    r"\begin{equation} x \end{equation}": "write equation*",
    r"\begin{gdef}\x{}": "changes what later texts",
    r"\begin {\x}": "without the name",
    r"\errorstopmode": "the program's run",
    r"\DefineBlock{1.1/ask}{}": "the program's run",
}
ALLOWED = (
    r"\loop \def\x{a}\let\y=\x \newcommand\z{a}\ifnum 1>2 \fi",
    r"\begin{align*} x &= 1 \end{align*} \begin{tabular}{ll} a & b \end{tabular}",
    r"\begin{enumerate}\setcounter{enumi}{2}\item \textbf{\emph{a}}\end{enumerate}",
    r"$\frac{\partial L}{\partial w}$ \\[1mm] \% \{ \} \vspace{2mm} \textcolor{gray}{a}",
    r"\inputs \pd \globally \timeout \enddd x^2 x^{^2}",
)


@pytest.mark.parametrize("source", REFUSED)
def test_a_command_is_refused(source: str) -> None:
    found = list(refused_words(source))
    assert found
    assert REFUSED[source] in str(found[0])
    assert source[found[0].offset] in "\\^"


@pytest.mark.parametrize("source", ALLOWED)
def test_what_ends_with_its_group_is_allowed(source: str) -> None:
    assert list(refused_words(source)) == []


PLACES = {
    "open.yaml": {
        "Let $a = << a >>$.": r"Let \gdef\x{} \special{} $a = << a >>$.",
        "title: Open": "title: Open",
        'one_of: ["mean", "sum"]': r"""one_of: ['mean\today', "sum"]""",
        "symbols: {total: 'S'}": r"symbols: {total: '\xdef S'}",
        r"unit: '\,\mathrm{s}'": r"unit: '\pdfliteral{}'",
        "It is << total >>.": r"It \write is << total >>.",
        "'The formula, with": r"'The \input formula, with",
    },
    "choice.yaml": {
        'say: "First"': r"say: 'First \today'",
        "why: 'It is": r"why: 'It \catcode is",
        'steps: ["Read",': r"steps: ['Read \shipout',",
    },
}


def test_all_are_said_at_once_where_they_stand(tmp_path: Path) -> None:
    texts = dict(FILES)
    for file, changes in PLACES.items():
        for old, new in changes.items():
            assert texts[file].count(old) == 1, old
            texts[file] = texts[file].replace(old, new)
    files = {name.removesuffix(".yaml"): texts[name] for name in PLACES}
    found = complaints(tmp_path, **files)
    places = {
        (file, number + 1, line.index("\\" + word) + 1)
        for file in PLACES
        for number, line in enumerate(texts[file].split("\n"))
        for word in (
            *("gdef", "special", "today", "xdef", "pdfliteral", "write", "input", "catcode"),
            "shipout",
        )
        if "\\" + word in line
    }
    assert len(places) == 10
    assert places <= {(it.file, it.line, it.column) for it in found}


def test_the_banks_own_commands_pass(tmp_path: Path) -> None:
    ask = changed(
        "open.yaml", "Compute the << mood >>", r"\newcommand\most{all} Compute \most{} <<mood>>"
    )
    assert load(tmp_path, open=ask)
