"""The township's side of a handover over the local network: accept a village's bundle, send the bundles for it (`sync.wire.handover`).

As with a stick, bundles are stored verbatim by `stick.courier.carry`, which reads only their index, and those sent back are what
`courier.downward` puts on the village's stick. A receipt is sent only after the bundle is in the store. The beginning of a
bundle that arrives in parts is kept in a file, so that a transfer resumes after a broken connection or a killed program.
"""

from __future__ import annotations

import os
import secrets
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Lock
from time import monotonic, time

from db.store import Store
from domain.errors import CannotWrite
from domain.scopes import within
from sync.replica import identity
from sync.replica.identity import Identity
from sync.station.stick import courier
from sync.station.stick.courier import Carried
from sync.wire import bundle as files
from sync.wire import handover as words
from sync.wire.bundle import Bundle
from sync.wire.handover import FramedConnection, HandoverError
from sync.wire.words import BundleError

MAX_BEGUN = 256 * 2**20
"""Most bytes of partly received bundles, all together."""
_MAX_TRIES, _TRY_PERIOD = 5, 60.0
"""An address may try so many wrong codes within so many seconds."""
MAX_WRONG = 30
"""Wrong codes from all addresses together, after which nobody may try any more."""
_NONCE = 16


class Guard:
    """The code of one opening, and the rate limit for trying it."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self.code = f"{secrets.randbelow(10**6):06}"
        self.wrong = 0
        self._now = now
        self._tried: dict[str, deque[float]] = {}
        self._lock = Lock()

    @property
    def spent(self) -> bool:
        """Whether somebody is guessing."""
        return self.wrong >= MAX_WRONG

    def may_try(self, address: str) -> bool:
        """Whether this address may try a code; only wrong codes count."""
        with self._lock:
            tried = self._tried.get(address)
            return not self.spent and (tried is None or len(tried) < _MAX_TRIES or self._now() - tried[0] > _TRY_PERIOD)

    def missed(self, address: str) -> None:
        """Count a wrong code from this address."""
        with self._lock:
            self.wrong += 1
            self._tried.setdefault(address, deque(maxlen=_MAX_TRIES)).append(self._now())


class Desk:
    """The state shared by all conversations of one opening."""

    def __init__(self, store: Store, me: Identity, folder: Path) -> None:
        self.store, self.me, self.folder = store, me, folder
        self.guard = Guard()
        self.arrived: list[Carried] = []
        """Bundles received in this opening, in order of arrival."""
        self.gave = 0
        """Number of bundles for villages that were sent completely."""
        self.parts = Lock()
        """Held while files of partly received bundles are read or written."""
        self._talking: dict[str, FramedConnection] = {}

    def meet(self, station: str, line: FramedConnection) -> None:
        """Register the connection of a station. It may have only one: an earlier one, broken or kept open on purpose, is closed."""
        with self.parts:
            earlier, self._talking[station] = self._talking.get(station), line
        if earlier is not None:
            earlier.hang_up()

    def part(self, station: str, line: FramedConnection) -> None:
        """Forget the connection of a station."""
        with self.parts:
            if self._talking.get(station) is line:
                del self._talking[station]


class _Refusal(Exception):
    """A refusal with the code of its reason."""


class Conversation:
    """One village's laptop at the desk."""

    def __init__(self, desk: Desk, line: FramedConnection, address: str, known: Callable[[], None]) -> None:
        self._desk, self._line, self._address = desk, line, address
        self._known = known
        """Called whenever an authenticated station sends a message."""
        self._station = self._scope = ""
        self._key = b""
        self._waiting: dict[bytes, bytes] = {}
        self._offer: words.Offer | None = None
        self._begun = BegunFile(desk.folder / "nothing")

    def hold(self) -> None:
        """Run the conversation. Raises `HandoverError` when the other side hangs up or violates the protocol."""
        try:
            self._line.send(self._welcome())
            while True:
                self._known()
                self._line.send(self._answer(self._line.receive()))
        except _Refusal as refusal:
            self._line.send(words.Refused(str(refusal)))
        finally:
            self._desk.part(self._station, self._line)

    # -- who it is --------------------------------------------------------------------------------

    def _welcome(self) -> words.Welcome:
        me, guard = self._desk.me, self._desk.guard
        greeting = words.Greeting(words.PROTOCOL, me.county, me.station, me.scope, secrets.token_bytes(_NONCE))
        self._line.send(greeting)
        said = self._line.receive(words.MAX_HELLO)
        if not isinstance(said, words.Hello):
            raise HandoverError
        if said.protocol != words.PROTOCOL:
            raise _Refusal("newer")
        if not guard.may_try(self._address):
            raise _Refusal("slow")
        if not words.knows_code(said, greeting, guard.code):
            guard.missed(self._address)
            raise _Refusal("code")
        if said.county != me.county:
            raise _Refusal("county")
        if not within(said.scope, me.scope):
            raise _Refusal("place")
        if not words.is_who_it_says(said, greeting, me.county_key):
            raise _Refusal("unknown")
        self._station, self._scope, self._key = said.station, said.scope, said.key
        self._desk.meet(self._station, self._line)
        return words.Welcome(self._waits())

    def _waits(self) -> list[words.WaitingBundle]:
        with self._desk.store.read() as session:
            found = list(courier.downward(session, self._desk.me, {self._station}))
        found.sort(key=lambda raw: files.opened(raw).index.kind == "receipt")  # answers first, should there be too many
        self._waiting = {sha256(raw).digest(): raw for raw in found[: words.MAX_WAITING]}
        return [words.WaitingBundle(sha, len(raw)) for sha, raw in self._waiting.items()]

    # -- what it asks -----------------------------------------------------------------------------

    def _answer(self, said: words.Message) -> words.Message:
        if isinstance(said, words.Fetch):
            return self._give(said)
        try:
            if isinstance(said, words.Offer):
                return self._begin(said)
            if isinstance(said, words.Put) and self._offer is not None:
                return self._take(self._offer, said)
        except (OSError, CannotWrite):
            raise _Refusal("disk") from None
        except BundleError as error:
            raise _Refusal(error.word) from None
        raise HandoverError

    def _give(self, said: words.Fetch) -> words.Part:
        raw = self._waiting.get(said.sha256)
        if raw is None:  # of somebody else, or nobody's
            raise _Refusal("station")
        part = raw[max(said.offset, 0) :][: words.PART]
        if said.offset + len(part) >= len(raw):
            self._desk.gave += 1
        return words.Part(part)

    def _begin(self, offer: words.Offer) -> words.Have:
        if not 0 < offer.size <= words.MAX_BUNDLE:
            raise _Refusal("large")
        whose = sha256(self._station.encode()).hexdigest()[:16]
        with self._desk.parts:
            mine = BegunFile(self._desk.folder / f"{whose}-{sha256(offer.sha256).hexdigest()}{SUFFIX}")
            others = [path for path in begun_files(self._desk.folder) if path != mine.path]
            for path in others:
                if path.name.startswith(whose):  # a later bundle of a station holds all that an earlier one did
                    BegunFile(path).drop()
            if offer.size + sum(BegunFile(path).size for path in others) > MAX_BEGUN:
                raise _Refusal("full")
            if mine.size >= offer.size:  # nothing good came of it
                mine.drop()
            self._offer, self._begun = offer, mine
            return words.Have(mine.size)

    def _take(self, offer: words.Offer, said: words.Put) -> words.Have | words.Taken:
        with self._desk.parts:
            if said.offset + len(said.data) > offer.size:
                raise _Refusal("large")
            have = self._begun.append(said.offset, said.data)
            if have < offer.size:
                return words.Have(have)
            raw = self._begun.content()
            self._begun.drop()
        self._offer = None
        if sha256(raw).digest() != offer.sha256:
            raise _Refusal("damaged")
        return words.Taken(self._carry(files.opened(raw)))

    def _carry(self, found: Bundle) -> bytes:
        """Store the bundle. Returns its receipt."""
        head, desk = found.index, self._desk
        if head.kind != "up" or (head.station, head.scope) != (self._station, self._scope):
            raise BundleError("station")
        if not found.signed_by(self._key):
            raise BundleError("signature")
        with desk.store.applying() as session:
            carried = courier.carry(session, desk.me, found)
            certificate = identity.certificate(session)
        if carried not in desk.arrived:
            desk.arrived.append(carried)
        return courier.make_receipt(desk.me, certificate, head, found.sha256).raw


SUFFIX = ".part"
_OLD = 24 * 3600.0
"""Seconds after which an abandoned file is removed."""


class BegunFile:
    """A file with the beginning of a bundle."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def size(self) -> int:
        """Bytes received; 0 if there is no file."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, offset: int, data: bytes) -> int:
        """Append `data` if `offset` is the end of the file, otherwise do nothing; returns the number of bytes received."""
        if offset == self.size:
            with open(self.path, "ab") as file:
                file.write(data)
        return self.size

    def content(self) -> bytes:
        """The bytes received."""
        return self.path.read_bytes() if self.path.exists() else b""

    def drop(self) -> None:
        """Delete the file."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def folder_of(home: Path, name: str) -> Path:
    """Return a folder of the store for such files, made if missing. Files not written to for a day are removed."""
    folder = home / "handover" / name
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        with suppress(OSError):
            if time() - path.stat().st_mtime > _OLD:
                os.unlink(path)
    return folder


def begun_files(folder: Path) -> list[Path]:
    """Return the files of bundles in a folder that are only partly received."""
    return sorted(folder.glob("*" + SUFFIX))
