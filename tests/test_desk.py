"""The key desk, asked as a browser asks it; on a batch that was built with real TeX."""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial
from hashlib import sha256
from pathlib import Path

import httpx
import pypdfium2 as pdfium
import pytest
from commands import run_command
from desk_client import PASSWORD, Clock, Visitor, open_desk, visitor
from small_project import ROOT, Project

from generator.codes.check_character import with_check
from generator.codes.page_code import PageCode
from generator.commands.key_desk import close_again, open_early
from generator.compose.notes import noted
from generator.desk.desk import Desk
from generator.desk.embargo import OPENED
from generator.desk.key_view import OptionView, PartView
from generator.desk.people import IDLE_S, LINK_S, SESSION_S, Person
from generator.desk.serve import environment
from generator.desk.tex_html import html
from generator.errors import InputError
from generator.files.html import Html
from generator.language.catalogue import load_catalogue
from generator.marks.operation import Marked
from generator.marks.store import Marks
from generator.record.batch import open_batch
from generator.record.copy import Event, Reprint


@pytest.fixture
def desk(built: Project, tmp_path: Path) -> Iterator[Desk]:
    with open_desk(built, tmp_path) as opened:
        yield opened


@pytest.fixture
def bob(desk: Desk) -> Visitor:
    someone = visitor(desk)
    assert someone.sign_in("bob").status_code == 303
    return someone


def clock(desk: Desk) -> Clock:
    assert isinstance(desk.clock, Clock)
    return desk.clock


def kinds(desk: Desk) -> list[tuple[str, str]]:
    return [(entry.kind, entry.who) for entry in desk.marks.audit.entries()]


# Signing in.


def test_health_needs_no_sign_in_and_nothing_else_answers_without(desk: Desk) -> None:
    someone = visitor(desk)
    answer = someone.get("/health")
    assert answer.json() == {"exam": "small-1", "copies": len(desk.library.codes)}
    code = desk.library.codes[0]
    for path in ("/", f"/key/{code}/3", "/work", f"/download/key/{code}.pdf", "/events"):
        refused = someone.get(path)
        assert refused.status_code == 303
        assert refused.headers["location"].startswith("/sign-in")
    assert someone.get("/nowhere").headers["location"] == "/sign-in?next=/nowhere"
    for path in ("desk.css", "desk.js", "icon.svg", "vendor/zxing_reader.wasm", "nothing"):
        assert someone.get(f"/static/{path}").status_code == 401
    assert someone.client.post("/health").status_code == 401


