"""The console as part of the server's application, with the headers that keep a browser from being used against it.

The headers follow the OWASP Secure Headers Project: no script and nothing from elsewhere (Content-Security-Policy), no framing, nothing
kept in a cache, no address passed on to other sites. (With `no-referrer` browsers would send our own forms with `Origin: null`.)
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl, quote

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db.county import County
from server.console import account, figures
from server.console.answers import Reply, Sent, refused
from server.console.console import COOKIE, Console
from server.console.markup import ROOT, STYLE
from server.limits import Limits
from server.reading import Reading, Unread

_STYLE = Path(__file__).resolve().parents[2] / "resources" / "styles" / "console.css"
_MOST = 16 * 1024
"""Most bytes of a form."""
_MAX_FIELDS = 20
_AT_ONCE = 2
"""Pages made at once. They take turns of their own before one of the server's threads, so that stations always find a free one."""
_PASSWORDS = ("/sign-in", account.HERE)
"""Pages whose forms state a password."""
_YEAR = 365 * 24 * 3600
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
}


Guarded = Callable[[Callable[[], Reply]], tuple[int, Reply | None]]
"""Runs the handler of a request and returns HTTP status and reply: `server.app.Answering.guarded`."""


def routes(county: County, limits: Limits, reading: Reading, limiter: anyio.CapacityLimiter, guarded: Guarded) -> list[Route]:
    """The console's routes."""
    console = Console(county)
    style = _STYLE.read_bytes()
    looking = anyio.CapacityLimiter(_AT_ONCE)
    counting = anyio.CapacityLimiter(1)  # takes seconds: asked for again, or for many months, it leaves a turn to other pages
    signing_in = anyio.CapacityLimiter(1)  # checking a password takes 64 MB and much of a second

    def answered(sent: Sent) -> Reply:
        status, made = guarded(partial(console.answer, sent))
        reply = made or Reply(status)
        return reply if reply.content or reply.to else refused(reply.status)

    async def page(request: Request) -> Response:
        address = request.client.host if request.client else ""
        if limits.address.take(address):
            return _response(refused(429), secure=False)
        try:
            async with reading.body(request, _MOST) as body:
                sent = _sent(request, body, address)
                password = sent.method == "POST" and sent.path in _PASSWORDS
                async with counting if sent.path.startswith(figures.HERE) else nullcontext(), signing_in if password else looking:
                    reply = await anyio.to_thread.run_sync(answered, sent, limiter=limiter)
        except Unread as unread:
            return Response(refused(unread.status).content, unread.status, _HEADERS | {"connection": "close"}, "text/html; charset=utf-8")
        return _response(reply, secure=request.url.scheme == "https")

    async def looks(_request: Request) -> Response:
        return Response(style, media_type="text/css", headers={"x-content-type-options": "nosniff", "cache-control": "max-age=3600"})

    return [Route(STYLE, looks), *(Route(path, page, methods=["GET", "POST"]) for path in (ROOT, f"{ROOT}/{{path:path}}"))]


def _sent(request: Request, body: bytes, address: str) -> Sent:
    form = dict(_pairs(body.decode("utf-8", "replace"))) if request.method == "POST" else {}
    path = "/" + request.path_params.get("path", "").replace("\0", "").strip("/")  # PostgreSQL takes no NUL
    cookie, begins = request.cookies.get(COOKIE, ""), f"{COOKIE}_"
    marks = {name.removeprefix(begins): value for name, value in request.cookies.items() if name.startswith(begins)}
    base = f"{request.url.scheme}://{request.url.netloc}"
    return Sent(request.method, path, dict(_pairs(request.url.query)), form, cookie, address, _own(request), base, marks)


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return [(name, value.replace("\0", "")) for name, value in parse_qsl(text, max_num_fields=_MAX_FIELDS)]
    except ValueError:  # more fields than any of our forms has
        return []


def _own(request: Request) -> bool:
    """Whether the browser says that a page of this server sent the form; browsers that say nothing are judged by the form's key alone."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        return site == "same-origin"
    return origin is None or origin.partition("://")[2] == request.headers.get("host", "")


def _response(reply: Reply, *, secure: bool) -> Response:
    headers = dict(_HEADERS)
    if reply.to:
        headers["location"] = reply.to
    if reply.file:
        headers["content-disposition"] = f"attachment; filename*=UTF-8''{quote(reply.file, safe='')}"
    response = Response(reply.content, reply.status, headers, media_type=reply.media)
    if reply.cookie:
        response.set_cookie(COOKIE, reply.cookie, path=ROOT, httponly=True, secure=secure, samesite="strict")
    if reply.mark is not None:
        name = f"{COOKIE}_{reply.mark[0]}"
        response.set_cookie(name, reply.mark[1], _YEAR, path=ROOT, httponly=True, secure=secure, samesite="strict")
    if reply.cookie == "":
        response.delete_cookie(COOKIE, path=ROOT, httponly=True, secure=secure, samesite="strict")
    return response
