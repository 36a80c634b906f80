"""What every answer of the desk has: headers, cookies, and who is asking."""

from __future__ import annotations

import hmac
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "desk-session"
STATIC: Final = Path(__file__).parent / "static"
STYLE: Final = (STATIC / "desk.css").read_text("utf-8")
"""Stands in the pages of who has not signed in, who gets no file."""
_STYLE_HASH: Final = b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY: Final = "; ".join(
    (
        *("default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'"),
        f"style-src 'self' 'sha256-{_STYLE_HASH}'",
        *("img-src 'self'", "connect-src 'self'", "font-src 'self'", "form-action 'self'"),
        *("base-uri 'none'", "frame-ancestors 'none'"),
    )
)
"""The content security policy: nothing inline but `STYLE`, nothing from elsewhere; wasm reads QR
symbols."""
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
}
MOST_BYTES: Final = 64 * 1024
"""Of what is sent to the desk; nothing that it takes is larger."""


class Guard:
    """Adds the headers to every answer, and refuses requests that are too large."""

    def __init__(self, app: ASGIApp, secure: bool = False) -> None:
        self._app = app
        self._headers = dict(HEADERS)
        if secure:
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        read = 0

        async def receive_some() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MOST_BYTES:
                raise TooLarge
            return message

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [(k.encode(), v.encode()) for k, v in self._headers.items()]
                if not any(name.lower() == b"cache-control" for name, _ in message["headers"]):
                    headers.append((b"cache-control", b"no-store"))
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        try:
            await self._app(scope, receive_some, send_with_headers)
        except TooLarge:
            await Response(status_code=413)(scope, receive, send_with_headers)


class TooLarge(Exception):
    """A request is larger than anything that the desk takes."""


def csrf_token(key: bytes, session: str) -> str:
    """The token that forms of a session carry."""
    return hmac.digest(key, session.encode(), "sha256").hex()


def same_origin(request: Request, *, proxied: bool = False) -> bool:
    """Whether a request comes from a page of the desk, as far as the browser says.

    Args:
        proxied: A proxy stands before the desk; it may tell the host that browsers know as
            ``X-Forwarded-Host``. No page from elsewhere can have a browser send that.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    hosts = {request.headers.get("host", "")}
    if proxied:
        hosts.add(request.headers.get("x-forwarded-host", "").split(",")[0].strip())
    return site in {"same-origin", "none"} and (
        origin is None or origin.partition("://")[2] in hosts
    )


def local_path(path: str) -> str:
    """A path of the desk to go on to; its first page for anything else."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if plain and len(path) < 200 else "/"


def set_cookie(response: Response, token: str, *, secure: bool, root: str = "") -> None:
    """Gives the browser the token of its session, which no script can read.

    Args:
        root: The path of the host below which the desk is.
    """
    response.set_cookie(
        COOKIE, token, httponly=True, samesite="strict", secure=secure, path=root or "/"
    )
