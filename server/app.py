"""The HTTP routes: `POST /sync`, `/again`, `/enrol`, `/bundle`, `/content`, `/program`; `GET /authority`, `/health`; the web console.

Input is bounded, and work is done in threads.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from functools import partial
from math import ceil
from pathlib import Path
from typing import TypeVar

import anyio
import anyio.to_thread
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from db import county_backup
from db.county import County, OtherSchema
from db.pinyin import syllable
from domain.errors import CannotWrite
from server.authority import Authority, authority
from server.console import routes as console
from server.limits import Limits
from server.reading import Reading, Unread
from sync.county import bundle_intake, contents, enrolment, programs
from sync.county.answering import exchange, keep_begun, turned_away
from sync.county.keys import CountyKeys, county_keys
from sync.replica.repeated_requests import Remembered
from sync.wire import bundle as bundles
from sync.wire import messages as wire
from sync.wire.columns import WireError
from sync.wire.connection import HttpRequest, HttpResponse, Transport
from sync.wire.framing import asker, begun_request, join_answer, read_request
from sync.wire.link import FULL
from sync.wire.trust import AUTHORITY_PATH
from sync.wire.words import BundleError

SMALL, FILES = 64 * 1024, 4 * 2**20
"""Largest request, in bytes, without and with pieces of files: several times what a station sends."""
THREADS = 8
"""Requests handled at once; others wait. SQLite has a single writer anyway."""

log = logging.getLogger(__name__)


class Busy(Exception):
    """The client has to come back after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.0f} s")
        self.seconds = seconds


_T = TypeVar("_T")
Work = Callable[[bytes, str], bytes]
"""Handles the body of a request from an address and returns the body of the answer."""


