"""Texts of the bank as HTML: what TeX says outside of formulas is translated here.

Formulas stay TeX, in elements of the class ``tex``; Temml makes MathML of them in the page. What is
not known is shown by its text: a key must not lose a word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from generator.files.html import Html, joined, tag, text

_TOKEN: Final = re.compile(
    r"\$\$(?P<shown>.+?)\$\$|\\\[(?P<bracket>.+?)\\\]|\$(?P<math>(?:\\.|[^$\\])+)\$"
    r"|\\\((?P<paren>.+?)\\\)|\\begin\{(?P<begin>[a-z]+\*?)\}|\\end\{(?P<end>[a-z]+\*?)\}"
    r"|\\(?P<command>[A-Za-z]+)\*?\s*|\\(?P<sign>.)|(?P<open>\{)|(?P<close>\})|(?P<tie>~)"
    r"|(?P<cell>&)|(?P<par>\n\s*\n)|(?P<quote>``|''|`)|(?P<dash>---?)|(?P<comment>%[^\n]*\n?\s*)",
    re.DOTALL,
)
_MATH_ENVIRONMENT = re.compile(r"(align|equation|gather|multline|eqnarray)\*?")
_TAGS: Final[Mapping[str, str]] = {
    **{
        "emph": "em",
        "textit": "em",
        "textbf": "strong",
        "texttt": "code",
        "textsuperscript": "sup",
    },
    **{"textsubscript": "sub", "underline": "u", "verb": "code"},
}
_ELEMENTS: Final[Mapping[str, str]] = {
    **{"itemize": "ul", "enumerate": "ol", "quote": "blockquote", "verbatim": "pre"},
}
_SAID: Final[Mapping[str, str]] = {
    **{"ldots": "…", "dots": "…", "quad": "\u2003", "qquad": "\u2003\u2003", "ss": "ß"},
    **{"euro": "€", "texteuro": "€", "textdegree": "°", "textbackslash": "\\", "S": "§"},
    **{"textless": "<", "textgreater": ">", "textbar": "|", "textasciitilde": "~"},
    **{"textasciicircum": "^", "newline": "\n", "par": "\n\n"},
}
_HIDES: Final[Mapping[str, int]] = {
    **{"vspace": 1, "hspace": 1, "renewcommand": 2, "setlength": 2, "label": 1, "makebox": 0},
    **{"multicolumn": 2, "color": 1, "fontsize": 2},
}
"""Commands of which so many arguments are not text."""


def formula(source: str, *, display: bool = False) -> Html:
    """A formula, without its dollar signs."""
    shown = {"data_display": "true"} if display else {}
    return _tag("span", plain_math(source), "tex", **shown)


def _tag(name: str, content: str | Html, class_: str, **data: str) -> Html:
    named = "".join(f' {key.replace("_", "-")}="{text(value)}"' for key, value in data.items())
    return Html(f'<{name} class="{class_}"{named}>{text(content)}</{name}>')


def plain_math(source: str) -> str:
    """TeX that Temml understands."""
    return re.sub(r"\\ensuremath\s*(?=\{)", "", source).strip()


def html(source: str) -> Html:
    """A text of the bank as HTML."""
    return _Reader(source).read()


class _Reader:
    """Reads a text once, from left to right."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0

    def read(self, until: str = "") -> Html:
        """What comes before ``}`` or ``\\end{...}``, or before the end."""
        pieces: list[str] = []
        while self._at < len(self._source):
            match = _TOKEN.search(self._source, self._at)
            if match is None:
                pieces.append(text(self._source[self._at :]))
                self._at = len(self._source)
                break
            pieces.append(text(self._source[self._at : match.start()]))
            self._at = match.end()
            kind = match.lastgroup or ""
            if until and kind == until:
                break
            pieces.append(self._piece(kind, match[kind]))
        return joined(map(Html, pieces))

    def _piece(self, kind: str, found: str) -> Html:
        if kind in {"math", "paren"}:
            return formula(found)
        if kind in {"shown", "bracket"}:
            return formula(found, display=True)
        if kind == "open":
            return self.read("close")
        if kind == "begin":
            return self._environment(found)
        if kind == "command":
            return self._command(found)
        if kind == "sign":
            return self._sign(found)
        signs = {"tie": "\u00a0", "cell": "\u2003", "dash": "–", "comment": "", "end": ""}
        if kind == "par":
            return Html("<br><br>")
        if kind == "quote":
            return text({"``": "“", "''": "”", "`": "\u2018"}[found])
        return text(signs.get(kind, ""))

    def _sign(self, sign: str) -> Html:
        if sign == "\\":
            self._skip("[", "]")
            return Html("<br>")
        return text({",": "\u202f", ";": " ", ":": " ", "!": "", "/": "", "-": ""}.get(sign, sign))

    def _command(self, name: str) -> Html:
        if name == "ensuremath":
            return formula(self._argument())
        if name in _TAGS:
            self._at += self._source[self._at :].startswith("{")
            return tag(_TAGS[name], self.read("close"))
        if name == "item":
            self._skip("[", "]")
            return Html("<li>")
        if name in _HIDES:
            for _ in range(_HIDES[name]):
                self._argument()
            self._skip("[", "]")
            return Html("")
        return text(_SAID.get(name, ""))

    def _environment(self, name: str) -> Html:
        if _MATH_ENVIRONMENT.fullmatch(name):
            end = self._source.find(f"\\end{{{name}}}", self._at)
            inner = self._source[self._at : end if end >= 0 else len(self._source)]
            self._at = end + len(name) + 6 if end >= 0 else len(self._source)
            plain = f"\\begin{{aligned}}{inner}\\end{{aligned}}"
            return formula(plain, display=True)
        if name.startswith("tabular"):
            return self._table()
        self._skip("[", "]")
        return tag(_ELEMENTS.get(name, "div"), self.read("end"))

    def _table(self) -> Html:
        """A table, cell by cell."""
        self._skip("[", "]")
        self._argument()
        end = self._source.find("\\end{tabular", self._at)
        inner = self._source[self._at : end if end >= 0 else len(self._source)]
        inner = re.sub(r"\\(top|mid|bottom|h)(rule|line)|\\noalign\{[^{}]*\}", "", inner)
        self._at = self._source.find("}", end) + 1 if end >= 0 else len(self._source)
        rows = [row for row in re.split(r"\\\\(?:\[[^\]]*\])?", inner) if row.strip()]
        cells = [re.split(r"(?<!\\)&", row) for row in rows]
        made = [tag("tr", joined([tag("td", html(cell.strip())) for cell in row])) for row in cells]
        return tag("table", joined(made))

    def _skip(self, first: str, last: str) -> None:
        """Leaves out an argument that need not be there."""
        if self._source[self._at : self._at + 1] == first:
            end = self._source.find(last, self._at)
            self._at = end + 1 if end >= 0 else self._at

    def _argument(self) -> str:
        """The source of an argument in braces."""
        if self._source[self._at : self._at + 1] != "{":
            return ""
        depth = 0
        for at in range(self._at, len(self._source)):
            depth += {"{": 1, "}": -1}.get(self._source[at], 0)
            if depth == 0:
                inner = self._source[self._at + 1 : at]
                self._at = at + 1
                return inner
        inner, self._at = self._source[self._at + 1 :], len(self._source)
        return inner