def test_the_page_for_signing_in_has_its_styles_itself_and_the_policy_allows_these(
    desk: Desk, bob: Visitor
) -> None:
    answer = visitor(desk).get("/sign-in")
    (style,) = re.findall("<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'self' 'sha256-{digest}';" in answer.headers["content-security-policy"]
    assert not re.findall(r"<script|<link|static/", answer.text)
    kept = bob.get("/static/desk.css")
    assert kept.text == style
    again = bob.get("/static/desk.css", headers={"if-none-match": kept.headers["etag"]})
    assert (again.status_code, kept.headers["cache-control"]) == (304, "private, no-cache")


def test_a_wrong_password_is_refused_and_too_many_wait(desk: Desk) -> None:
    someone = visitor(desk)
    for name in ("bob", "nobody"):
        assert someone.sign_in(name, "not the password").status_code == 403
    for _ in range(4):
        someone.sign_in("bob", "not the password")
    assert someone.sign_in("bob").status_code == 429
    clock(desk).now += 16 * 60
    assert someone.sign_in("bob").status_code == 303
    assert ("refusal", "bob") in kinds(desk)
    assert ("sign-in", "bob") in kinds(desk)


def test_a_link_signs_in_once_and_looking_at_it_does_not_use_it_up(desk: Desk) -> None:
    someone = visitor(desk)
    token = desk.people.make_link("bob", desk.clock())
    assert someone.get(f"/enter/{token}").status_code == 200
    assert someone.get(f"/enter/{token}").status_code == 200
    assert someone.post(f"/enter/{token}").status_code == 303
    assert "bob" in someone.get("/").text
    other = visitor(desk)
    assert "already" in other.get(f"/enter/{token}").text
    assert other.post(f"/enter/{token}").status_code == 403


def test_links_and_sessions_expire(desk: Desk, bob: Visitor) -> None:
    token = desk.people.make_link("bob", desk.clock())
    clock(desk).now += LINK_S + 1
    assert "expired" in visitor(desk).get(f"/enter/{token}").text
    assert bob.get("/").status_code == 303
    for pause, total in ((IDLE_S + 1, IDLE_S + 1), (IDLE_S - 60, SESSION_S + IDLE_S)):
        bob.sign_in("bob")
        for _ in range(0, total, pause):
            clock(desk).now += pause
            bob.get("/")
        assert bob.get("/").status_code == 303


def test_ended_sessions_end_at_once(desk: Desk, bob: Visitor) -> None:
    desk.people.end("bob", access=False)
    assert bob.get("/").status_code == 303
    assert bob.sign_in("bob").status_code == 303
    bob.post("/sign-out")
    assert bob.get("/").status_code == 303
    desk.people.end("bob", access=True)
    assert bob.sign_in("bob").status_code == 403


def test_cookies_are_for_the_server_alone_and_for_this_site(built: Project, tmp_path: Path) -> None:
    with open_desk(built, tmp_path, secure=True) as desk:
        someone = visitor(desk)
        cookie = someone.sign_in("bob").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" in cookie


def test_a_proxy_may_have_the_desk_below_a_path(built: Project, tmp_path: Path) -> None:
    """What such a proxy passes on: the path without its own, and who is asking in headers."""
    with open_desk(built, tmp_path, secure=True, proxied=True, root="/desk") as desk:
        someone = visitor(desk)
        assert someone.get("/work").headers["location"] == "/desk/sign-in?next=/work"
        assert someone.get("/").headers["location"] == "/desk/sign-in"
        someone.get("/sign-in")
        headers = {"origin": "https://exam.example", "x-forwarded-host": "exam.example"}
        form = {"csrf": someone.csrf, "name": "bob", "password": PASSWORD, "next": "/work"}
        foreign = {**headers, "origin": "https://elsewhere.example"}
        assert someone.client.post("/sign-in", data=form, headers=foreign).status_code == 403
        answer = someone.client.post("/sign-in", data=form, headers=headers)
        assert answer.headers["location"] == "/desk/work"
        assert "path=/desk" in answer.headers["set-cookie"].lower()
        code = desk.library.codes[0]
        for path in ("/", "/work", f"/key/{code}/3", "/downloads", "/answers/3.1"):
            page = someone.get(path)
            assert page.status_code == 200, path
            links = re.findall(r'(?:href|src|action|hx-post|hx-get)="(/[^"]*)"', page.text)
            assert links
            assert not [link for link in links if not link.startswith("/desk/")], path
        found = someone.post("/find", code=code)
        assert found.headers["location"].startswith(f"/desk/key/{code}/3")
        assert someone.get("/static/desk.js").status_code == 200
        assert someone.post("/sign-out").headers["location"] == "/desk/sign-in"
        assert someone.get("/work").status_code == 303


def test_a_desk_without_a_proxy_believes_no_header_of_one(desk: Desk) -> None:
    someone = visitor(desk)
    someone.get("/sign-in")
    headers = {"origin": "https://exam.example", "x-forwarded-host": "exam.example"}
    form = {"csrf": someone.csrf, "name": "bob", "password": PASSWORD}
    assert someone.client.post("/sign-in", data=form, headers=headers).status_code == 403


def fail(error: Exception, *_: object) -> None:
    raise error


def test_what_goes_wrong_is_said_in_the_exams_language_without_a_traceback(
    desk: Desk, bob: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = load_catalogue("de")
    german = replace(desk.library.exam.conventions, language="de")
    object.__setattr__(desk.library.exam, "conventions", german)
    for error, says in (
        (ZeroDivisionError("a secret"), catalogue.text("desk.refusal.broken")),
        (InputError("a secret of the machine"), catalogue.text("desk.refusal.trouble")),
    ):
        monkeypatch.setattr(desk.library, "errata", partial(fail, error))
        page = bob.get(f"/key/{desk.library.codes[0]}/3").text
        assert says in page
        assert "secret" not in page
    missing = bob.get("/nothing/here").text
    assert catalogue.text("desk.refusal.missing") in missing
    assert "bob abmelden" in missing


def test_no_default_password_and_none_that_is_short(desk: Desk) -> None:
    desk.people.add("carol", "corrector")
    someone = visitor(desk)
    for password in ("", "carol", "password"):
        assert someone.sign_in("carol", password).status_code == 403
    with pytest.raises(InputError, match="12 to 128"):
        desk.people.set_password("carol", "short")
    stored = (desk.library.folder / "desk" / "people.sqlite").read_bytes()
    assert PASSWORD.encode() not in stored


def test_forms_without_the_token_or_from_elsewhere_change_nothing(desk: Desk, bob: Visitor) -> None:
    for headers in ({}, {"origin": "http://evil.test"}, {"sec-fetch-site": "cross-site"}):
        token = {} if not headers else {"csrf": bob.csrf}
        answer = bob.client.post("/find", data={"code": "E0001", **token}, headers=headers)
        assert answer.status_code == 403
    assert bob.get("/").status_code == 200


def test_every_answer_has_the_headers(desk: Desk, bob: Visitor) -> None:
    for path in ("/health", "/", "/nowhere", "/static/desk.css"):
        headers = bob.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"


def test_pages_have_nothing_inline_and_nothing_from_elsewhere(desk: Desk, bob: Visitor) -> None:
    text = bob.get(f"/key/{desk.library.codes[0]}/3").text
    for forbidden in (" style=", "<style", "onclick", "javascript:", "http://", "https://"):
        assert forbidden not in text, forbidden
    assert "<script>" not in text


def test_what_is_too_large_is_refused(bob: Visitor) -> None:
    assert bob.post("/find", code="E" * 100_000).status_code == 413


def test_paths_of_users_reach_no_file(desk: Desk, bob: Visitor) -> None:
    for path in ("/download/key/..%2f..%2fexaminer%2fsecret.key", "/static/../people.sqlite"):
        assert bob.get(path).status_code == 404
    bob.get("/sign-in")
    for wanted in ("//evil.test", "https://evil.test", "/\\evil.test"):
        answer = visitor(desk)
        answer.get("/sign-in")
        form = {"name": "bob", "password": PASSWORD, "next": wanted}
        assert answer.post("/sign-in", **form).headers["location"] == "/"


# Finding.


def test_a_code_is_found_as_people_type_it(desk: Desk, bob: Visitor) -> None:
    code = desk.library.codes[0]
    checked = with_check(code)
    typed = (
        code,
        checked,
        checked.lower(),
        code.replace("0", "O"),
        f" {checked[:3]} {checked[3:]}",
    )
    for text in (*typed, f"small-1-{code}-2"):
        answer = bob.post("/find", code=text)
        assert answer.status_code == 303, text
        assert answer.headers["location"].startswith(f"/key/{code}/3")


def test_what_is_no_copy_is_named_as_what_it_is(desk: Desk, bob: Visitor) -> None:
    code = desk.library.codes[0]
    page = PageCode("small-1", code, 2).payload(desk.library.batch.secret.tag_key)
    forged = page[:-1] + ("0" if page[-1] != "0" else "1")
    wrong = "0" if with_check(code)[-1] != "0" else "1"
    other = "OTHER-7-E0001-2-ABCDEFGH"
    for typed, says in (
        ("hello", "no code"),
        (f"{code}-{wrong}", "check character"),
        (forged, "forged"),
        (other, "another exam, other-7"),
        ("other-7-E0001-2", "another exam, other-7"),
        ("E9999", "never built"),
        ("E0743", "reference copy"),
    ):
        answer = bob.post("/find", code=typed)
        assert answer.status_code == 404
        assert says in answer.text, typed
    assert [kind for kind, who in kinds(desk) if who == "bob"].count("refusal") == 7


def test_void_copies_are_named_as_what_became_of_them(
    desk: Desk, bob: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, again = desk.library.codes[:2]
    ledger = desk.library.batch.ledger
    monkeypatch.setattr(ledger, "withdrawn", lambda: [gone])
    ledger.reprints[f"{again}.1"] = Reprint(f"{again}.1", again, "2030-02-11T08:00:00Z", "torn")
    for typed, says in ((gone, "withdrawn"), (again, f"printed again as {again}.1")):
        answer = bob.post("/find", code=typed)
        assert answer.status_code == 404
        assert says in answer.text


def test_what_is_open_is_neither_opened_nor_closed(built: Project) -> None:
    out = built.folder / "output"
    with pytest.raises(InputError, match="say why"):
        open_early(built.exam, out, " ")
    with pytest.raises(InputError, match="may be seen already"):
        open_early(built.exam, out, "the afternoon begins")
    with pytest.raises(InputError, match="was not opened early"):
        close_again(built.exam, out)


def test_a_scanned_page_opens_at_its_problem(desk: Desk, bob: Visitor) -> None:
    code = desk.library.codes[0]
    pages = [number for number in range(1, 5) if desk.library.parts_on(number)]
    assert len(pages) > 1
    for number in pages:
        part = desk.library.parts_on(number)[0]
        page = PageCode("small-1", code, number).payload(desk.library.batch.secret.tag_key)
        assert bob.post("/find", code=page).headers["location"] == f"/key/{code}/3#part-{part}"


# Keys.


def test_the_key_shows_values_rubric_mistakes_and_fallback_but_no_name(
    built: Project, desk: Desk, bob: Visitor
) -> None:
    code = built.codes()["00123456"]
    text = bob.get(f"/key/{code}/3").text
    parts = built.key(code)["problems"][0]["parts"]  # type: ignore[index]
    for value in parts[0]["answers"].values():
        assert f">{value.replace('-', '−')}<" in text
    assert "No ReLU" in text
    assert "The forward pass in matrix notation" in text
    assert "substitute values" in text
    assert desk.library.batch.mark(code) in text
    for name in ("Müller", "Zoë", "00123456", "O'Brien", "HS 1"):
        assert name not in text
    assert ("look-up", "bob") in kinds(desk)


def test_a_corrector_of_one_problem_sees_no_other(desk: Desk) -> None:
    desk.people.add("carol", "corrector", ["7"])
    desk.people.set_password("carol", PASSWORD)
    carol = visitor(desk)
    carol.sign_in("carol")
    code = desk.library.codes[0]
    assert carol.get(f"/key/{code}/3").status_code == 403
    assert carol.get(f"/download/key/{code}.pdf").status_code == 403
    assert carol.mark("tick", "r0", code=code).status_code == 403


def test_the_pdf_is_the_released_one_and_can_be_resumed(desk: Desk, bob: Visitor) -> None:
    code = desk.library.codes[0]
    whole = (desk.library.folder / "correctors" / "keys" / f"{code}.pdf").read_bytes()
    assert bob.client.get(f"/download/key/{code}.pdf").content == whole
    rest = bob.client.get(f"/download/key/{code}.pdf", headers={"range": "bytes=100-"})
    assert rest.status_code == 206
    assert rest.content == whole[100:]
    assert bob.client.get(f"/download/card/{code}.pdf").content[:5] == b"%PDF-"
    assert ("download", "bob") in kinds(desk)


def test_no_key_before_its_day_unless_the_examiner_opens(desk: Desk, bob: Visitor) -> None:
    day = datetime.date(2030, 2, 13)
    released = datetime.datetime(2030, 2, 13).astimezone().timestamp()
    batch = desk.library.batch
    batch.__dict__["exam"] = replace(batch.exam, keys_released=day)
    code = desk.library.codes[0]
    paths = (f"/key/{code}/3", f"/download/key/{code}.pdf", f"/download/card/{code}.pdf", "/work")
    clock(desk).now = released - 1
    bob.sign_in("bob")
    for path in paths[:3]:
        refused = bob.get(path)
        assert refused.status_code == 403
        assert "February 13, 2030, 00:00" in refused.text
    assert bob.post("/find", code=code).status_code == 403
    assert bob.send(f"/follow/{code}/3", h1="3").status_code == 403
    assert bob.mark("tick", "r0", code=code).status_code == 403
    clock(desk).now = released
    assert all(bob.get(path).status_code == 200 for path in paths)
    clock(desk).now = released - 1
    event = Event(99, "2030-01-01T00:00:00Z", OPENED, (), "tests", {})
    batch.ledger.events.append(event)
    assert all(bob.get(path).status_code == 200 for path in paths)


def test_two_desks_on_one_batch_are_refused(desk: Desk) -> None:
    with pytest.raises(InputError, match="another desk is open"):
        Desk(desk.library.folder)


# Texts.


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"a $x < 1$ b", 'a <span class="tex">x &lt; 1</span> b'),
        (r"\emph{so} \& so", "<em>so</em> &amp; so"),
        (r"5~\% --- \ensuremath{-2.0}", '5\u00a0% – <span class="tex">-2.0</span>'),
        (r"<b> ``q'' \\ z", "&lt;b&gt; “q” <br> z"),
        (r"\textbf{a {b} c} d", "<strong>a b c</strong> d"),
        (
            r"\begin{itemize}\item a\item b\end{itemize}",
            "<ul><li>a<li>b</ul>",
        ),
        (
            r"\begin{tabular}{ll}\toprule a & $b$ \\ c & d\end{tabular}",
            '<table><tr><td>a</td><td><span class="tex">b</span></td></tr>'
            "<tr><td>c</td><td>d</td></tr></table>",
        ),
    ],
)
def test_texts_become_html_and_lose_no_word(source: str, expected: str) -> None:
    assert html(source) == expected


