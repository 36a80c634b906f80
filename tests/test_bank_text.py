"""Author texts print and compare; everything else is refused, with its place in the text."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.bank.template import (
    MAX_SOURCE,
    Shown,
    Text,
    TextComparison,
    TextError,
    check_tex,
    name_offset,
    read_text,
    words,
)

VALUES = {
    "a": Shown(Fraction(1, 10), r"\ensuremath{0.1}"),
    "n": Shown(Fraction(-3), r"\ensuremath{-3}"),
    "mood": Shown("mean", "mean"),
    "flag": Shown(True, "true"),
    "fallback_o1": Shown(Fraction(2), r"\ensuremath{2}"),
}


def render(source: str) -> str:
    return read_text(source).render(VALUES)


def refused(source: str) -> TextError:
    with pytest.raises(TextError) as caught:
        read_text(source)
    return caught.value


# --- what a text can do ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("plain $\\frac{a}{b}$ & 50\\%", "plain $\\frac{a}{b}$ & 50\\%"),
        ("$x = << a >>$ and <<n>>", "$x = \\ensuremath{0.1}$ and \\ensuremath{-3}"),
        ("use << fallback.o1 >>", "use \\ensuremath{2}"),
        ("use << fallback_o1 >>", "use \\ensuremath{2}"),
        ("\n\n  kept\n inside \n\n", "  kept\n inside "),
        ('<% if mood == "mean" %>M<% else %>S<% endif %>', "M"),
        ("<% if mood != 'mean' %>M<% elif a == 0.1 %>A<% endif %>", "A"),
        ("<% if n == -3 and not flag == false %>yes<% endif %>", "yes"),
        ("<% if n < 0 <= a %>yes<% endif %>", "yes"),
        ("<% if n > 0 or a >= 0.1 %>yes<% endif %>", "yes"),
        ("<% if a <= 0.1 %>yes<% endif %>", "yes"),
        ("<% if a == n %>yes<% else %>no<% endif %>", "no"),
        ("<% if fallback.o1 == 2 %>two<% endif %>", "two"),
        ("<# a comment #>text", "text"),
        ("a < b, 3 > 2, {{ braces }} {% percent %} {# hash #}",) * 2,
    ],
)
def test_texts_print_and_compare(source: str, printed: str) -> None:
    assert render(source) == printed


def test_a_text_knows_its_names() -> None:
    text = read_text('<< n >> <% if mood == "x" %><< a >> << n >><% endif %> << fallback.o1 >>')
    assert text.names == {"n", "mood", "a", "fallback_o1"}
    assert text.printed == ("n", "a", "fallback_o1")
    assert text.compared == (TextComparison("mood", "x"),)
    assert text.varies


def test_a_text_without_names_does_not_vary() -> None:
    assert not read_text("plain").varies
    assert not read_text("<# only a comment #>plain").varies
    assert read_text("plain") == Text("plain")


def test_line_breaks_before_a_text_are_counted() -> None:
    assert read_text("\n\nx", 7).line == 9
    assert read_text("\n\n<< a >>", 7).line == 9
    assert read_text("x\n\n", 7).line == 7


def test_comparisons_are_exact() -> None:
    shown = Shown(Fraction(1, 10), "")
    assert shown == 0.1
    assert shown < 0.2
    assert shown > -1
    assert Shown(Decimal("0.5"), "") >= 0.5
    assert Shown(Fraction(3), "") != "3"


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "offset", "message"),
    [
        ("<< a.b >>", 0, "not Getattr"),
        ("x << a['b'] >>", 2, "a member of a list is printed as"),
        ("x\ny << f(a) >>", 4, "not Call"),
        ("<< a|upper >>", 0, "a list is printed as"),
        ("<< a + 1 >>", 0, "not Add"),
        ("<< 'x' * 9 >>", 0, "not Mul"),
        ("<< 9 ** 9 ** 9 >>", 0, "not Pow"),
        ("<< a ~ n >>", 0, "not Concat"),
        ("<< [a] >>", 0, "not List"),
        ("<< 3 >>", 0, "not Const"),
        ("<< a == n >>", 0, "not Compare"),
        ("<< a if a == n else n >>", 0, "not CondExpr"),
        ("one\n\n<% for a in n %>x<% endfor %>", 5, "not For"),
        ("<% set a = 1 %>", 0, "not Assign"),
        ("<% macro m() %>x<% endmacro %>", 0, "not Macro"),
        ("<% include 'x' %>", 0, "not Include"),
        ("<% extends 'x' %>", 0, "not Extends"),
        ("<% import 'x' as y %>", 0, "not Import"),
        ("<% block x %>y<% endblock %>", 0, "not Block"),
        ("<% raw %><% endraw %><% do x %>", 0, "unknown tag 'do'"),
        ("<% filter upper %>x<% endfilter %>", 0, "not FilterBlock"),
        ("<% with %>x<% endwith %>", 0, "not With"),
        ("<% if a %>x<% endif %>", 0, "a condition compares"),
        ("<% if not a %>x<% endif %>", 0, "a condition compares"),
        ("<% if a in n %>x<% endif %>", 0, "a condition compares names and values"),
        ("<% if a is defined %>x<% endif %>", 0, "a condition compares"),
        ("<% if 1 == 1 %>x<% endif %>", 0, "a condition compares names and values"),
        ("<% if a == none %>x<% endif %>", 0, "a condition compares names and values"),
        ("<% if a == 1e999 %>x<% endif %>", 0, "a condition compares names and values"),
        ("<% if a == (1, 2) %>x<% endif %>", 0, "a condition compares names and values"),
        ("<% if a == n + 1 %>x<% endif %>", 0, "a condition compares names and values"),
        ("<% if mood < 'b' %>x<% endif %>", 0, "only numbers can be smaller or larger"),
        ("<% if a == 1 %>x", 0, "Unexpected end of template"),
        ("x\n<% endif %>", 2, "unknown tag 'endif'"),
        ("x\n\n << a b >>", 4, "expected token 'end of print statement', got 'b'"),
        ("x << a", 2, "unexpected end of template"),
        ("<< >>", 0, "Expected an expression"),
        ("<# open", 0, "Missing end of comment tag"),
        ("<< '\\N{x}' >>", 0, ""),
        (f"<% if a == {'9' * 5000} %>x<% endif %>", 0, ""),
        ("<< " + "(" * 3000 + " >>", 0, "nested too deeply"),
        ("<% if a == 1 %>" * 40 + "<% endif %>" * 40, 0, "nested deeper than 20 levels"),
        ("x" * (MAX_SOURCE + 1), 0, f"{MAX_SOURCE + 1} characters; at most {MAX_SOURCE}"),
    ],
)
def test_all_else_is_refused(source: str, offset: int, message: str) -> None:
    error = refused(source)
    assert message in str(error)
    assert error.offset == offset


PIECES = """<< >> <% %> <# #> if else elif endif for in a n mood . == < ( ) [ ] | 'x' " 1 -1 2.5 { }
% and or not is none \\ fallback. ~ ** , : raw endraw set - +"""


@settings(deadline=None, max_examples=400)
@given(st.lists(st.sampled_from([*PIECES.split(), "\n"]), max_size=14))
def test_any_text_is_read_or_refused(pieces: list[str]) -> None:
    source = " ".join(pieces)
    try:
        text = read_text(source)
    except TextError as error:
        offset = error.offset
    else:
        offset = 0
        shown = {name: Shown(Fraction(1), "1") for name in text.names}
        assert isinstance(text.render(shown), str)
    assert 0 <= offset <= len(source)


@pytest.mark.parametrize(
    "source",
    [
        "<< " * 3000,
        "<% if a == 1 %>x<% endif %>" * 350,
        "<% if a == 1 %>" + "<% elif a == 2 %>" * 550 + "<% endif %>",
        "<% if " + " or ".join(["a == 1"] * 900) + " %>x<% endif %>",
        "<< " + "-" * 9000 + "a >>",
        "{" * 9000,
        "%" * 9000,
    ],
)
def test_large_texts_cost_little(source: str) -> None:
    start = time.process_time()
    try:
        read_text(source)
        check_tex(source)
    except TextError:
        pass
    assert time.process_time() - start < 1


# --- places and TeX -------------------------------------------------------------------------------


def test_places_of_names() -> None:
    source = "a n << n >> <% if a == 1 %><< fallback.o1 >><% endif %>"
    assert name_offset(source, "n") == 7
    assert name_offset(source, "a") == 18
    assert name_offset(source, "fallback_o1") == source.index("fallback.o1")
    assert name_offset(source, "absent") == 0


def test_words_of_a_text_that_is_refused() -> None:
    assert words("alpha << beta + g1 >> <% for x in fallback.o %>") == {
        *("beta", "g1", "for", "x", "in", "fallback_o")
    }


@pytest.mark.parametrize(
    "source",
    [
        "",
        r"\textbf{a} \{ \} \% $\{x\}$ \\{y}",
        "a line that ends in %\nthe next",
        "{<< a >>}",
        "<% if a == 1 %>{x}<% endif %>",
        "<< '{' >> <% if mood == '%x}' %>",
    ],
)
def test_tex_without_mistakes(source: str) -> None:
    check_tex(source)


@pytest.mark.parametrize(
    ("source", "offset", "message"),
    [
        ("a {b", 2, "this { is never closed"),
        ("a {b {c}", 2, "this { is never closed"),
        ("a b} {", 3, "this } closes no {"),
        ("\\{ }", 3, "this } closes no {"),
        ("50% of it", 2, "TeX ignores the line from % on"),
        ("trailing %  ", 9, "TeX ignores the line from % on"),
        ("by 50 %\nof it", 6, "TeX ignores the line from % on"),
        ("by << a >>%\nof it", 10, "TeX ignores the line from % on"),
        ("x\n\\% 5 % y", 7, "TeX ignores the line from % on"),
    ],
)
def test_tex_with_mistakes(source: str, offset: int, message: str) -> None:
    with pytest.raises(TextError, match=message) as caught:
        check_tex(source)
    assert caught.value.offset == offset


def test_a_text_that_only_prints_says_what_its_template_says() -> None:
    shown = {name: Shown(at, rf"\ensuremath{{{at}}}") for at, name in enumerate("ab")}
    for source, is_plain in {
        "<< a >>": True,
        "\nOf << a >>% \n<< b >> $<< a >>$,\n\n<# not this #>{\\bf << b >>}\n": True,
        "<< a >> << +b >>": False,
        "<% if a == 0 %>none<% else %><< b >><% endif %>": False,
    }.items():
        text = read_text(source)
        assert bool(text._pieces) is is_plain
        assert text.render(shown) == replace(text, _pieces=()).render(shown)
