"""The key desk in a real browser: marking, two correctors, dropped connections, the camera."""

from __future__ import annotations

import html
import json
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
import pyzipper
import uvicorn
from desk_client import open_desk
from one_problem import load_one, one_part
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright
from small_project import Project

from generator.codes.check_character import with_check
from generator.desk.app import make_app
from generator.desk.bundle import bundle_values, steps_script
from generator.desk.desk import Desk
from generator.desk.following import follow_written
from generator.desk.web import COOKIE, STATIC
from generator.draw.draw import reference_draw
from generator.language.catalogue import load_catalogue
from generator.marks.operation import Operation
from generator.record.batch import open_batch
from generator.solve.solve import solve_problem

CHROMIUM = shutil.which("chromium") or ""
AXE = Path(__file__).parent / "vendor" / "axe-4.14.1.min.js"
PHONE, LAPTOP = {"width": 360, "height": 740}, {"width": 1366, "height": 768}
# A slow machine takes longer; where all goes well nobody waits.
WAIT_MS = 90_000
expect.set_options(timeout=WAIT_MS)
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs chromium, which make test installs")


@dataclass(frozen=True)
class Served:
    """A desk that answers on a port."""

    desk: Desk
    url: str

    @property
    def code(self) -> str:
        return self.desk.library.codes[0]

    def page(self, browser: Browser, who: str, **options: object) -> Page:
        """A page of somebody who has signed in."""
        context = browser.new_context(**options)  # type: ignore[arg-type]
        token = self.desk.people.begin(who, self.desk.clock())
        context.add_cookies([{"name": COOKIE, "value": token, "url": self.url}])
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        return page

    def key(self, page: Page, code: str = "") -> None:
        page.goto(f"{self.url}/key/{code or self.code}/3")