def test_the_desk_knows_spares_by_their_codes_alone(desk: Desk) -> None:
    ledger = desk.library.batch.ledger
    spares = {code for code in desk.library.codes if ledger[code].spare is not None}
    assert desk.marks.papers.unheld == spares - ledger.holders().keys()
    assert spares


def test_notes_become_html_with_their_formulas() -> None:
    said = html(noted("From $5 to $10, 50 % & more: 'x_1' is $x_1$"))
    assert (
        said == 'From $5 to $10, 50 % &amp; more: \u2018x_1&#x27; is <span class="tex">x_1</span>'
    )


# Marking.


def test_an_operation_that_is_sent_again_changes_nothing(desk: Desk, bob: Visitor) -> None:
    code = desk.library.codes[0]
    for _ in range(3):
        assert bob.mark("tick", "r0", code=code, id="once").status_code == 200
    assert desk.marks.state(code, "3.1").version == 1
    assert bob.mark("tick", "r1", code=code, id="once").status_code == 422


def test_what_cannot_be_recorded_is_said_and_changes_nothing(desk: Desk, bob: Visitor) -> None:
    code = desk.library.codes[0]
    for kind, name, value in (
        ("points", "", "99"),
        ("points", "", "many"),
        ("tick", "r77", ""),
        ("given", "nothing", "3"),
        ("given", "h1", "three"),
        ("steal", "", ""),
    ):
        answer = bob.mark(kind, name, value, code=code)
        assert answer.status_code == 422, kind
        assert answer.json()["says"] or answer.json()["cells"][name]["says"]
    for data in ({}, {"id": 3}, {"id": "x" * 999}, {"id": "a", "seen": "many"}):
        assert bob.send("/mark", part="3.1", code=code, **data).status_code == 422
    assert bob.mark("tick", "r0", code="E9999").status_code in {404, 422}
    assert desk.marks.state(code, "3.1").version == 0


