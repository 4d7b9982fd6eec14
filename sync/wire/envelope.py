"""Sealed batches: header and columns, compressed, chained by hash and signed. The same bytes over HTTP and on a USB stick."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path

import msgspec
import zstandard
from nacl.signing import SigningKey

from db.signatures import verify
from sync.wire import columns
from sync.wire.columns import Change, Group, TooLarge, WireError

FORMAT = 1
SCHEMA = 5
"""Version of the record declarations: rises when kinds or fields are added, which name it as their `since`."""
DICTIONARY = 1
"""Version of the trained dictionary that compresses small bodies (`resources/dictionaries`, made by `packaging/train_dictionary.py`). A
new one is shipped some releases before it is used: a program without it cannot read the batch."""
MAX_SEALED = 256 * 1024
"""Largest batch that is sealed, in bytes, unless a single change is larger."""
MAX_BATCH = 8 * 2**20
"""Largest batch that is accepted, in bytes."""
MAX_BODY = 8 * 2**20
"""Largest body that is sealed or accepted, in bytes before compression."""
START = bytes(32)
"""The previous hash of the first batch of a chain."""
_SMALL = 32 * 1024
"""Bytes of a body up to which the dictionary helps."""
_OVERHEAD = 80
"""Bytes of the signature and of the framing of header and body."""
_LEVEL = 4
_WINDOW = 2**23
_DICTIONARIES = Path(__file__).resolve().parents[2] / "resources" / "dictionaries"


class TooNew(WireError):
    """A batch of a newer program that this one cannot open; it can after an upgrade."""


class Move(msgspec.Struct, array_like=True, frozen=True):
    """Rows go from the scope `left` to the scope `entered`. In the log of `left` every deletion of the batch takes its row out of the
    scope; in that of `entered` the batch brings rows that had left at `seq`, with their history. `whole`: the scope `left` was closed."""

    left: str
    seq: int
    entered: str
    whole: bool = False


class Quote(msgspec.Struct, array_like=True, frozen=True):
    """Changes that the county forwards to the scope where their rows live now: the batch they came in, and its author, who remains
    theirs."""

    scope: str
    station: str
    incarnation: int
    number: int


class Rewritten(msgspec.Struct, array_like=True, frozen=True):
    """A sequenced batch from which personal data were removed, and the county's signature of its `Note`."""

    station: str
    incarnation: int
    number: int
    signature: bytes


class Erase(msgspec.Struct, array_like=True, frozen=True):
    """Marks a batch as an erasure: its values replace all values that these fields ever held, also in the `rewritten` batches."""

    at: str
    reason: str
    rewritten: list[Rewritten]


class Note(msgspec.Struct, array_like=True, frozen=True):
    """The county's note on a batch with erased values: the original hashes of the batch (`of`) and of its body, when and why.

    `users` and `dictionary` belong to the body as it is now. The signature covers the remaining content of every change
    (`sync.replica.redaction`).
    """

    of: bytes
    body: bytes
    at: str
    reason: str
    users: list[str]
    dictionary: int
    signature: bytes


class Header(msgspec.Struct, array_like=True, frozen=True):
    """The header of a batch, readable without unpacking the body.

    `known`: how far the station had applied the scope's log. `dictionary`: the version its body is compressed with, 0 for none. Only the
    county's own batches have a `move`, a `quote` or an `erase`.
    """

    format: int
    schema: int
    county: str
    station: str
    incarnation: int
    number: int
    previous: bytes
    scope: str
    known: int
    count: int
    users: list[str]
    dictionary: int = 0
    move: Move | None = None
    quote: Quote | None = None
    erase: Erase | None = None

    @property
    def by_county(self) -> bool:
        """Whether it has a field that only the county may use."""
        return (self.move, self.quote, self.erase) != (None, None, None)


class _Sealed(msgspec.Struct, array_like=True, frozen=True):
    header: bytes
    body: bytes
    signature: bytes
    note: Note | None = None


_HEADER = msgspec.msgpack.Decoder(Header)
_SEALED = msgspec.msgpack.Decoder(_Sealed)


@dataclass(frozen=True)
class Batch:
    """An opened batch; `sealed` are its bytes as received. The columns are unpacked on first access, which may raise `WireError`."""

    header: Header
    sealed: bytes
    _body: bytes
    _signed: bytes
    _signature: bytes
    note: Note | None = None
    """Set if personal values were erased. The caller has to check the county's signature of it (`sync.replica.redaction`)."""

    @cached_property
    def sha256(self) -> bytes:
        """The hash of the batch as it was sealed, by which the next one refers to it."""
        return digest(self.sealed) if self.note is None else self.note.of

    @property
    def body_sha256(self) -> bytes:
        """The hash of the body as it was sealed."""
        return digest(self._body) if self.note is None else self.note.body

    @property
    def author(self) -> str:
        """Station and incarnation, as records and field states store it."""
        return author(self.header.station, self.header.incarnation)

    @cached_property
    def groups(self) -> list[Group]:
        """The changes, in columns."""
        return columns.decode(self.header.users, unpack(self._body, MAX_BODY, self.header.dictionary), self.header.count)

    def changes(self) -> list[Change]:
        """The changes one by one, in their order."""
        placed = [pair for group in self.groups for pair in group.changes()]
        return [change for _place, change in sorted(placed, key=lambda pair: pair[0])]

    def signed_by(self, key: bytes) -> bool:
        """Whether the signature is that of the station with this public key."""
        return verify(key, self._signed, self._signature)


