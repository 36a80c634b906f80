"""What a text of the bank makes visible on its page: read from its TeX, without typesetting it.

A page that is read back holds letters, digits and signs in the order in which they were set. The
same follows from the source, as far as its commands are known: values, and what stands beside them.
So a minus in front of a value is right or wrong by the source, and no value is mistaken for a part
of another. Where a command is not known, anything may be visible, but only so much of it; values in
its arguments have to be visible near by, in whatever order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import groupby
from string import ascii_letters, digits
from typing import Final

from generator.bank.characters import composed_letters, formulas, whole_letters

KEPT: Final = frozenset(digits + ascii_letters + ".,:=+/-") | whole_letters()
"""What is compared of a text: in all else, fonts and spacing decide on what is read."""

GLYPHS: Final = 4
"""So many characters are read of a sign that is made of parts, or has no character of its own."""

UNKNOWN: Final = 300
"""So many characters may be visible of a command that is not known."""

TABLE: Final = "h-"
"""The arguments of a table: where it stands, and its columns."""

_DROPPED = re.compile(rf"[^{re.escape(''.join(sorted(KEPT)))}]+")
_COMPATIBLE = re.compile(rf"[^\x00-\x7f{''.join(sorted(whole_letters()))}]+")
_ALIKE = str.maketrans("\N{INCREMENT}\N{GREEK SMALL LETTER OMICRON}", "Δo")
"""What formulas set as another letter, or is read as one: delta and omicron."""
_UNIT = r"[-+]?\s*[0-9]*[.,]?[0-9]*\s*(?:true\s*)?(?:pt|mm|cm|in|ex|em|bp|pc|dd|cc|sp|mu|fil{1,3})"
_DIMENSION = re.compile(rf"{_UNIT}(?:\s*plus\s*{_UNIT})?(?:\s*minus\s*{_UNIT})? ?")
_DASHES = re.compile("[\x02\xad\ufffe\u2010-\u2015\u2212]")
BREAK: Final = "\xad\u200c"
"""As which the hyphen of a broken word is read; see `generator.stamp.pieces`."""
_TOKEN = re.compile(
    r"\\([A-Za-z@]+)\*?\s*|\\(.)|\x01([^\x02]*)\x02|([{}\[\]$&~#^_])|%[^\n]*\n?\s*"
    r"|([^\\{}\[\]$&~#^_%\x01]+)",
    re.DOTALL,
)


_PIECE = re.compile(r"\n+(?=\\(?:Working|Notes|Worked|Fallback|Accepted|Mistake|RubricItem)\{)")
"""Between the pieces of an answer; each is read alone, since most come again in other copies."""


@dataclass(frozen=True)
class Segment:
    """What is visible without a gap.

    Attributes:
        pieces: Literal characters as they are, and names of values between ``\\x01`` and ``\\x02``.
        gap: So many characters may stand before it.
        near: Names of values that are visible somewhere in this gap.
        split: A sign that is wide, such as that of a sum, may be read in the middle of it.
    """

    pieces: tuple[str, ...]
    gap: int = 0
    near: tuple[str, ...] = ()
    split: bool = False


@dataclass(frozen=True)
class _Wall:
    """A place where something may be visible that is not known.

    Attributes:
        split: What follows may be split; see :class:`Segment`.
    """

    gap: int
    near: tuple[str, ...] = ()
    split: bool = False


class _Made(str):
    """A sign that is made of others, as its parts are read."""


_Item = str | _Wall


def plain_text(text: str) -> str:
    """A text that was read, with accents by themselves and one kind of dash."""
    if not text.isascii():
        text = text.replace(BREAK, "")
        text = _DASHES.sub("-", _COMPATIBLE.sub(_parted, _DASHES.sub("-", text)))
        text = text.translate(_ALIKE)
    return text.replace("\x02", "-")


def _parted(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKD", match[0])


def compact(text: str) -> str:
    """What is compared of a text that was read: no spaces, no accents, one kind of dash."""
    return _DROPPED.sub("", plain_text(text))


@lru_cache(maxsize=16384)
def compact_line(literal: str) -> str:
    """The same of a line, or of what stands between commands; most come again and again."""
    return compact(literal)


@cache
def _seen() -> Mapping[int, str]:
    """What is visible of characters that are no glyph by themselves."""
    signs = {code: tex for code, tex in formulas().items() if chr(code) not in KEPT}
    return signs | {ord(letter): r"{\imath}" for letter in composed_letters()}


@lru_cache(maxsize=8192)
def segments(source: str) -> tuple[Segment, ...]:
    """What a TeX text makes visible.

    Args:
        source: The text; values as their names between ``\\x01`` and ``\\x02``.
    """
    items = [item for piece in _PIECE.split(source) for item in _items(piece)]
    found: list[Segment] = []
    pieces: list[str] = []
    gap = 0
    near: list[str] = []
    split = False
    for item in [*_parted_signs(items), _Wall(0)]:
        if isinstance(item, str):
            pieces.append(item)
            continue
        if pieces:
            found.append(Segment(tuple(pieces), gap, tuple(near), split))
            pieces, gap, near = [], 0, []
        gap += item.gap
        near += item.near
        split = item.split
    if near:
        found.append(Segment((), gap, tuple(near)))
    return tuple(found)


@lru_cache(maxsize=8192)
def gap_behind(source: str) -> int:
    """So many characters may be visible at the end of a text that are not known."""
    gap = 0
    for item in reversed(_items(_PIECE.split(source)[-1])):
        if not isinstance(item, _Wall):
            break
        gap += item.gap
    return gap


@lru_cache(maxsize=16384)
def _items(piece: str) -> tuple[_Item, ...]:
    """What one piece of a text makes visible; many of another text are in many copies."""
    return tuple(_Parser(piece if piece.isascii() else piece.translate(_seen())).read())


def _parted_signs(items: list[_Item]) -> Iterator[_Item]:
    """Items in which several signs of parts in a row are a gap: their parts are read mixed."""
    for is_made, run in groupby(items, key=lambda item: isinstance(item, _Made)):
        signs = list(run)
        if is_made and len(signs) > 1:
            yield _Wall(GLYPHS * len(signs))
        else:
            yield from signs


def visible(source: str) -> str:
    """What is visible of a text without values and gaps, as :func:`compact` would read it."""
    return "".join(piece for segment in segments(source) for piece in segment.pieces)


# Commands ----------------------------------------------------------------------------------------
# Arguments: m shown, - hidden, o optional and shown, h optional and hidden; w is a gap of a few
# glyphs, W one of words, t one with a delimiter, d a length without braces; | exchanges what stands
# on its two sides.


def _spread(table: Mapping[str, str]) -> Mapping[str, str]:
    """Each of the names to what it has in common with others."""
    return {name: common for common, names in table.items() for name in names.split()}


_COMMANDS: Final = _spread(
    {
        "": (
            "quad qquad enspace thinspace hfill hfil vfill par newline linebreak noindent indent "
            "centering raggedright raggedleft small footnotesize scriptsize tiny large Large "
            "normalsize bfseries itshape ttfamily sffamily rmfamily scshape mdseries upshape "
            "slshape normalfont displaystyle textstyle scriptstyle limits nolimits displaylimits "
            "hline toprule midrule bottomrule medskip smallskip bigskip ignorespaces relax strut "
            "mathstrut smash nobreak allowbreak protect newpage bf it tt sf rm em nonumber notag "
            "unskip break group bgroup egroup begingroup endgroup boldmath unboldmath cdot times "
            "pm mp div ast star circ bullet oplus otimes cap cup wedge vee setminus cdots le leq "
            "ge geq ll gg sim simeq approx equiv propto in ni subset supset subseteq supseteq to "
            "rightarrow leftarrow leftrightarrow Rightarrow Leftarrow Leftrightarrow uparrow "
            "downarrow gets iff Longleftrightarrow longleftrightarrow infty partial nabla forall "
            "exists neg lnot land lor emptyset varnothing prime dagger mid parallel perp lbrace "
            "rbrace langle rangle lvert rvert lVert rVert vert Vert lbrack rbrack lfloor rfloor "
            "lceil rceil ss o O l L textquotedbl textquotesingle textbackslash textasciitilde "
            "textasciicircum textbar textless textgreater textbullet textdegree degree euro "
            "texteuro S P copyright hat bar tilde vec dot ddot acute grave check breve mathring r "
            "c H k v u t notin"
        ),
        "m": (
            "emph textbf textit texttt textsf textrm textup textsl textmd textnormal text mathrm "
            "mathbf mathit mathsf mathtt mathcal mathbb boldsymbol bm pmb mbox hbox vbox "
            "ensuremath underline overline operatorname mathop mathbin mathrel mathord mathopen "
            "mathclose mathpunct fbox boxed llap rlap substack url textsuperscript textsubscript "
            "centerline uline enquote Worked Right Wrong Result WrittenRule NumberRows "
            "GreekWords Model Working Brief Notes"
        ),
        "wmwmw": "binom tbinom dbinom",
        "m|m": "underset",
        "-": (
            "hspace vspace label color phantom hphantom vphantom cline setlength "
            "pagestyle rowcolor columncolor index OptionFigure"
        ),
        "---": "ResultGap",
        "----": "Gap",
        "mmm": "GapRow",
        "d": "kern mkern hskip vskip mskip raise lower moveleft moveright",
        "--": "fontsize addtolength setcounter renewcommand newcommand providecommand",
        "h--": "rule",
        "h-": "includegraphics",
        "-m": "href colorbox scalebox CodeBlock",
        "-hhm": "raisebox",
        "h-m": "textcolor",
        "hhm": "makebox framebox",
        "hhh-m": "parbox",
        "--m": "multicolumn",
        "h-hm": "multirow",
        "wowmw": "sqrt",
        "wm": "CodeLine",
        "wmw": "widehat widetilde underbrace overrightarrow",
        "w": (
            "sum prod int oint iint iiint coprod bigcup bigcap bigoplus bigotimes bigvee bigwedge "
            "angle hbar imath jmath item dots ddots vdots not triangle lesssim gtrsim square Box "
            "checkmark aleph wp LaTeX TeX ae AE oe OE aa AA"
        ),
        "Wo|m": "xrightarrow xleftarrow",
        "W": "Rubric",
        "Wm": "Fallback Accepted",
        "Wmm": "Mistake",
        "mm": ("LabelRow NumberRow MatchingColumns overset stackrel RubricItem"),
        "t": (
            "left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm "
            "Bigm"
        ),
    }
)
_WORDS: Final = (
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf "
    "limsup ln log max min Pr sec sin sinh sup tan tanh"
)
_SIGNS: Final = {
    "...": "ldots dotsc textellipsis",
    "-": "textminus textendash textemdash minus longrightarrow longleftarrow",
    # these are made of others, as they are read
    "=": "ne neq cong models Longrightarrow Longleftarrow implies impliedby",
    ".=": "doteq",
    "7": "mapsto",
    "7-": "longmapsto",
    "/": "slash",
    ",": "hookrightarrow",
    ":": "colon",
    "mod": "bmod",
    "l": "ell",
    "R": "Re",
    "I": "Im",
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "epsilon varepsilon",
    "ζ": "zeta",
    "η": "eta",
    "θ": "theta vartheta",
    "\N{GREEK SMALL LETTER IOTA}": "iota",
    "κ": "kappa",
    "λ": "lambda",
    "μ": "mu textmu",
    "ν": "nu",
    "ξ": "xi",
    "π": "pi varpi",
    "ρ": "rho varrho",
    "σ": "sigma",
    "ς": "varsigma",
    "τ": "tau",
    "\N{GREEK SMALL LETTER UPSILON}": "upsilon",
    "φ": "phi varphi",
    "χ": "chi",
    "ψ": "psi",
    "ω": "omega",
    "Γ": "Gamma",
    "Δ": "Delta",
    "Θ": "Theta",
    "Λ": "Lambda",
    "Ξ": "Xi",
    "Π": "Pi",
    "Σ": "Sigma",
    "\N{GREEK CAPITAL LETTER UPSILON}": "Upsilon",
    "Φ": "Phi",
    "Ψ": "Psi",
    "Ω": "Omega",
    "": "% & # $ _ { } , ; : > ! / | ( ) [ ] @ ' \" ^ ` ~ = . lt gt",
}
_LITERAL: Final = {
    **{name: name for name in _WORDS.split()},
    **_spread(_SIGNS),
    **dict.fromkeys((" ", "\n", "\t"), ""),
    "-": "",
}
_WITH_LIMITS: Final = frozenset(
    (
        *("sum", "prod", "coprod", "int", "oint", "iint", "iiint", "bigcup", "bigcap"),
        *("bigoplus", "bigotimes", "bigvee", "bigwedge"),
    )
)
"""Signs above which an upper limit may stand: where it is wider, the sign is read within it."""
_OF_LIMITS: Final = frozenset(("limits", "nolimits", "displaylimits"))
_FRACTIONS: Final = frozenset(("frac", "tfrac", "dfrac", "cfrac"))
_MADE: Final = frozenset(
    (
        *("ne", "neq", "cong", "models", "doteq", "mapsto", "longmapsto"),
        *("Longrightarrow", "Longleftarrow", "implies", "impliedby", "hookrightarrow"),
        *("longrightarrow", "longleftarrow"),
    )
)
"""Signs that are made of others."""
# Environment to its arguments; w is a bracket that is made of parts.
_ENVIRONMENTS: Final = _spread(
    {
        "": (
            "itemize enumerate description center quote flushleft flushright aligned gathered "
            "split equation gather align multline displaymath math smallmatrix matrix"
        ),
        "w": "pmatrix bmatrix Bmatrix vmatrix Vmatrix cases",
        TABLE: "tabular array",
        "hhh-": "minipage",
        "-": "alignedat",
    }
)
_TEXT_ENVIRONMENTS: Final = _spread(
    {"": "itemize enumerate description center quote flushleft flushright tabular minipage"}
)


class _Parser:
    """Reads TeX into what is visible, and walls."""

    def __init__(self, source: str) -> None:
        self.tokens: list[tuple[str, ...]] = _TOKEN.findall(source)  # all but one are empty
        self.place = 0
        self.math = False
        self.column = 0
        self.bullets = 0  # lists in lists
        self.has_limits = False  # scripts of what was read last

    def read(self) -> list[_Item]:
        items: list[_Item] = []
        while self.place < len(self.tokens):
            items += self.sequence("")
            self.place += 1  # a bracket that closes nothing
        return items

    def sequence(self, end: str) -> list[_Item]:
        """Up to a closing brace or bracket, which is left, or to the end of an environment."""
        items: list[_Item] = []
        math = self.math
        while self.place < len(self.tokens):
            command, sign, value, special, literal = self.tokens[self.place]
            if special == "}" or (end and special == end) or (command == "end" and end != "}"):
                break
            self.place += 1
            is_blank = bool(literal) and literal.isspace()
            if not (is_blank or command in _OF_LIMITS or special in ("^", "_")):
                self.has_limits = command in _WITH_LIMITS
            if literal:
                items += self.literal(literal)
            elif command:
                items += self.command(command)
            elif special:
                items += self.special(special)
            elif sign:
                items += self.sign(sign)
            elif value:
                items.append(f"\x01{value}\x02")
        self.math = math
        return items

    def literal(self, text: str) -> list[_Item]:
        kept = compact_line(text if self.math or "--" not in text else re.sub("-{2,3}", "-", text))
        return [kept] if kept else []

    def special(self, special: str) -> list[_Item]:
        if special == "{":
            return self.group()
        if special == "$":
            self.math = not self.math
        elif special in "^_":
            return self.scripts(special)
        elif special == "&" and self.column:
            return [_Wall(self.column)]
        return []

    def group(self) -> list[_Item]:
        items = self.sequence("}")
        self.place += 1
        return items

    def scripts(self, first: str) -> list[_Item]:
        """An upper script is set before the lower one, whichever is written first."""
        has_limits, self.has_limits = self.has_limits, False
        found = {first: self.argument()}
        other = "_" if first == "^" else "^"
        self.skip_space()
        if self.place < len(self.tokens) and self.tokens[self.place][3] == other:
            self.place += 1
            found[other] = self.argument()
        upper = found.get("^", [])
        return [*(_may_be_split(upper) if has_limits else upper), *found.get("_", ())]

    def skip_space(self) -> None:
        while self.place < len(self.tokens):
            literal = self.tokens[self.place][4]
            if literal.strip() if literal else any(self.tokens[self.place]):
                return
            self.place += 1

    def argument(self) -> list[_Item]:
        """What a command takes: a group, a command, or one character."""
        self.skip_space()
        if self.place >= len(self.tokens):
            return []
        command, sign, value, special, literal = self.tokens[self.place]
        if special == "}":
            return []
        self.place += 1
        if literal:
            stripped = literal.lstrip()
            self.place -= 1
            self.tokens[self.place] = ("", "", "", "", stripped[1:])
            return self.literal(stripped[0])
        if command:
            return self.command(command)
        if sign:
            return self.sign(sign)
        return [f"\x01{value}\x02"] if value else self.special(special)

    def dimension(self) -> None:
        """Leaves out a length without braces: ``-2em``, ``1em plus 2pt``, a register."""
        self.skip_space()
        if self.place >= len(self.tokens):
            return
        command, _, _, _, literal = self.tokens[self.place]
        if literal:
            rest = _DIMENSION.sub("", literal.lstrip(), count=1)
            self.tokens[self.place] = ("", "", "", "", rest)
        elif command:
            self.place += 1

    def optional(self) -> list[_Item]:
        self.skip_space()
        if self.place >= len(self.tokens) or self.tokens[self.place][3] != "[":
            return []
        self.place += 1
        items = self.sequence("]")
        self.place += 1
        return items

    def sign(self, sign: str) -> list[_Item]:
        if sign == "\\":
            self.optional()
            return [_Wall(self.column)] if self.column else []
        if sign in "([":
            self.math = True
        elif sign in ")]":
            self.math = False
        kept = _LITERAL.get(sign)
        return [_Wall(GLYPHS)] if kept is None else [kept] if kept else []

    def command(self, name: str) -> list[_Item]:
        if name == "begin":
            return self.environment()
        if name in _MADE:
            return [_Made(_LITERAL[name])]
        if name in _LITERAL:
            return [_LITERAL[name]]
        if name == "item" and self.bullets == 2:  # its sign is a dash
            return [*self.optional(), _Wall(0), "-"]
        if name == "pmod":
            return ["mod", *self.argument()]
        if name == "overbrace":
            return self.overbrace()
        if name in _FRACTIONS:
            return _with_loose_signs([self.argument(), self.argument()])
        arguments = _COMMANDS.get(name)
        return self.unknown() if arguments is None else self.take(name, arguments)

    def take(self, name: str, arguments: str) -> list[_Item]:
        """The arguments of a command that is known."""
        before: list[_Item] = []
        items: list[_Item] = []
        math = self.math
        exchanged = False
        self.math = (math or name == "ensuremath" or name.startswith("math")) and not (
            name.startswith("text") or name in {"mbox", "hbox", "fbox"}
        )
        for argument in arguments:
            if argument == "d":
                self.dimension()
                found = []
            elif argument in "m-":
                found = self.argument()
            elif argument in "oh":
                found = self.optional()
            else:
                found = [_Wall(UNKNOWN if argument == "W" else GLYPHS)]
            if argument == "t":
                self.argument()
            elif argument == "|":
                before, items, exchanged = items, [], True
                continue
            if argument not in "-h":
                items += found
        self.math = math
        return [*items, *before] if exchanged else items

    def overbrace(self) -> list[_Item]:
        """What stands above a brace is set before what stands below."""
        inner = self.argument()
        self.skip_space()
        if self.place < len(self.tokens) and self.tokens[self.place][3] == "^":
            self.place += 1
            return [*self.argument(), _Wall(GLYPHS), *inner]
        return [_Wall(GLYPHS), *inner]

    def unknown(self) -> list[_Item]:
        """A command that is not known: what is in its arguments may be visible."""
        near: list[str] = []
        while self.place < len(self.tokens) and self.tokens[self.place][3] in ("{", "["):
            closing = "}" if self.tokens[self.place][3] == "{" else "]"
            self.place += 1
            near += _values(self.sequence(closing))
            self.place += 1
        return [_Wall(UNKNOWN, tuple(near))]

    def environment(self) -> list[_Item]:
        name = "".join(it for it in self.argument() if isinstance(it, str)).removesuffix("*")
        arguments = _ENVIRONMENTS.get(name)
        outer = self.math, self.column
        start = self.place
        edge = self.take("begin", arguments or "")
        if arguments == TABLE:
            columns = "".join(token[4] or "" for token in self.tokens[start : self.place])
            self.column = GLYPHS if set(columns) & set("@!") else 0
        self.math = outer[0] or (arguments is not None and name not in _TEXT_ENVIRONMENTS)
        self.bullets += name == "itemize"
        items = self.sequence("end")
        self.bullets -= name == "itemize"
        self.math, self.column = outer
        if self.place < len(self.tokens) and self.tokens[self.place][0] == "end":
            self.place += 1
            self.argument()
        if arguments is None:
            return [_Wall(UNKNOWN, tuple(_values(items)))]
        return [*edge, *items, *edge]


def _may_be_split(items: list[_Item]) -> list[_Item]:
    """An upper limit: a wide sign below it may be read in the middle of it, or behind it."""
    inner = [replace(it, split=True) if isinstance(it, _Wall) else it for it in items]
    return [_Wall(0, split=True), *inner, _Wall(1)]


def _with_loose_signs(parts: list[list[_Item]]) -> list[_Item]:
    """A fraction: the sign of a sum or a root in it may be read before either of its parts."""
    gap = sum(item.gap for part in parts for item in part if isinstance(item, _Wall))
    edge: list[_Item] = [_Wall(gap)] if gap else []
    return [item for part in parts for item in (*edge, *part)]


def _values(items: list[_Item]) -> list[str]:
    """The names of the values among items."""
    found: list[str] = []
    for item in items:
        if isinstance(item, _Wall):
            found += item.near
        elif item.startswith("\x01"):
            found.append(item[1:-1])
    return found
