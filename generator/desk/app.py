"""The web application: which path is answered by what."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from generator.desk import answers, door, download, keys, marking, overview, sign_in
from generator.desk.desk import Desk
from generator.desk.serve import Answer, answered, asked_by_cookie, refused
from generator.desk.web import Guard

STATIC: Final = Path(__file__).parent / "static"


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
        return refused(desk, request, 404, "missing", asked_by_cookie(desk, request))

    async def broken(request: Request, error: Exception) -> Response:
        return refused(desk, request, 500, "broken", asked_by_cookie(desk, request))

    routes = [
        Route("/health", health),
        Mount("/static", StaticFiles(directory=STATIC)),
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