class Answering:
    """The handlers of the routes, as plain functions. Without `limits` clients may send as many requests as they like. `releases`: the
    folder of the program archives that are offered, and of which stations are told."""

    def __init__(self, county: County, limits: Limits | None = None, releases: Path | None = None) -> None:
        self._county, self._releases = county, releases
        self._limits = limits
        self._remembered = Remembered()
        self._keys: CountyKeys = county.patiently(lambda: county_keys(county))
        self.certificate = county.patiently(self._authority).certificate

    def _authority(self) -> Authority:
        with self._county.write() as session:
            return authority(session)

    def sync(self, body: bytes, address: str) -> bytes:
        """`POST /sync`; raises `WireError` for a malformed request."""
        away = self._turned_away(body)
        return join_answer(away or self._answer(read_request(body), address))

    def again(self, body: bytes, address: str) -> bytes:
        """`POST /again`: repeat an earlier request, given by its hash; the answer is empty if the hash is unknown."""
        request = self._remembered.get(body)
        return b"" if request is None else join_answer(self._answer(request, address))

    def _turned_away(self, body: bytes) -> wire.Answer | None:
        who = asker(body)
        return None if who is None else turned_away(self._county, self._keys, who)

    def _answer(self, request: wire.Request, address: str) -> wire.Answer:
        self._take_turn(request, address)
        answer = exchange(self._county, self._keys, request, self._releases)
        if answer.marks:
            county_backup.notice(self._county, request.station)
        self._remembered.keep(request, answer)
        return answer

    def broken_off(self, body: bytes, _address: str) -> bytes:
        """Keep the beginning of a `POST /sync` that was cut off, so that it need not be sent again."""
        request, rest = (None, None) if self._turned_away(body) else begun_request(body)
        if request is not None:
            keep_begun(self._county, self._keys, request, rest or b"")
        return b""

    def content(self, body: bytes, address: str) -> bytes:
        """`POST /content`; raises `WireError` for a malformed request."""
        request = wire.read(wire.Contents, body)
        self._take_turn(request.asking, address)
        return wire.pack(contents.answer(self._county, self._keys, request))

    def _take_turn(self, request: wire.Request, address: str) -> None:
        if self._limits:  # keyed by address too, so that nobody can use a station's name to shut it out
            _wait(self._limits.station.take(f"{address} {request.station[:80]}"))

    def alive(self) -> None:
        """`GET /health`: raises unless the database can be read. A county with a full disk is healthy: it still reads and answers."""
        self._county.answers()

    def enrol(self, body: bytes, address: str) -> bytes:
        """`POST /enrol`; raises `WireError` for a malformed request."""
        answer = enrolment.enrol(self._county, self._keys, wire.read(wire.Enrol, body))
        if self._limits and answer.status == "code":  # a client with a right code need not wait for others who guess from the same address
            _wait(self._limits.guesses.take(address))
        return wire.pack(answer)

    def bundle(self, body: bytes, _address: str) -> bytes:
        """`POST /bundle`: a village's bundle brought by its township. Only the bundle's own signature counts, not the carrier."""
        try:
            taken = bundle_intake.take(self._county, self._keys, bundles.opened(body))
        except BundleError as error:
            return wire.pack(wire.Relayed(error.word))
        return wire.pack(wire.Relayed(taken.status, taken.answer.raw if taken.answer else b""))

    def program(self, body: bytes, _address: str) -> bytes:
        """`POST /program`: a newer release of the program, or a piece of it."""
        asked = wire.read(wire.ProgramAsked, body)
        return wire.pack(programs.answer(self._releases, asked) if self._releases is not None else wire.ProgramOffered())

    def guarded(self, work: Callable[[], _T]) -> tuple[int, _T | None]:
        """Run the handler of a request; returns the HTTP status and, with 200, its result. Errors are logged by place only, since their
        texts may hold personal data. Raises `Busy`."""
        try:
            return 200, self._county.patiently(work)
        except (WireError, Busy) as error:
            if isinstance(error, Busy):
                raise
            return 400, None
        except Exception as error:
            translated = self._county.problem(error)
            if isinstance(error, OtherSchema):
                log.error("%s", error)
                return 503, None
            if isinstance(translated, CannotWrite):
                log.error("%s", translated)
                return FULL, None
            if isinstance(error, OperationalError) or translated is not None:
                log.warning("database: %s %s", type(getattr(error, "orig", error)).__name__, translated or "")
                return 503, None
            log.error("%s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
            return 500, None


def _wait(seconds: float) -> None:
    if seconds:
        raise Busy(seconds)


def _later(busy: Busy) -> Response:
    return Response(status_code=429, headers={"retry-after": str(ceil(busy.seconds))})


def make_app(county: County, limits: Limits | None = None, releases: Path | None = None) -> Starlette:
    """The Starlette application for one county; `releases`: as for `Answering`."""
    syllable("村")  # loads the readings of characters now, not while the first station waits
    limits = limits or Limits()
    answering = Answering(county, limits, releases)
    limiter = anyio.CapacityLimiter(THREADS)
    reading = Reading(limits)

    def route(path: str, work: Work, most: int, begun: Work | None = None, kind: str | None = wire.CONTENT_TYPE) -> Route:
        async def endpoint(request: Request) -> Response:
            address = request.client.host if request.client else ""
            try:
                _wait(limits.address.take(address))
                async with reading.body(request, most) as body:
                    status, content = await anyio.to_thread.run_sync(answering.guarded, partial(work, body, address), limiter=limiter)
            except Busy as busy:
                return _later(busy)
            except Unread as unread:
                if begun is not None and unread.came:
                    await anyio.to_thread.run_sync(answering.guarded, partial(begun, unread.came, address), limiter=limiter)
                return Response(status_code=unread.status, headers={"connection": "close"})
            return Response(content, status, media_type=kind)

        return Route(path, endpoint, methods=["POST"])

    async def certificate(_request: Request) -> Response:
        return PlainTextResponse(answering.certificate)

    async def health(request: Request) -> Response:
        try:
            _wait(limits.address.take(request.client.host if request.client else ""))
        except Busy as busy:
            return _later(busy)
        status, _nothing = await anyio.to_thread.run_sync(answering.guarded, answering.alive, limiter=limiter)
        return PlainTextResponse("ok" if status == 200 else "database", status)

    return Starlette(
        routes=[
            route("/sync", answering.sync, wire.MAX_MESSAGE, answering.broken_off),
            route("/again", answering.again, SMALL, kind=None),  # no content type: every byte counts
            route("/enrol", answering.enrol, SMALL),
            route("/bundle", answering.bundle, wire.MAX_MESSAGE),
            route("/content", answering.content, FILES),
            route("/program", answering.program, SMALL),
            Route(AUTHORITY_PATH, certificate),
            Route("/health", health),
            *console.routes(county, limits, reading, limiter, answering.guarded),
        ]
    )


class InProcess(Transport):
    """A county in the same process instead of the network, for the self-test, the demonstration and tests."""

    def __init__(self, county: County, releases: Path | None = None) -> None:
        self._answering = Answering(county, releases=releases)

    def broken_off(self, body: bytes) -> None:
        """Deliver the beginning of a `POST /sync` that was cut off."""
        self._answering.guarded(partial(self._answering.broken_off, body, ""))

    def ask(self, request: HttpRequest) -> HttpResponse:
        """Answer a request of `sync.wire.link`."""
        answering = self._answering
        works: dict[str, Work] = {"/sync": answering.sync, "/again": answering.again, "/enrol": answering.enrol}
        works |= {"/bundle": answering.bundle, "/content": answering.content, "/program": answering.program}
        work = works.get(request.path)
        if work is None:
            return HttpResponse(404)
        status, content = self._answering.guarded(partial(work, request.body, ""))
        return HttpResponse(status, [content or b""], wire.CONTENT_TYPE)
