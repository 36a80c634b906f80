"""The example of bookkeeping: its answers by other means, and its questions in other systems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from test_examples import answers, load_example, solutions

from generator.bank.exam import Exam
from generator.exchange.questions import draw_questions

Given = Mapping[str, Any]
KINDS = {"Kauf": "Aktivtausch", "Umwandlung": "Passivtausch", "Tilgung": "Bilanzverkürzung"}


@pytest.fixture(scope="module", name="bookkeeping")
def _bookkeeping() -> Exam:
    return load_example("bookkeeping-de")


def cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def entries(given: Given) -> dict[str, Decimal]:
    """Each side of an entry comes to the same: so tax is what is left of the gross amount."""
    bought, sold = (Decimal(str(given[name])) * 119 / 100 for name in ("waren", "erloes"))
    taxes = bought - bought / Decimal("1.19"), sold - sold / Decimal("1.19")
    kept = sold * (100 - 100 * Decimal(str(float(given["skonto"])))) / 100
    return {
        "vst": taxes[0],
        "brutto": bought,
        "ust": taxes[1],
        "forderung": sold,
        "eingang": kept,
        "berichtigung": taxes[1] - kept * 19 / 119,
    }


def account(given: Given) -> dict[str, Decimal]:
    debit = [Decimal(int(given[name])) for name in ("ab", "zu1", "zu2")]
    credit = [Decimal(int(given[name])) for name in ("ab1", "ab2")]
    total = sum(debit, Decimal(0))
    return {
        "summe": total,
        "sb": total - sum(credit),
        "anteil": 100 - 100 * debit[0] / total,
    }


def depreciation(given: Given) -> dict[str, Decimal]:
    """By powers of what remains."""
    cost, rate = Decimal(int(given["ak"])), Decimal(str(float(given["satz"])))
    left = [cost * (1 - rate) ** year for year in range(4)]
    found = {f"r{year}": left[year] for year in (1, 2, 3)}
    found |= {f"d{year}": left[year - 1] - left[year] for year in (1, 2, 3)}
    return found | {"l": cost / int(given["nd"])}


def prices(given: Given) -> dict[str, Decimal]:
    """By subtracting what is let off."""
    listed, rebate, discount, freight = (
        Decimal(str(float(given[name]))) for name in ("einkauf", "rabatt", "skonto", "bezug")
    )
    target = listed - listed * rebate
    cash = target - target * discount
    cost = (cash + freight) * Decimal("1.2")
    return {
        "ziel": target,
        "bar": cash,
        "bezugspreis": cash + freight,
        "verkauf": cost + cost / 10,
    }


BY_HAND: dict[str, Callable[[Given], dict[str, Decimal]]] = {
    "2": entries,
    "3": account,
    "4": depreciation,
    "5": prices,
}


@pytest.mark.parametrize("problem", BY_HAND)
def test_the_books_agree(bookkeeping: Exam, problem: str) -> None:
    for solution in solutions(bookkeeping, problem):
        said = answers(solution)
        for name, value in BY_HAND[problem](solution.values).items():
            assert cents(Decimal(said[name].replace(",", "."))) == cents(value), name


def test_matching_and_numbering_are_as_in_the_book(bookkeeping: Exam) -> None:
    found = {it.part: it for it in draw_questions(bookkeeping, 0, "") if it.form == "match"}
    assert found.keys() == {"1.2", "1.3"}
    kinds = dict(found["1.2"].pairs)
    for case, kind in kinds.items():
        purchase = case.startswith("Kauf") and "Ziel" in case
        assert kind == ("Bilanzverlängerung" if purchase else KINDS[case.split()[0]])
    assert found["1.2"].extra == ("erfolgswirksamer Vorgang",)
    numbers = {row.split()[0]: number for row, number in found["1.3"].pairs}
    assert [numbers[it] for it in ("Beleg", "Buchungssatz", "Beträge", "Konten")] == [*"1234"]