def test_nothing_is_recorded_before_the_examiner_switches_it_on(desk: Desk, bob: Visitor) -> None:
    code = desk.library.codes[0]
    desk.people.set("recording", "off")
    assert bob.mark("tick", "r0", code=code).status_code == 409
    assert "data-op" not in bob.get(f"/key/{code}/3").text
    assert bob.post("/recording", recording="on").status_code == 403
    ada = visitor(desk)
    ada.sign_in("ada")
    assert ada.post("/recording", recording="on").status_code == 303
    assert bob.mark("tick", "r0", code=code).status_code == 200


def test_next_is_open_and_nobody_elses(desk: Desk, bob: Visitor) -> None:
    ada = visitor(desk)
    ada.sign_in("ada")
    met = []
    for _ in desk.library.codes:
        for who in (bob, ada):
            answer = who.client.get("/next/3.2", headers={"x-desk": "1"})
            if answer.status_code == 204:
                code = answer.headers["x-location"].split("/")[2]
                met.append(code)
                who.mark("points", "", "1", code=code, part="3.2")
                who.mark("done", code=code, part="3.2")
    assert sorted(met) == sorted(set(desk.library.codes) - desk.marks.papers.unheld)
    assert "Nothing is left" in bob.client.get("/next/3.2", headers={"x-desk": "1"}).text


