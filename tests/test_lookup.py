"""Whose number is it: lookups and follow-through in a batch that was built."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction

import pytest
from shipped import Batch, find
from small_project import Project

from generator.codes.check_character import with_check
from generator.correct.lookup import FAR, Seating, matches, nearest_first
from generator.correct.results import Result

pytestmark = pytest.mark.slow


def test_finds_a_number_wherever_a_key_has_it(batch: Batch) -> None:
    problem = find(batch.exam, "3")
    pairs = [(code, it["3"]) for code, it in list(batch.copies.items())[:200]]
    value = Fraction("0.5")
    found = dict(matches(problem, "3.3", "w21_new", value, pairs))
    key = {code for code, it in pairs if it.values["w21_new"] == value}
    fallback = {code for code, it in pairs if it.from_fallback["3.3"]["w21_new"] == value}
    origins = {code: {it.origin for it in own} for code, own in found.items()}
    others = found.keys() - key - fallback
    assert all(origins[code] == {"mistake"} for code in others)
    assert key | fallback <= found.keys()
    assert all(("key" in origins[code]) is (code in key) for code in found)
    assert all(("fallback" in origins[code]) is (code in fallback) for code in found)


def result() -> tuple[Result, ...]:
    return (Result("3.1", "h1", Fraction(1), "1", "key"),)


PLACES: Mapping[str, Seating] = {
    "E0001": Seating("A", "12"),
    "E0002": Seating("A", "40"),
    "E0003": Seating("B", "13"),
    "E0004": Seating("A", "14"),
    "E0005": Seating("A", "x"),
}


def test_neighbors_of_the_paper_come_first() -> None:
    found = {code: result() for code in ("E0002", "E0003", "E0004", "E0005")}
    ordered = nearest_first(found, PLACES, "E0001")
    assert [(it.code, it.distance) for it in ordered] == [
        ("E0004", 2),
        ("E0002", 28),
        ("E0005", FAR),
        ("E0003", FAR),
    ]


def test_without_a_paper_those_next_to_each_other_come_first() -> None:
    ordered = nearest_first({code: result() for code in sorted(PLACES)}, PLACES, None)
    assert [it.code for it in ordered][:2] == ["E0001", "E0004"]


def test_the_command_lists_copies_and_is_careful_with_words(built: Project) -> None:
    codes = sorted(built.codes().values())
    [problem] = built.key(codes[0])["problems"]  # type: ignore[misc]
    number = problem["parts"][2]["answers"]["w21_new"]
    options = ["--exam", str(built.exam), "--out", str(built.out.parent)]
    done = built.ask("lookup", *options, "3.3", f"w21_new={number}")
    assert done.returncode == 0, done.stderr
    assert with_check(codes[0]) in done.stdout
    assert "no proof" in done.stdout
    done = built.ask("lookup", *options, "3.3", f"w21_new={number}", "--json")
    data = json.loads(done.stdout)
    assert codes[0] in [copy["code"] for copy in data["copies"]]
    assert data["of"] == len(codes)
    assert "Pat" not in done.stdout
    done = built.ask("lookup", *options, "3.3", f"w21_new={number}", "--json", "--paper", codes[0])
    assert codes[0] not in [copy["code"] for copy in json.loads(done.stdout)["copies"]]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("9.9", "h1=1"), "there is no such part"),
        (("3.3", "h1=1"), "h1 is no step of 3.3"),
        (("3.3", "zeta=1"), "there is no step zeta"),
        (("3.3", "w21_new=x"), "'x' is no number"),
        (("3.3", "w21_new=1", "--paper", "E9999"), "was never built"),
    ],
)
def test_a_lookup_says_what_is_wrong(built: Project, arguments: tuple[str, ...], says: str) -> None:
    options = ["--exam", str(built.exam), "--out", str(built.out.parent)]
    done = built.ask("lookup", *options, *arguments)
    assert done.returncode == 2
    assert says in done.stderr


def test_follow_through_knows_the_copies_of_the_batch(built: Project) -> None:
    code = sorted(built.codes().values())[0]
    [problem] = built.key(code)["problems"]  # type: ignore[misc]
    answers = problem["parts"][0]["answers"]
    options = ["--exam", str(built.exam), "--out", str(built.out.parent)]
    pair = f"h1={answers['h1']}"
    done = built.ask("follow-through", *options, with_check(code).lower(), pair, "--json")
    data = json.loads(done.stdout)
    assert data["code"] == code
    assert {it["status"] for it in data["values"].values()} == {"same"}
    assert data["values"]["o1"]["value"] == answers["o1"]
    done = built.ask("follow-through", *options, "E9999", pair)
    assert done.returncode == 2
    assert "was never built" in done.stderr


def test_a_withdrawn_copy_is_named_as_void(project: Project) -> None:
    code = project.codes()["03777777"]
    project.roster.write_text(
        "\n".join(line for line in project.roster.read_text().splitlines() if "Brien" not in line)
    )
    project.build()
    options = ["--exam", str(project.exam), "--out", str(project.out.parent)]
    done = project.ask("follow-through", *options, code, "h1=3")
    assert done.returncode == 2
    assert "is void" in done.stderr