def author(station: str, incarnation: int) -> str:
    """Return the name of an author of changes: a station in one of its incarnations."""
    return f"{station}.{incarnation}"


def seal(header: Header, changes: Sequence[Change] | Sequence[Group], key: SigningKey) -> bytes:
    """Seal `changes`, one by one or in columns, into a batch. `count`, `users` and `dictionary` of the header are filled in here.

    Raises `TooLarge` for more than `MAX_SEALED` bytes, unless it is one change alone.
    """
    groups = [item for item in changes if isinstance(item, Group)] or columns.grouped([c for c in changes if isinstance(c, Change)])
    count = sum(len(group.places) for group in groups)
    users, body = columns.encode(groups)
    if len(body) > MAX_BODY and count > 1:
        raise TooLarge
    dictionary = DICTIONARY if len(body) <= _SMALL else 0
    head = msgspec.msgpack.encode(msgspec.structs.replace(header, count=count, users=users, dictionary=dictionary))
    packed = _compressor(dictionary).compress(body)
    if len(packed) + len(head) + _OVERHEAD > MAX_SEALED and count > 1:
        raise TooLarge
    signature = key.sign(_message(head, packed)).signature
    return msgspec.msgpack.encode((head, packed, signature))


def reseal(batch: Batch, header: Header, key: SigningKey) -> bytes:
    """Seal the packed changes of `batch` under another header."""
    head = msgspec.msgpack.encode(header)
    return msgspec.msgpack.encode((head, batch._body, key.sign(_message(head, batch._body)).signature))


def rewrite(batch: Batch, groups: Sequence[Group], at: str, reason: str) -> Batch:
    """Return `batch` with its changes replaced by `groups` and an unsigned note."""
    users, body = columns.encode(groups)
    note = Note(batch.sha256, batch.body_sha256, at, reason, users, 0, b"")
    return _noted(batch, _compressor(0).compress(body), note)


def countersigned(batch: Batch, signature: bytes) -> Batch:
    """Return a rewritten batch with the signature of its note."""
    assert batch.note is not None
    return _noted(batch, batch._body, msgspec.structs.replace(batch.note, signature=signature))


def _noted(batch: Batch, body: bytes, note: Note) -> Batch:
    old = _SEALED.decode(batch.sealed)
    return open_batch(msgspec.msgpack.encode(_Sealed(old.header, body, old.signature, note)))


def open_batch(sealed: bytes) -> Batch:
    """Open a sealed batch. Raises `WireError` for anything else. The caller has to check the signature: `Batch.signed_by`."""
    if len(sealed) > MAX_BATCH:
        raise WireError("batch too large")
    try:
        parts = _SEALED.decode(sealed)
        header = _HEADER.decode(parts.header)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise WireError(f"not a batch: {type(error).__name__}") from None
    note = parts.note
    message = b"cunzhan batch" + digest(parts.header) + (digest(parts.body) if note is None else note.body)
    if note is not None:
        header = msgspec.structs.replace(header, users=note.users, dictionary=note.dictionary)
    if header.format > FORMAT or (header.dictionary and _dictionary(header.dictionary) is None):
        raise TooNew(f"format {header.format}, dictionary {header.dictionary}")
    counted = (header.incarnation, header.number, header.count, header.format, header.schema)
    if min(counted) < 1 or header.known < 0 or header.count > columns.MAX_CHANGES:
        raise WireError("numbers of the header")
    if header.incarnation >= 2**31 or max(header.number, header.known) >= 2**63:  # must fit into the columns of any database
        raise WireError("numbers of the header")
    return Batch(header, sealed, parts.body, message, parts.signature, note)


def unpack(packed: bytes, limit: int, dictionary: int = 0) -> bytes:
    """Decompress at most `limit` bytes. Raises `WireError` for more, or for anything that is not zstd. Memory stays bounded."""
    found = _dictionary(dictionary) if dictionary else None
    if dictionary and found is None:
        raise TooNew(f"dictionary {dictionary}")
    try:
        with zstandard.ZstdDecompressor(dict_data=found, max_window_size=_WINDOW).stream_reader(io.BytesIO(packed)) as reader:
            content = reader.read(limit + 1)
    except zstandard.ZstdError as error:
        raise WireError(f"not zstd: {error}") from None
    if len(content) > limit:
        raise WireError("unpacks to too much")
    return content


def _compressor(dictionary: int) -> zstandard.ZstdCompressor:
    found = _dictionary(dictionary) if dictionary else None
    return zstandard.ZstdCompressor(level=_LEVEL, dict_data=found, write_checksum=False, write_dict_id=False)


@cache
def _dictionary(version: int) -> zstandard.ZstdCompressionDict | None:
    if not 0 < version <= DICTIONARY:
        return None
    return zstandard.ZstdCompressionDict((_DICTIONARIES / f"{version}.zstd").read_bytes())


def digest(sealed: bytes) -> bytes:
    """Return the SHA-256 of some bytes."""
    return sha256(sealed).digest()


def _message(head: bytes, body: bytes) -> bytes:
    return b"cunzhan batch" + digest(head) + digest(body)
