"""From a request to an answer: who is asking, may they, and the page that comes of it."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from generator.codes.check_character import with_check
from generator.desk.desk import Desk
from generator.desk.people import Person
from generator.desk.web import COOKIE, STYLE, csrf_token, same_origin
from generator.errors import InputError
from generator.files.html import Html
from generator.files.program import VERSION
from generator.marks.marked_papers import Refused

TEMPLATES: Final = Path(__file__).parent / "templates"
PUBLIC: Final = Person("", "corrector", ("-",))
"""Whoever has not signed in; no problem is theirs."""

Access = Literal["public", "signed-in", "keys", "recording", "examiner", "door"]
"""What a path asks for: nobody, anybody who has signed in, that and released keys, that and
recording, the examiner, or whoever gives out spare copies."""


class Refusal(Exception):
    """A request that is not granted; said in the exam's language, and noted.

    Attributes:
        status: Of HTTP.
        key: Of the text, below ``desk.no``.
        values: What its braces call for.
    """

    def __init__(self, status: int, key: str, **values: object) -> None:
        super().__init__(key)
        self.status = status
        self.key = key
        self.values = values


@dataclass(frozen=True)
class Asked:
    """A request with all that an answer needs.

    Attributes:
        person: Who asks.
        session: The token of the session; empty for whoever has not signed in.
        form: What a form has sent.
    """

    desk: Desk
    request: Request
    person: Person
    session: str
    form: Mapping[str, str]

    @property
    def path(self) -> Mapping[str, str]:
        """The variable parts of the path."""
        return self.request.path_params

    @property
    def address(self) -> str:
        """From where it is asked."""
        return self.request.client.host if self.request.client else ""

    @property
    def csrf(self) -> str:
        """What forms of this session carry; of who has none, what this visitor's forms carry."""
        return csrf_token(self.desk.key, self.session)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page, or a piece of one."""
        return render(self.desk, self, template, status, **values)


Answer = Callable[[Asked], Awaitable[Response]]


def access(wanted: Access) -> Callable[[Answer], Answer]:
    """What a path asks of who wants it; without it, that keys are released."""

    def note(answer: Answer) -> Answer:
        answer.access = wanted  # type: ignore[attr-defined]
        return answer

    return note


def asked_by_cookie(desk: Desk, request: Request) -> Asked:
    """A request before anything is checked: with whoever has signed in, if somebody has."""
    session = request.cookies.get(COOKIE, "")
    person = desk.people.session(session, desk.clock()) if session else None
    return Asked(desk, request, person or PUBLIC, session if person else "", {})


def answered(desk: Desk, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """An answer behind the checks that all have in common."""
    wanted: Access = getattr(answer, "access", "keys")

    async def respond(request: Request) -> Response:
        asked = asked_by_cookie(desk, request)
        try:
            if request.method == "POST":
                asked = replace(asked, form=await _form(request))
                _check_csrf(asked)
            if not asked.session and wanted != "public":
                return to_sign_in(desk, request)
            _check_access(asked, wanted)
            return await answer(asked)
        except Refusal as refusal:
            about = f"{request.url.path[:200]}: {refusal.key} {refusal.values.get('typed', '')}"
            await desk.note("refusal", asked.person.name, about.strip())
            return refused(desk, request, refusal.status, refusal.key, asked, **refusal.values)
        except InputError as error:
            about = f"{request.url.path[:200]}: {error}"[:500]
            await desk.note("refusal", asked.person.name, about)
            if isinstance(error, Refused):
                return refused(desk, request, 422, "input", asked, message=str(error))
            # What commands say is English, and for those who may see all; it is in the log.
            return refused(desk, request, 409, "trouble", asked)

    return respond


async def _form(request: Request) -> Mapping[str, str]:
    if not request.headers.get("content-type", "").startswith("application/x-www-form"):
        return {}
    return {key: str(value) for key, value in (await request.form()).items()}


def _check_csrf(asked: Asked) -> None:
    sent = asked.request.headers.get("x-csrf-token") or asked.form.get("csrf", "")
    if not same_origin(asked.request, proxied=asked.desk.proxied) or not hmac.compare_digest(
        sent.encode(), asked.csrf.encode()
    ):
        raise Refusal(403, "csrf")


def _check_access(asked: Asked, wanted: Access) -> None:
    desk = asked.desk
    if wanted == "examiner" and not asked.person.is_examiner:
        raise Refusal(403, "examiner")
    if wanted == "door" and not asked.person.is_at_door:
        raise Refusal(403, "door")
    if wanted in {"keys", "recording"} and (until := desk.waits()):
        raise Refusal(403, "embargo", until=until)
    if wanted == "recording" and not desk.recording:
        raise Refusal(409, "recording")


def to_sign_in(desk: Desk, request: Request) -> Response:
    """To the page for signing in; a script is told that it is needed."""
    if request.method == "GET" and "hx-request" not in request.headers:
        path = request.url.path.removeprefix(desk.root)
        wanted = f"?next={path}" if path not in {"", "/"} else ""
        return RedirectResponse(f"{desk.root}/sign-in{wanted}", 303)
    return refused(desk, request, 401, "session")


def refused(
    desk: Desk,
    request: Request,
    status: int,
    key: str,
    asked: Asked | None = None,
    **values: object,
) -> Response:
    """The page, or the piece of a page, that says why something is not granted."""
    asked = asked or Asked(desk, request, PUBLIC, "", {})
    says = desk.library.exam.conventions.catalogue.text(f"desk.refusal.{key}", **values)
    piece = "hx-request" in request.headers or "x-desk" in request.headers
    return render(desk, asked, "said.html" if piece else "refused.html", status, says=says)


@cache
def environment() -> Environment:
    """The templates; what stands in them is escaped."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["with_check"] = with_check
    made.globals["style"] = Html(STYLE)
    return made


def render(desk: Desk, asked: Asked, template: str, status: int = 200, **values: Any) -> Response:
    """A page in the exam's language."""
    return HTMLResponse(fragment(desk, asked, template, **values), status)


def fragment(desk: Desk, asked: Asked, template: str, **values: Any) -> str:
    """A template with its values."""
    exam = desk.library.exam
    catalogue = exam.conventions.catalogue
    return (
        environment()
        .get_template(template)
        .render(
            say=partial(say, catalogue.text),
            exam=exam,
            language=exam.conventions.language,
            person=asked.person,
            signed_in=bool(asked.session),
            csrf=asked.csrf,
            root=desk.root,
            recording=desk.recording,
            example=desk.library.codes[0],
            version=VERSION,
            **values,
        )
    )


def say(text: Callable[..., str], key: str, /, **values: object) -> str:
    """A text of the desk, in the language of a catalogue."""
    return text(f"desk.{key}", **values)