def test_a_done_part_that_moves_by_an_earlier_value_is_shown_and_confirmed(
    desk: Desk, bob: Visitor
) -> None:
    code = desk.library.codes[0]
    problem = desk.library.exam.problems[0]
    fallback = desk.library.view(code, problem).parts[1].steps[0].fallback.replace("−", "-")
    # The number that follows from the printed fallback ticks its line like the key's.
    told = bob.mark("given", "mse", fallback, code=code, part="3.2").json()
    assert told["cells"]["mse"]["status"] == "fallback"
    assert desk.marks.state(code, "3.2").ticks == ("r2",)
    key = desk.library.solutions(code)["3"].values["mse"]
    bob.mark("given", "mse", f"{key}", code=code, part="3.2")
    bob.mark("done", code=code, part="3.2")
    told = bob.mark("given", "o1", "77", code=code, part="3.1").json()
    assert "3.2 was done and has changed" in told["says"]
    assert "was 1, now 0" in told["panels"]["3.2"]
    state = desk.marks.state(code, "3.2")
    assert (state.done, state.total, state.has_moved) == (True, 0, True)
    assert "was 1, now 0" in bob.get("/work").text
    told = bob.mark("confirm", code=code, part="3.2", seen=99).json()
    assert "was 1" not in told["panels"]["3.2"]
    assert "was 1, now 0" not in bob.get("/work").text


