"""The web application: which path is answered by what."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from generator.desk import answers, door, download, keys, marking, overview, sign_in
from generator.desk.desk import Desk
from generator.desk.serve import Answer, answered, asked_by_cookie, refused, to_sign_in
from generator.desk.web import STATIC, Guard


def make_app(desk: Desk) -> Starlette:
    """The desk as an ASGI application; it closes the desk at its end."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        desk.close()

    def route(path: str, answer: Answer, method: str = "GET") -> Route:
        return Route(path, answered(desk, answer), methods=[method])

    async def health(request: Request) -> Response:
        copies = len(desk.library.codes)
        return JSONResponse({"exam": desk.library.batch.exam_id, "copies": copies})

    async def missing(request: Request, error: Exception) -> Response:
        asked = asked_by_cookie(desk, request)
        if not asked.session:  # which paths there are is told to nobody else
            return to_sign_in(desk, request)
        return refused(desk, request, 404, "missing", asked)

    async def broken(request: Request, error: Exception) -> Response:
        return refused(desk, request, 500, "broken", asked_by_cookie(desk, request))

    routes = [
        Route("/health", health),
        Mount("/static", _files(desk)),
        *(route(path, answer, method) for path, answer, method in sign_in.ROUTES),
        *(route(path, answer, method) for path, answer, method in keys.ROUTES),
        *(route(path, answer, method) for path, answer, method in marking.ROUTES),
        *(route(path, answer, method) for path, answer, method in overview.ROUTES),
        *(route(path, answer, method) for path, answer, method in download.ROUTES),
        *(route(path, answer, method) for path, answer, method in answers.ROUTES),
        *(route(path, answer, method) for path, answer, method in door.ROUTES),
    ]
    return Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[
            Middleware(Guard, secure=desk.secure),
            Middleware(GZipMiddleware, minimum_size=1000, compresslevel=3),
        ],
        exception_handlers={404: missing, 405: missing, 500: broken},
    )


def _files(desk: Desk) -> ASGIApp:
    """Styles and scripts, for those who have signed in."""
    files = StaticFiles(directory=STATIC)

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        async def kept(message: Message) -> None:
            if message["type"] == "http.response.start":
                # Browsers keep them, and ask each time whether they are still the same.
                message["headers"].append((b"cache-control", b"private, no-cache"))
            await send(message)

        request = Request(scope, receive)
        if asked_by_cookie(desk, request).session:
            await files(scope, receive, kept)
        else:
            await refused(desk, request, 401, "session")(scope, receive, send)

    return respond