@contextmanager
def serve(desk: Desk) -> Iterator[str]:
    """Serves a desk in a thread."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = make_app(desk)
    config = uvicorn.Config(
        app, port=port, log_level="error", lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        threading.Event().wait(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def served(built: Project, tmp_path: Path) -> Iterator[Served]:
    with open_desk(built, tmp_path) as desk, serve(desk) as url:
        yield Served(desk, url)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def launched(playwright: Playwright) -> Iterator[Browser]:
    options = ["--no-sandbox", "--disable-gpu"]
    found = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
    yield found
    found.close()


@pytest.fixture
def browser(served: Served, launched: Browser) -> Iterator[Browser]:
    """A browser whose pages are closed before the desk is."""
    yield launched
    for context in launched.contexts:
        context.close()


def total(page: Page, part: str) -> object:
    return page.locator(f"#panel-{part}".replace(".", r"\.") + " .total")


def test_a_subproblem_is_marked_with_the_keyboard_alone(served: Served, browser: Browser) -> None:
    page = served.page(browser, "bob", viewport=LAPTOP)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: message.type == "error" and wrong.append(message.text))
    page.goto(served.url)
    page.keyboard.press("/")
    page.keyboard.type(with_check(served.code).lower())
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(with_check(served.code))
    page.locator(".part.here").wait_for()  # the page's script, which has the keys, has begun
    for key in "12":
        page.keyboard.press(key)
    expect(total(page, "3.1")).to_have_text(re.compile(r"^1\s*/ 3"))
    page.keyboard.press("u")
    expect(total(page, "3.1")).to_have_text(re.compile(r"^0\.5\s*/ 3"))
    page.keyboard.press("g")
    expect(page.locator(".part.here")).to_have_attribute("data-part", "3.2")
    page.keyboard.press("f")
    expect(total(page, "3.2")).to_have_text(re.compile(r"^2\s*/ 2"))
    page.keyboard.press("ArrowDown")
    expect(page.locator(".part.here")).to_have_attribute("data-part", "3.3")
    page.keyboard.press("0")
    page.keyboard.press("d")
    expect(page.locator(".badge.doubt")).to_be_visible()
    page.get_by_label("keyboard shortcuts").uncheck()
    page.keyboard.press("1")
    page.wait_for_timeout(300)
    expect(total(page, "3.3")).to_have_text(re.compile(r"^0\s*/ 3\.5"))
    state = served.desk.marks.state(served.code, "3.1")
    assert (state.ticks, state.done, state.done_by) == (("r0",), True, "bob")
    assert not wrong


def test_done_and_next_goes_to_another_open_copy(served: Served, browser: Browser) -> None:
    page = served.page(browser, "bob", viewport=LAPTOP)
    served.key(page)
    for part in ("3.1", "3.2", "3.3"):
        expect(page.locator(".part.here")).to_have_attribute("data-part", part)
        page.keyboard.press("f")
        expect(total(page, part)).not_to_have_text(re.compile("^–"))
        page.keyboard.press("g")
    page.wait_for_url(lambda url: served.code not in url)
    found = re.search(r"/key/([^/]+)/3#part-3\.3", page.url)
    assert found is not None
    assert not served.desk.marks.state(found[1], "3.3").done
    # As the stack lies: the next copy is the one that is typed, at what is open there.
    page.locator("#stack").check()
    page.locator(".part[data-part='3.3']").focus()
    for part in ("3.3", "3.1", "3.2"):
        expect(page.locator(".part.here")).to_have_attribute("data-part", part)
        page.keyboard.press("f")
        expect(total(page, part)).not_to_have_text(re.compile("^–"))
        page.keyboard.press("g")
    expect(page.locator("#code")).to_be_focused()
    expect(page.locator("#said")).to_contain_text("next copy from the stack")
    code = next(it for it in served.desk.library.codes if it not in {served.code, found[1]})
    page.keyboard.type(with_check(code))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(with_check(code))
    expect(page.locator(".part.here")).to_be_focused()


def test_one_subproblem_alone_is_marked_through_all_copies(
    served: Served, browser: Browser
) -> None:
    page = served.page(browser, "bob", viewport=LAPTOP)
    page.goto(f"{served.url}/work")
    page.locator("[data-next='3.2'][data-alone]:not([data-round])").click()
    for _ in served.desk.library.codes[:2]:
        page.wait_for_url("**/key/**")
        expect(page.locator(".part.here")).to_have_attribute("data-part", "3.2")
        expect(page.locator("#alone")).to_be_checked()
        marked = page.url
        page.keyboard.press("f")
        expect(page.locator("#here")).to_have_text("3.2: 2")
        page.keyboard.press("g")
        page.wait_for_url(lambda url, marked=marked: url != marked)  # type: ignore[misc]
    # Who unticks it is led through the copy again.
    page.locator(".part.here").wait_for()
    page.locator("#alone").uncheck()
    page.locator(".part[data-part='3.2']").focus()
    page.keyboard.press("f")
    expect(total(page, "3.2")).not_to_have_text(re.compile("^–"))
    page.keyboard.press("g")
    expect(page.locator(".part.here")).to_have_attribute("data-part", "3.3")


def test_what_is_typed_is_followed_through_and_ticks(served: Served, browser: Browser) -> None:
    page = served.page(browser, "bob", viewport=LAPTOP)
    served.key(page)
    page.locator("[data-step=h1]").fill("77")
    expect(page.locator("[data-then=h1]")).to_contain_text("wrong")
    expect(page.locator("[data-then=h3]")).to_contain_text("77")
    page.locator("[data-step=h3]").fill("77")
    expect(page.locator("[data-then=h3]")).to_contain_text("follows: counts")
    expect(total(page, "3.1")).to_have_text(re.compile(r"^0\.5\s*/ 3"))
    page.locator("[data-step=h2]").fill("3,5")
    expect(page.locator("[data-then=h2]")).to_contain_text("cannot be read as h2")
    page.reload()
    expect(page.locator("[data-step=h1]")).to_have_value("77")
    assert served.desk.marks.state(served.code, "3.1").ticks == ("r2",)


def test_a_mistake_of_this_copy_is_recognized(served: Served, browser: Browser) -> None:
    page = served.page(browser, "bob", viewport=LAPTOP)
    served.key(page)
    view = served.desk.library.view(served.code, served.desk.library.exam.problems[0])
    mistake = view.parts[0].mistakes[0]
    for step in view.parts[0].steps:
        if value := step.mistakes[0]:
            page.locator(f"[data-step={step.name}]").fill(value.replace("−", "-"))
    # Another mistake may lead to the same numbers on this copy.
    looks = page.locator(".tick.alike").filter(has_text="No ReLU")
    expect(looks).to_contain_text("looks like this one")
    looks.locator("input").click()
    expect(total(page, "3.1")).to_have_text(re.compile(rf"^{re.escape(mistake.points)}\s*/ 3"))


def test_two_correctors_see_each_other_and_overwrite_nothing(
    served: Served, browser: Browser
) -> None:
    ada, bob = (served.page(browser, who, viewport=LAPTOP) for who in ("ada", "bob"))
    served.key(ada)
    served.key(bob)
    bob.keyboard.press("1")
    expect(total(bob, "3.1")).to_have_text(re.compile(r"^0\.5"))
    expect(total(ada, "3.1")).to_have_text(re.compile(r"^0\.5"))
    expect(ada.locator(r"#panel-3\.1")).to_contain_text("bob")
    # Ada's page has not heard of it yet: her points are refused, and she sees what he did.
    ada.evaluate("document.querySelector('#panel-3\\\\.1 [data-version]').dataset.version = 0")
    ada.keyboard.press("0")
    expect(ada.locator("#said")).to_contain_text("bob")
    assert served.desk.marks.state(served.code, "3.1").points is None
    expect(total(ada, "3.1")).to_have_text(re.compile(r"^0\.5"))


def test_a_dropped_connection_loses_nothing(served: Served, browser: Browser) -> None:
    page = served.page(browser, "bob", viewport=PHONE)
    served.key(page)
    page.context.set_offline(True)
    for name in ("r0", "r1"):
        page.locator(f"#t-3\\.1-{name}").click()
    expect(page.locator("#waiting")).to_contain_text("2")
    assert not served.desk.marks.state(served.code, "3.1").ticks
    page.context.set_offline(False)
    expect(page.locator("#waiting")).to_be_hidden()
    expect(total(page, "3.1")).to_have_text(re.compile(r"^1\s*/ 3"))
    state = served.desk.marks.state(served.code, "3.1")
    assert (state.ticks, state.version) == (("r0", "r1"), 2)


def test_what_was_changed_by_others_meanwhile_stays_in_sight(
    served: Served, browser: Browser
) -> None:
    """Whatever is saved behind it: the second of two marks that waited is no reason to forget."""
    page = served.page(browser, "bob", viewport=LAPTOP)
    served.key(page)
    page.locator(".part.here").wait_for()
    page.context.set_offline(True)
    served.desk.marks.record(Operation("ada-1", "ada", served.code, "3.1", "points", value="1"))
    for part, points in (("3.1", "2"), ("3.2", "0")):
        pressed = page.locator(f"#p-{part}-{points}".replace(".", r"\."))
        pressed.click()
        expect(pressed).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("u")
    expect(page.locator("#said")).to_contain_text("No connection")
    page.context.set_offline(False)
    expect(total(page, "3.2")).to_have_text(re.compile(r"^0\s*/"))
    expect(page.locator("#said")).to_contain_text("ada")
    expect(total(page, "3.1")).to_have_text(re.compile(r"^1\s*/ 3"))


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (LAPTOP, "light")])
def test_pages_are_accessible_and_fit(
    served: Served, browser: Browser, size: dict[str, int], scheme: str
) -> None:
    page = served.page(browser, "ada", viewport=size, color_scheme=scheme, bypass_csp=True)
    stranger = served.page(browser, "nobody", viewport=size, color_scheme=scheme, bypass_csp=True)
    for own, path in (
        (stranger, "/sign-in"),
        (page, "/"),
        (page, f"/key/{served.code}/3"),
        (page, "/work"),
        (page, "/answers/3.1"),
        (page, "/downloads"),
        (page, "/key/E9999/3"),
    ):
        own.goto(served.url + path)
        width = own.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], path
        own.add_script_tag(path=AXE)
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        options = json.dumps({"runOnly": {"type": "tag", "values": tags}})
        found = own.evaluate(f"axe.run(document, {options})")["violations"]
        named = [(it["id"], [node["html"] for node in it["nodes"]][:3]) for it in found]
        assert not named, (path, named)


def video(paper: Path, page: int, file: Path) -> None:
    """A film of one picture: the upper half of a page, as a camera holds it, in Y4M."""
    document = pdfium.PdfDocument(paper)
    picture = document[page - 1].render(scale=150 / 72, grayscale=True).to_numpy()
    gray = np.full((720, 1280), 128, np.uint8)
    shown = picture[:720, -1280:].reshape(-1, min(picture.shape[1], 1280))
    gray[: shown.shape[0], -shown.shape[1] :] = shown
    plane = np.full((360, 640), 128, np.uint8).tobytes()
    frame = b"FRAME\n" + gray.tobytes() + plane + plane
    file.write_bytes(b"YUV4MPEG2 W1280 H720 F5:1 Ip A1:1 C420mpeg2\n" + 3 * frame)


def test_a_page_before_the_camera_opens_its_problem(
    served: Served, playwright: Playwright, built: Project, tmp_path: Path
) -> None:
    code = served.desk.library.codes[1]
    number = next(it for it in (2, 3, 4) if served.desk.library.parts_on(it))
    video(built.out / "print-shop" / "papers" / f"{code}.pdf", number, tmp_path / "page.y4m")
    camera = [
        *("--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"),
        f"--use-file-for-fake-video-capture={tmp_path / 'page.y4m'}",
    ]
    film = playwright.chromium.launch(executable_path=CHROMIUM, args=camera)
    try:
        page = served.page(film, "bob", viewport=PHONE)
        page.goto(served.url)
        page.get_by_role("button", name="Scan").click()
        part = served.desk.library.parts_on(number)[0]
        page.wait_for_url(f"{served.url}/key/{code}/3#part-{part}", timeout=WAIT_MS)
        expect(page.locator("h1")).to_contain_text(with_check(code))
        # As the stack lies: the copy that is still before the camera is not the next one.
        page.locator("#stack").check()
        for it in ("3.1", "3.2", "3.3"):
            mark = {"code": code, "part": it, "who": "bob", "seen": 99}
            served.desk.marks.record(Operation(f"p{it}", kind="points", value="1", **mark))
            if it != part:
                served.desk.marks.record(Operation(f"d{it}", kind="done", **mark))
        page.reload()
        page.locator("[data-do=done-next]").click()
        expect(page.locator("#camera-says")).to_contain_text("Take the next copy")
        page.wait_for_timeout(1_000)
        assert page.locator("#camera").evaluate("camera => camera.open")
    finally:
        film.close()


def test_a_bundle_follows_through_without_the_desk(
    built: Project, playwright: Playwright, launched: Browser, tmp_path: Path
) -> None:
    """What the script of a bundle computes is what the program computes, step by step."""
    project = Project(tmp_path / "project")
    shutil.copytree(built.folder, project.folder, symlinks=True)
    (tmp_path / "passphrase").write_text("a passphrase of tests\n")
    done = project.run(
        "--for", "Bob <b>", "--passphrase-file", str(tmp_path / "passphrase"), command="keys-bundle"
    )
    assert done.returncode == 0, done.stderr
    archive = project.folder / "output" / "small-1-keys-Bob-b.zip"
    with pyzipper.AESZipFile(archive) as packed:
        with pytest.raises(RuntimeError):
            packed.extractall(tmp_path / "pages")
        packed.setpassword(b"a passphrase of tests")
        packed.extractall(tmp_path / "pages")
    assert archive.stat().st_mode & 0o077 == 0
    with open_batch(project.out) as batch:
        code = batch.codes()[0]
        whole, solution = batch.exam.problems[0], batch.solutions(code)["3"]
    page = launched.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: message.type == "error" and wrong.append(message.text))
    page.goto((tmp_path / "pages" / "index.html").as_uri())
    page.get_by_label("Code of the copy").fill(with_check(code).lower().replace("0", "o"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(with_check(code))
    assert "Bob &lt;b&gt;" in page.content()
    assert "Müller" not in page.content()
    catalogue = load_catalogue("en")
    met: set[str] = set()
    for step in whole.steps.order:
        for value in ("7.25 €", "-1/3", "0 %"):
            page.locator(f"[data-step={step}]").fill(value)
            expected = follow_written(whole, solution, {step: value}, catalogue)
            for name, cell in expected.cells.items():
                shown = page.locator(f"[data-then={name}]").inner_text()
                assert shown == f"{cell.says} {cell.expected}".strip(), (step, value, name)
                met.add(cell.status)
        page.locator(f"[data-step={step}]").fill("")
    page.context.close()
    assert not wrong
    assert {"trivial", "follow-through", "wrong"} <= met


def test_a_bundle_reads_what_is_typed_as_the_desk_does(launched: Browser, tmp_path: Path) -> None:
    forms = {
        "b": "{is: a + 8, form: binary}",
        "h": "{is: a + 28, form: hexadecimal}",
        "m": "{is: a + 1/2, form: mixed}",
        "p": "{is: a/8, form: percent}",
        "e": "{is: 1000*a + 500, form: {as: currency, symbol: kr}}",
        "s": "{is: 2000*a + 100, form: scientific}",
        "u": "{is: a/4, unit: kg}",
    }
    steps = ", ".join(f"{name}: {form}" for name, form in forms.items())
    draw, ask = "[{names: [a], one_of: [1, 2, 3]}]", "Let $a = << a >>$."
    exam = load_one(tmp_path, one_part(draw, "{a: 3}", ask, f"{{{steps}}}"))
    whole = exam.problems[0]
    solution = solve_problem(whole, reference_draw(whole))
    fields = "".join(
        f'<input class="written" data-step="{it}"><p data-then="{it}"></p>' for it in forms
    )
    values = html.escape(json.dumps(bundle_values(whole, solution)))
    page = launched.new_page()
    page.set_content(f'<section data-problem="1" data-values="{values}">{fields}</section>')
    page.add_script_tag(content=steps_script(exam, [whole]).decode())
    page.add_script_tag(path=STATIC / "bundle.js")
    typed = {
        "b": ("1011", "1011₂", "11", "12"),
        "h": ("1F", "0x1f", "-1F", "G"),
        "m": ("3 1/2", "7/2", "3.5", "3 2/1"),
        "p": ("37.5 %", "37.5", "0.375", "375 %"),
        "e": ("3500.00 kr", "€3500", "3.5 · 10^3 kr", "3500 kg"),
        "s": ("6.1 · 10^3", "6.1×10³", "61e2", "10^3"),
        "u": ("0.75 kg", "3/4", ".75", "0.75 €"),
    }
    met = set()
    for name, texts in typed.items():
        for text in texts:
            page.locator(f"[data-step={name}]").fill(text)
            expected = follow_written(whole, solution, {name: text}, load_catalogue("en"))
            shown = page.locator(f"[data-then={name}]").get_attribute("data-status")
            assert shown == expected.cells[name].status, (name, text)
            met.add(shown)
        page.locator(f"[data-step={name}]").fill("")
    page.context.close()
    assert met == {"right", "wrong", "bad"}


def test_a_bundle_reads_complex_values_and_counts_what_follows_from_the_fallback(
    launched: Browser, tmp_path: Path
) -> None:
    """As the program judges the same; without a build: the script and the values of a problem."""
    text = one_part(
        "[{names: [a, b], one_of: [1, 2, 3]}]",
        "{a: 1, b: 2}",
        "Let $z = << a >> + << b >>i$.",
        "{w: z**2 - conj(z), z: 'complex(a, b)'}",
    ).replace("points: 2\n    space", "points: 1\n    space")
    later = """\
  - id: "1.2"
    points: 1
    space: 45 mm
    ask: Go on, also with << fallback.w >>.
    fallback: {w: {from: 5, to: 9}}
    reference_fallback: {w: 6}
    steps: {v: "w + z/complex(1, 2)", q: re(v)**2 + im(v)**2}
    rubric: [{points: 1, step: q}]