def test_what_was_marked_by_a_key_that_was_corrected_since_is_listed(
    desk: Desk, bob: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    says = load_catalogue("en").text("desk.work.corrected")
    code, other = desk.library.codes[:2]
    for it in (code, other):
        bob.mark("points", value="1", code=it, part="3.2")
        bob.mark("done", code=it, part="3.2")
    assert says not in bob.get("/work").text
    changed = {"3.2 mse": [code], "texts of the key": [code, other]}
    ledger = desk.library.batch.ledger
    event = Event(99, "2999-01-01T00:00:00+00:00", "revised", (code, other), "", changed)
    monkeypatch.setattr(ledger, "events", [*ledger.events, event])
    page = bob.get("/work").text
    listed = page.partition(says)[2].partition("</ul>")[0]
    assert with_check(code) in listed
    assert with_check(other) not in listed
    reworded = load_catalogue("en").text("desk.work.reworded")
    assert with_check(other) in page.partition(reworded)[2].partition("</p>")[0]


def test_full_points_of_multiple_choice_cross_as_the_key_does() -> None:
    nothing, option = Html(""), OptionView("a", Html("Yes"), Html(""), True)
    part = PartView(
        *("2.1", "2", Fraction(2), ("0", "2"), (), (option,), (("o", ""),), "", (), ()),
        *(False, (), nothing, (), (), (), ()),
    )
    page = (
        environment()
        .get_template("panel.html")
        .render(
            **{"part": part, "state": Marked("E0001", "2.1"), "say": lambda key, **_: key},
            **{"total": "", "points": "", "before": "", "as_key": True, "other": "", "others": []},
            **{"alike": (), "used": [], "person": Person("bob", "corrector")},
        )
    )
    none, full = re.findall(r'<button type="button" id="p-2.1-[^>]*>', page)
    assert 'data-points="0"' in none
    assert 'data-kind="key"' in full
    assert 'aria-pressed="true"' in full


def test_the_last_copy_of_a_problem_says_that_the_problem_is_done(desk: Desk, bob: Visitor) -> None:
    desk.marks.papers.unheld = frozenset(desk.library.codes[1:])
    for part in ("3.1", "3.2", "3.3"):
        bob.mark("points", "", "1", code=desk.library.codes[0], part=part)
        bob.mark("done", code=desk.library.codes[0], part=part)
    for code in desk.library.codes[1:]:
        bob.mark("points", "", "0", code=code, part="3.2")
        bob.mark("done", code=code, part="3.2")
    says = bob.client.get("/next/3.2", headers={"x-desk": "1"}).text
    assert "Problem 3 is done" in says


def is_ambiguous(desk: Desk, code: str) -> bool:
    """Whether the first mistake of 3.2 gives what something else gives as well."""
    [step] = desk.library.view(code, desk.library.exam.problems[0]).parts[1].steps
    return step.mistakes[0] in {"", step.fallback, *step.mistakes[1:]}


def test_answers_are_grouped_by_each_copys_own_numbers_and_signed_off(
    desk: Desk, bob: Visitor
) -> None:
    problem = desk.library.exam.problems[0]
    codes = sorted(desk.library.codes, key=lambda code: is_ambiguous(desk, code))
    for code in codes[1:3]:
        [step] = desk.library.view(code, problem).parts[1].steps
        value = str(step.value).replace("−", "-")
        assert bob.mark("given", "mse", value, code=code, part="3.2").status_code == 200
    view = desk.library.view(codes[0], problem).parts[1]
    sums = view.steps[0].mistakes[0].replace("−", "-")
    bob.mark("given", "mse", sums, code=codes[0], part="3.2")
    bob.mark("given", "mse", "-1234", code=codes[3], part="3.2")
    text = bob.get("/answers/3.2").text
    for group, count in (("key", 2), ("m0", 1), ("unlike", 1)):
        found = text.partition(f'id="group-{group}"')[2].partition("</section>")[0]
        assert found.count('class="written"') == count, group
    answer = bob.post("/answers/3.2", group="key", codes=" ".join(codes[1:3]))
    assert answer.status_code == 200
    bob.post("/answers/3.2", group="m0", codes=codes[0])
    marked = [desk.marks.state(code, "3.2") for code in codes[:4]]
    assert [state.done for state in marked] == [True, True, True, False]
    assert [state.total for state in marked[:3]] == [1, 2, 2]
    assert bob.post("/answers/3.2", group="unlike", codes=codes[3]).status_code == 409


def test_a_comment_can_be_used_again_on_other_copies(desk: Desk, bob: Visitor) -> None:
    first, second = desk.library.codes[:2]
    option = '<option value="sign lost">'
    assert option not in bob.get(f"/key/{second}/3").text
    bob.mark("comment", "", "sign lost", code=first)
    assert option in bob.get(f"/key/{second}/3").text.partition('id="panel-3.2"')[0]
    bob.mark("uncomment", "", "sign lost", code=first)
    assert option not in bob.get(f"/key/{second}/3").text


def test_a_sample_is_marked_again_and_the_first_marks_stay(desk: Desk, bob: Visitor) -> None:
    for code in desk.library.codes:
        bob.mark("points", "", "1", code=code, part="3.2")
        bob.mark("done", code=code, part="3.2")
    assert bob.post("/sample", part="3.2").status_code == 403
    ada = visitor(desk)
    ada.sign_in("ada")
    assert ada.post("/sample", part="3.2").status_code == 303
    answer = bob.client.get("/next/3.2?round=3", headers={"x-desk": "1"})
    target = answer.headers["x-location"]
    code = target.split("/")[2]
    assert "marked a second time" in bob.get(target).text
    bob.mark("points", "", "2", code=code, part="3.2", round=3)
    assert bob.mark("done", code=code, part="3.2", round=3).status_code == 200
    assert [desk.marks.state(code, "3.2", it).total for it in (1, 3)] == [1, 2]


def test_a_second_marking_is_blind_and_differences_are_the_examiners(
    desk: Desk, bob: Visitor
) -> None:
    ada = visitor(desk)
    ada.sign_in("ada")
    code = desk.library.codes[0]
    bob.mark("comment", "", "sign lost", code=code)
    bob.mark("points", "", "1", code=code)
    bob.mark("done", code=code)
    assert "sign lost" not in ada.get(f"/key/{code}/3?round=2").text.partition("<datalist")[0]
    assert bob.mark("points", "", "1", code=code, round=2).status_code == 422
    ada.mark("points", "", "2", code=code, round=2)
    ada.mark("done", code=code, round=2)
    work = ada.get("/work").text
    assert "1 (bob)" in work
    assert "2 (ada)" in work
    assert "1 (bob)" not in bob.get("/work").text
    assert "sign lost" in ada.get(f"/key/{code}/3?round=4").text
    # From one difference to the next, also of another subproblem; then that there is none.
    other = desk.library.codes[1]
    for who, points, round in ((bob, "0", 1), (ada, "1", 2)):
        for kind in ("points", "done"):
            value = points if kind == "points" else ""
            who.mark(kind, "", value, code=other, part="3.2", round=round)
    ada.mark("points", "", "1.5", code=code, round=4)
    ada.mark("done", code=code, round=4)
    assert "1 (bob)" not in ada.get("/work").text
    headers = {"x-desk": "1"}
    found = ada.client.get(f"/next/3.1?round=4&after={code}", headers=headers)
    assert found.headers["x-location"] == f"/key/{other}/3?round=4#part-3.2"
    ada.mark("points", "", "1", code=other, part="3.2", round=4)
    ada.mark("done", code=other, part="3.2", round=4)
    assert "settled" in ada.client.get("/next/3.2?round=4", headers=headers).text
    # What is typed then ticks nothing that may not be marked in this round.
    assert ada.mark("given", "h1", "3", code=code, part="3.1", round=2).status_code == 200


def test_several_keys_come_as_one_file_that_can_be_resumed(desk: Desk, bob: Visitor) -> None:
    codes = desk.library.codes
    path = f"/download/several?what=keys&as=zip&from={codes[1]}&to={codes[2]}"
    whole = bob.client.get(path)
    names = zipfile.ZipFile(io.BytesIO(whole.content)).namelist()
    assert names == [f"{code}.pdf" for code in codes[1:3]]
    rest = bob.client.get(path, headers={"range": "bytes=1000-"})
    assert rest.content == whole.content[1000:]
    keys = bob.client.get(f"/download/several?what=keys&as=pdf&from={codes[1]}&to={codes[2]}")
    assert keys.content.startswith(b"%PDF-")
    room = bob.client.get("/download/several?what=cards&as=pdf&room=HS 1")
    there = [code for code in codes if desk.library.batch.room(code) == "HS 1"]
    assert len(pdfium.PdfDocument(room.content)) == len(there)
    assert bob.get("/download/several?room=nowhere").status_code == 404
    assert bob.client.get("/download/problem/3.csv").text.startswith("code,")
    assert bob.client.get("/download/problem/3.pdf").content[:5] == b"%PDF-"


def test_what_was_acknowledged_survives_a_kill(project: Project) -> None:
    """The server is killed while it saves; all that it has answered is there afterwards."""
    command = [sys.executable, "-m", "generator", "desk", "--exam", str(project.exam)]
    command += ["--out", str(project.folder / "output")]
    assert run_command(*command[3:], "record", "on").returncode == 0
    added = run_command(*command[3:], "add", "bob")
    link = re.search(r"/enter/\S+", added.stdout)
    assert link is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [*command, "--port", str(port)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    assert server.stderr is not None
    assert "is open" in server.stderr.readline()
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120)
    someone = Visitor(client)  # type: ignore[arg-type]
    while True:
        try:
            someone.get(link[0])
            break
        except httpx.ConnectError:
            time.sleep(0.05)
    assert someone.post(link[0]).status_code == 303
    someone.get("/")
    code = sorted(project.codes().values())[0]
    killer = threading.Timer(0.3, server.kill)
    acknowledged: list[str] = []
    with contextlib.suppress(httpx.HTTPError):
        for number in range(10_000):
            comment = f"comment {number}"
            if someone.mark("comment", "", comment, code=code).status_code == 200:
                acknowledged.append(comment)
            if number == 4:  # by then it is at work, however busy the machine is
                killer.start()
    server.wait()
    server.stderr.close()
    assert len(acknowledged) > 3
    with open_batch(project.out) as batch, Marks.of(batch) as marks:
        kept = marks.state(code, "3.1").comments
        marks.audit.verify()
    assert list(kept[: len(acknowledged)]) == acknowledged
    assert len(kept) <= len(acknowledged) + 1


# What the table of security names besides.


def test_the_table_of_security_names_tests_that_exist() -> None:
    table = (ROOT / "generator" / "desk" / "SECURITY.md").read_text("utf-8")
    named = set(re.findall(r"`(test_[a-z_]+)`", table)) - {"test_desk"}
    assert len(named) > 15
    assert named <= globals().keys()


def test_a_new_session_at_each_sign_in(desk: Desk, bob: Visitor) -> None:
    before = bob.client.cookies["desk-session"]
    token = desk.people.make_link("bob", desk.clock())
    bob.get(f"/enter/{token}")
    assert bob.post(f"/enter/{token}").status_code == 303
    assert bob.client.cookies["desk-session"] != before
    assert desk.people.session(before, desk.clock()) is None
    desk.people.set_password("bob", PASSWORD + "!")
    assert bob.get("/").status_code == 303


def test_what_people_type_is_shown_as_text(desk: Desk, bob: Visitor) -> None:
    code = desk.library.codes[0]
    script = "<script>alert(1)</script>' OR 1=1 --"
    assert bob.mark("comment", "", script, code=code).status_code == 200
    text = bob.get(f"/key/{code}/3").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in bob.post("/find", code=script).text
    assert bob.sign_in(script, script).status_code == 403


def test_the_log_has_who_saw_what_and_no_secret(desk: Desk, bob: Visitor) -> None:
    code = desk.library.codes[0]
    token = desk.people.make_link("bob", desk.clock())
    bob.get(f"/enter/{token}")
    bob.post(f"/enter/{token}")
    bob.get(f"/key/{code}/3")
    bob.client.get(f"/download/key/{code}.pdf")
    bob.mark("tick", "r0", code=code)
    bob.post("/find", code="E9999")
    entries = desk.marks.audit.verify()
    told = [(it.kind, it.who, it.about) for it in entries]
    assert ("look-up", "bob", f"{code} problem 3") in told
    assert ("download", "bob", f"{code}.pdf") in told
    assert ("mark", "bob", f"{code} 3.1") in told
    assert any(kind == "refusal" and "E9999" in about for kind, _, about in told)
    whole = " ".join(str(entry) for entry in entries)
    for secret in (PASSWORD, token, bob.client.cookies["desk-session"]):
        assert secret not in whole


def test_methods_are_limited(desk: Desk, bob: Visitor) -> None:
    for method, path in (("GET", "/mark"), ("DELETE", "/"), ("POST", "/work"), ("PUT", "/find")):
        assert bob.client.request(method, path).status_code in {403, 404, 405}


def test_a_certificate_of_ones_own_serves_tls(project: Project) -> None:
    command = [sys.executable, "-m", "generator", "desk", "--exam", str(project.exam)]
    command += ["--out", str(project.folder / "output")]
    assert run_command(*command[3:], "certificate", "desk.test").returncode == 0
    folder = project.out / "desk"
    assert (folder / "certificate.key").stat().st_mode & 0o077 == 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([*command, "--tls", "--port", str(port)], cwd=ROOT)
    trust = ssl.create_default_context(cafile=str(folder / "certificate.pem"))
    try:
        for _ in range(1_200):
            with contextlib.suppress(httpx.ConnectError):
                answer = httpx.get(f"https://127.0.0.1:{port}/health", verify=trust)
                break
            time.sleep(0.1)
    finally:
        server.terminate()
        server.wait()
    assert answer.json()["exam"] == "small-1"
    assert "strict-transport-security" in answer.headers


def test_a_corrected_key_says_what_has_changed(desk: Desk, bob: Visitor) -> None:
    code = desk.library.codes[0]
    ledger = desk.library.batch.ledger
    ledger.changes[code, 2] = json.dumps(["3.1 h1: 2 -> 3"])
    text = bob.get(f"/key/{code}/3").text
    assert "This key was corrected" in text
    assert "<del>2</del>" in text
    assert "<ins>3</ins>" in text
    assert "corrected" not in bob.get(f"/key/{desk.library.codes[1]}/3").text


def test_a_batch_that_a_build_replaces_is_opened_again(desk: Desk, bob: Visitor) -> None:
    before, papers = desk.library.batch, desk.marks.papers
    file = desk.library.folder / "examiner" / "ledger.sqlite"
    copy = file.with_name("other.sqlite")
    shutil.copy(file, copy)
    copy.replace(file)
    assert bob.get(f"/key/{desk.library.codes[0]}/3").status_code == 200
    assert desk.library.batch is not before
    assert desk.marks.papers is not papers
