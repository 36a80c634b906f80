"""Languages: each catalogue is complete, and an exam says everything in its own."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest
from one_problem import load_one, one_part
from shipped import ROOT

from generator.bank.covers import RULES
from generator.bank.models import CoverFacts
from generator.correct.errata import FIELDS
from generator.language.catalogue import DEFAULT, Catalogue, known_languages, load_catalogue
from generator.language.conventions import Conventions, group
from generator.language.formulas import localized
from generator.pipeline.door_seat import Why
from generator.record.turnout import ABSENT, TURNOUT, WITHDREW

GERMAN = Conventions(language="de")


def forms(catalogue: Catalogue, key: str) -> list[str]:
    found = catalogue.texts[key]
    return [found] if isinstance(found, str) else list(found.values())


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", known_languages())
def test_every_language_has_all_texts_with_all_values(language: str) -> None:
    english, own = load_catalogue(DEFAULT), load_catalogue(language)
    assert own.texts.keys() == english.texts.keys()
    for key in english.texts:
        wanted = set().union(*map(fields, forms(english, key)))
        for text in forms(own, key):
            assert text.strip(), key
            assert fields(text) <= wanted, key
        assert set().union(*map(fields, forms(own, key))) == wanted, key


def test_every_key_that_is_used_is_there_and_every_text_is_used() -> None:
    catalogue = load_catalogue(DEFAULT)
    called = set(re.findall(r"\\Say\{([a-z_]+)\}", (ROOT / "latex/variantexam.cls").read_text()))
    called |= {*RULES, *CoverFacts.model_fields, "aids", "instructions"}
    known = {key.partition(".")[2] for key in catalogue.texts}
    assert called <= known
    sources = "\n".join(file.read_text("utf-8") for file in (ROOT / "generator").rglob("*.py"))
    used = set(re.findall(r"""['"]([a-z_]+\.[a-z_.]+)['"]""", sources)) & catalogue.texts.keys()
    computed = {key for key in catalogue.texts if key.startswith("word.") or "." not in key}
    computed |= {key for key in catalogue.texts if key.startswith("report.by_")}
    heads = " ".join(re.findall(r'_heads\(say, "([a-z_ ]+)"\)', sources)).split()
    computed |= {f"report.{name}" for name in heads}
    used |= {
        f"office.{name}"
        for name in re.findall(r"""(?:text|titled)\(\s*['"]([a-z_]+)['"]""", sources)
    }
    computed |= {key for key in catalogue.texts if key.startswith("office.column_")}
    templates = "\n".join(
        file.read_text("utf-8") for file in (ROOT / "generator/desk/templates").glob("*.html")
    )
    said = {f"desk.{name}" for name in re.findall(r"""say\("([a-z_.0-9]+)"[,)]""", templates)}
    assert said <= catalogue.texts.keys()
    refusals = {f"desk.refusal.{name}" for name in re.findall(r'"([a-z_]+)"', sources)}
    computed |= said | (refusals & catalogue.texts.keys())
    computed |= {
        key
        for key in catalogue.texts
        if key.startswith(
            ("desk.follow.", "desk.mark.round_", "desk.refusal.code_", "desk.answers.")
        )
    }
    computed |= {f"desk.door.no_{why}" for why in get_args(Why)}
    computed |= {f"desk.door.noted_{kind}" for kind in TURNOUT}
    computed |= {f"desk.work.{why}" for why in ("nobodys", ABSENT, WITHDREW)}
    computed |= {f"desk.key.words_{field}" for field in FIELDS}
    computed |= {f"desk.refusal.link_{state}" for state in ("used", "expired", "unknown")}
    unused = {
        key
        for key in catalogue.texts.keys() - used - computed
        if key.partition(".")[2] not in called
    }
    assert not unused


def test_plural_forms_are_those_of_the_language() -> None:
    german = load_catalogue("de")
    assert german.text("paper.pages", count=1) == "1 Seite"
    assert german.text("paper.pages", count=20) == "20 Seiten"
    assert german.text("paper.credits", points="0,5") == "0,5 Punkte"
    assert german.text("paper.credits", points="1") == "1 Punkt"


def test_plural_forms_do_not_ask_which_sign_stands_before_decimals() -> None:
    say = load_catalogue("en").text
    written = [say("paper.credits", points=points) for points in ("1,5", "1.5", "1")]
    assert written == ["1,5 credits", "1.5 credits", "1 credit"]


def test_dates_are_those_of_the_language() -> None:
    day = datetime.date(2023, 2, 10)
    assert load_catalogue("de").date(day) == "Freitag, 10. Februar 2023"
    assert load_catalogue("de").short_date(day) == "10.02.2023"
    assert load_catalogue("en").date(day) == "Friday, February 10, 2023"


def test_formulas_are_put_into_the_language() -> None:
    formula = r"\begin{cases} 0.5 x_{11} & \text{if } x > 1.25 \text{ and } y \\ \text{v1.2 if}"
    assert localized(formula, Conventions()) == formula
    assert localized(formula, GERMAN) == (
        r"\begin{cases} 0{,}5 x_{11} & \text{falls } x > 1{,}25 \text{ und } y \\ \text{v1.2 if}"
    )


def test_names_of_functions_are_in_the_language() -> None:
    assert localized(r"\mathrm{mean}(x) + \mathrm{round}_{2}(y)", GERMAN) == (
        r"\mathrm{Mittel}(x) + \mathrm{runde}_{2}(y)"
    )
    assert localized(r"\operatorname{median}(x)", GERMAN) == r"\operatorname{Median}(x)"
    assert localized(r"\mathrm{mean}", GERMAN) == r"\mathrm{mean}"  # a symbol of the bank


def test_members_of_a_list_are_told_from_decimals() -> None:
    assert localized(r"\max(x, -2.5, 3)", GERMAN) == r"\max(x; -2{,}5; 3)"
    assert localized(r"\max(1.5, -2, x)", Conventions()) == r"\max(1.5, -2, x)"


@pytest.mark.parametrize(
    ("digits", "written"),
    [
        ("1234", "1234"),
        ("12345", "12 345"),
        ("-1234567.25", "-1 234 567,25"),
        ("0.123456", "0,123456"),
    ],
)
def test_thousands_are_grouped_from_five_digits_on(digits: str, written: str) -> None:
    conventions = Conventions(language="de", thousands=" ")
    assert conventions.digits(digits) == written
    assert conventions.math_digits(digits) == written.replace(" ", r"\,").replace(
        ",", "{,}"
    ).replace(r"\{,}", r"\,")


def test_nothing_is_grouped_without_a_separator() -> None:
    assert group("1234567", "") == "1234567"


def test_quotation_marks_as_one_types_german_in_latex(tmp_path: Path) -> None:
    draw, reference = "[{names: [a], from: 1, to: 9}]", "{a: 2}"
    problem = one_part(draw, reference, 'Was heißt "`<< a >>"\'?', "{z: a + 1}")
    german = load_one(tmp_path, problem, "language: de\n")
    assert german.problems[0].parts[0].ask.source.strip() == "Was heißt „<< a >>“?"
    english = load_one(tmp_path, problem)
    assert english.problems[0].parts[0].ask.source.strip() == 'Was heißt "`<< a >>"\'?'