"""
    exam = load_one(tmp_path, text.replace("{points: 2", "{points: 1") + later)
    whole = exam.problems[0]
    solution = solve_problem(whole, reference_draw(whole))
    names = whole.steps.order
    fields = "".join(
        f'<input class="written" data-step="{it}"><p data-then="{it}"></p>' for it in names
    )
    values = html.escape(json.dumps(bundle_values(whole, solution)))
    page = launched.new_page()
    page.set_content(f'<section data-problem="1" data-values="{values}">{fields}</section>')
    page.add_script_tag(content=steps_script(exam, [whole]).decode())
    page.add_script_tag(path=STATIC / "bundle.js")
    met = set()
    for written in (
        {"z": "3-i"},
        {"z": "1 + 2i", "w": "-4+6i", "v": "1/2 - 0.5j"},
        {"z": "-i", "w": "-1-i"},
        {"w": "2i", "v": "1+i", "q": "2"},
        {"w": "2i", "v": "7", "q": "49"},
        {"w": "2i", "q": "36"},
        {"z": "two"},
    ):
        for name in names:
            page.locator(f"[data-step={name}]").fill(written.get(name, ""))
        expected = follow_written(whole, solution, written, load_catalogue("en"))
        for name, cell in expected.cells.items():
            shown = page.locator(f"[data-then={name}]").inner_text()
            if cell.status != "bad":
                assert shown == f"{cell.says} {cell.expected}".strip(), (written, name)
            met.add((cell.status, page.locator(f"[data-then={name}]").get_attribute("data-status")))
    page.context.close()
    assert all(one == other for one, other in met)
    assert {it for it, _ in met} >= {"right", "follow-through", "fallback", "wrong", "bad"}
