"""Commands of TeX that a text of the bank may not use.

Copies are set many in a run, and static pages once: a text that leaves something behind, or asks
for the time or for chance, would print other things under the same mark. A text that writes into
the page's own language could print what no reader of the page sees. So these are refused where
they stand; commands that end with their group are an author's own business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.bank.template import TextError

_GLOBAL = "changes what later texts and copies see"
_DRAWS = "writes into the page past TeX, where nothing is checked"
_CHANCE = "gives something else in every run"
_FILES = "reads or writes files, or loads what other texts don't have"
_READING = "changes how TeX reads what follows"
_NUMBERS = "counts on from copy to copy"
_RUN = "belongs to the program's run, not to a text"

_REASONS = {
    _GLOBAL: """
        gdef xdef global globaldefs newcount newdimen newskip newmuskip newtoks newbox newinsert
        newlength newsavebox newcounter newread newwrite newlanguage newfam newmathalphabet
        counterwithin counterwithout
        DeclareMathOperator DeclareMathSymbol DeclareMathAlphabet DeclareSymbolFont
        DeclareRobustCommand DeclareTextFontCommand DeclareFontShape DeclareFontFamily
        NewDocumentCommand NewDocumentEnvironment NewCommandCopy hyphenation patterns fontdimen
        hyphenchar skewchar font mag output newtheorem
        AddToHook AddToHookNext AtBeginDocument AtEndDocument AtEndOfPackage AtBeginShipout
    """,
    _DRAWS: "special shipout primitive",
    _CHANCE: "time day month year today jobname inputlineno",
    _FILES: """
        input include includeonly openin openout read readline write closein closeout immediate
        InputIfFileExists IfFileExists verbatiminput usepackage RequirePackage LoadClass
        documentclass PassOptionsToPackage nofiles
    """,
    _READING: """
        catcode scantokens endlinechar newlinechar escapechar csname UseName ExpandArgs
        ExplSyntaxOn makeatletter makeatother
    """,
    _NUMBERS: "stepcounter refstepcounter addtocounter footnote footnotemark caption",
    _RUN: """
        end dump stop batchmode nonstopmode scrollmode errorstopmode interactionmode message
        errmessage typeout show showbox showthe showlists showtokens showgroups showifs
        document
        ShipPage DefineOwn ShipOwn ShipFonts BeginCopy EndCopy BeginSnippet EndSnippet CoverSnippet
        DumpTemplate ReportPlaces DefineBlock DefineProblem DefinePart DefinePage DefineAlternatives
        ExamField SayingIs FigureSize PlanHeight PlaceFigure VXAnchors
        LabelPlace SetLabel SetAnswer OptionFigure FigureDrawn DrawSize DrawPath DrawText
        DrawUpward
    """,
}
_REASON = {word: reason for reason, words in _REASONS.items() for word in words.split()}
_CHANCE_WORDS = re.compile(r"deviate|random|elapsed|resettimer|date|shellescape")

_NUMBERED = ("equation", "align", "alignat", "flalign", "gather", "multline", "eqnarray")
"""Environments that number their lines; with a star they don't."""

_WORD = re.compile(r"\\(?:(?P<word>[A-Za-z]+)|.)|(?P<hidden>\^\^)", re.DOTALL)
_ENVIRONMENT = re.compile(r"\s*\{\s*([^{}]*?)\s*\}")


def refused_words(source: str) -> Iterator[TextError]:
    """All commands of a text that may not be there, each with its place."""
    for match in _WORD.finditer(source):
        word = match["word"]
        if match["hidden"]:
            yield TextError(f"^^ {_READING}; write the character itself", match.start())
        elif word in ("begin", "end"):
            yield from _refused_environment(source, word, match.start(), match.end())
        elif word is not None and (reason := _reason(word)) is not None:
            yield TextError(f"\\{word} is refused: it {reason}", match.start())


def _reason(word: str) -> str | None:
    if word.startswith("pdf"):
        return _CHANCE if _CHANCE_WORDS.search(word) else _DRAWS
    return _REASON.get(word)


def _refused_environment(source: str, word: str, start: int, end: int) -> Iterator[TextError]:
    r"""What ``\begin`` calls is a command, too: ``\begin{gdef}`` is ``\gdef``."""
    named = _ENVIRONMENT.match(source, end)
    if named is None or not re.fullmatch(r"[A-Za-z]+\*?", named[1]):
        yield TextError(f"\\{word} is refused without the name of an environment", start)
    elif word == "begin" and named[1] in _NUMBERED:
        message = f"the numbers of {named[1]} go on from copy to copy; write {named[1]}*"
        yield TextError(message, start)
    elif word == "begin" and (reason := _reason(named[1])) is not None:
        yield TextError(f"\\begin{{{named[1]}}} is refused: it {reason}", start)
