"""Signing in and out: by a password, or by a link that works once."""

from __future__ import annotations

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from generator.desk.people import Person
from generator.desk.serve import Answer, Asked, Refusal, access
from generator.desk.web import COOKIE, local_path, set_cookie


@access("public")
async def show_form(asked: Asked) -> Response:
    """The form for name and password."""
    if asked.session:
        return RedirectResponse(f"{asked.desk.root}/", 303)
    wanted = local_path(asked.request.query_params.get("next", "/"))
    return asked.page("sign_in.html", next=wanted, failed="", name="")


@access("public")
async def sign_in(asked: Asked) -> Response:
    """Name and password, as the form sent them."""
    desk, name = asked.desk, asked.form.get("name", "").strip()[:60]
    wanted = local_path(asked.form.get("next", "/"))
    if wait := desk.limits.wait(name, asked.address, desk.clock()):
        await desk.note("refusal", name, "sign-in: too many failures")
        minutes = int(wait / 60) + 1
        says = desk.library.exam.conventions.catalogue.text("desk.refusal.wait", count=minutes)
        return asked.page("sign_in.html", 429, next=wanted, failed=says, name=name)
    password = asked.form.get("password", "")
    person = await run_in_threadpool(desk.people.check_password, name, password)
    if person is None:
        desk.limits.failed(name, asked.address, desk.clock())
        await desk.note("refusal", name, "sign-in: wrong name or password")
        says = desk.library.exam.conventions.catalogue.text("desk.refusal.password")
        return asked.page("sign_in.html", 403, next=wanted, failed=says, name=name)
    desk.limits.passed(name)
    return await _begin(asked, person, "password", wanted)


async def _begin(asked: Asked, person: Person, how: str, wanted: str) -> Response:
    desk = asked.desk
    if asked.session:
        desk.people.leave(asked.session)
    token = desk.people.begin(person.name, desk.clock())
    await desk.note("sign-in", person.name, f"by {how}")
    response = RedirectResponse(desk.root + wanted, 303)
    set_cookie(response, token, secure=desk.secure, root=desk.root)
    return response


@access("public")
async def show_link(asked: Asked) -> Response:
    """A button: programs that look at links in mails do not use them up."""
    state = asked.desk.people.link_state(asked.path["token"], asked.desk.clock())
    if state != "good":
        raise Refusal(403, f"link_{state}")
    return asked.page("link.html", token=asked.path["token"])


@access("public")
async def use_link(asked: Asked) -> Response:
    """Signs in by a link."""
    desk, token = asked.desk, asked.path["token"]
    person = desk.people.use_link(token, desk.clock())
    if person is None:
        raise Refusal(403, f"link_{desk.people.link_state(token, desk.clock())}")
    return await _begin(asked, person, "link", "/")


@access("signed-in")
async def sign_out(asked: Asked) -> Response:
    """Ends the session."""
    asked.desk.people.leave(asked.session)
    asked.desk.marks.order.release(asked.person.name)
    await asked.desk.note("sign-out", asked.person.name, "")
    response = RedirectResponse(f"{asked.desk.root}/sign-in", 303)
    response.delete_cookie(COOKIE, path=asked.desk.root or "/")
    return response


ROUTES: Final[tuple[tuple[str, Answer, str], ...]] = (
    ("/sign-in", show_form, "GET"),
    ("/sign-in", sign_in, "POST"),
    ("/enter/{token}", show_link, "GET"),
    ("/enter/{token}", use_link, "POST"),
    ("/sign-out", sign_out, "POST"),
)
