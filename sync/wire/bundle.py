"""USB bundles: the content of an exchange in a file, encrypted for its reader, signed by its writer, with an index in plain text.

A file is `MAGIC`, a MessagePack list of bundles as they were written, and the SHA-256 of all that, which distinguishes a damaged copy from
a forged one. A bundle is an index, a sealed body and an Ed25519 signature over both:

    up        a station's `wire.messages.Request`, to the county          down      the county's `wire.messages.Answer`, to that station
    enrol     a station's `wire.messages.Enrol`, to the county            enrolled  the county's `wire.messages.Enrolled`, to that station
    receipt   a township's confirmation that it carries a bundle (`sync.station.stick.courier`); not sealed
    refused   the county's notice that it accepted nothing of one (`wire.messages.Relayed`), to its carrier; not sealed

Up is sealed to the X25519 form of the county's signing key, down to the station's own sealing key (decision 018).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import msgspec
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.signing import SigningKey, VerifyKey

from db.files import beside, regular, sync_folder, waited
from db.signatures import verify
from domain import clock
from domain.divisions import level
from domain.errors import CunzhanError, DomainError, InputUnusable, os_reason
from domain.grouping import by_size, chunks
from domain.words import _
from sync.wire.columns import WireError
from sync.wire.envelope import digest
from sync.wire.messages import M, read
from sync.wire.words import BundleError

MAGIC = b"cunzhan\x01"
FORMAT = 1
KINDS = frozenset({"up", "down", "enrol", "enrolled", "receipt", "refused"})
SUFFIX = ".czb"
MAX_FILE = 256 * 2**20
"""Largest file that is written or read, in bytes."""
SPLIT_AT = 64 * 2**20
"""Bytes after which a further file is begun, so that a small laptop can read each."""
MAX_BODY = 32 * 2**20
"""Bytes of batches or entries in one bundle, so that each fits into a request to the server."""
FILES_BUDGET = 16 * 2**20
"""Bytes of attachments in one bundle: with 32 MB of records it still fits into a request to the server."""
MAX_BUNDLES = 2000
_MAX_INDEX = 2000
_HASH = 32
_FIXARRAY = 0x90
"""First byte of a short MessagePack list; its length is added."""
_CHUNK = 2**20


class Index(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """The part of a bundle that a courier may read.

    `station`, `scope`: the station it comes from or goes to. `first`, `last`: numbers of the batches inside, 0 for none. `records`: number
    of changes inside. `at`: the writer's clock, UTC. `of`: hash of the upward bundle this is about; in a request to enrol, the id of the
    code (`by_code.code_id`).
    """

    format: int
    kind: str
    county: str
    station: str
    scope: str
    incarnation: int = 0
    first: int = 0
    last: int = 0
    records: int = 0
    at: str
    of: bytes = b""


class _Written(msgspec.Struct, array_like=True, frozen=True):
    index: bytes
    body: bytes
    signature: bytes


_INDEX = msgspec.msgpack.Decoder(Index)
_WRITTEN = msgspec.msgpack.Decoder(_Written)


@dataclass(frozen=True)
class Bundle:
    """A bundle as received; `raw` are its bytes. The caller has to check the signature: `signed_by`."""

    index: Index
    raw: bytes
    body: bytes
    _signed: bytes
    _signature: bytes

    @cached_property
    def sha256(self) -> bytes:
        """The hash of the bundle, to which receipts refer."""
        return digest(self.raw)

    def signed_by(self, key: bytes) -> bool:
        """Whether index and body are signed with this Ed25519 key."""
        return verify(key, self._signed, self._signature)


def make(index: Index, body: bytes, key: SigningKey) -> Bundle:
    """Return a signed bundle around a sealed body."""
    head = msgspec.msgpack.encode(index)
    message = _message(head, body)
    signature = key.sign(message).signature
    return Bundle(index, msgspec.msgpack.encode(_Written(head, body, signature)), body, message, signature)


def opened(raw: bytes) -> Bundle:
    """Decode a bundle without its body. Raises `BundleError`."""
    try:
        parts = _WRITTEN.decode(raw)
        index = _INDEX.decode(parts.index)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise BundleError("damaged") from None
    if index.format > FORMAT or index.kind not in KINDS:
        raise BundleError("newer")
    if len(parts.index) > _MAX_INDEX or not _well_formed(index):
        raise BundleError("damaged")
    return Bundle(index, raw, parts.body, _message(parts.index, parts.body), parts.signature)


def _well_formed(index: Index) -> bool:
    texts = (index.county, index.station, index.at)
    numbers = (index.incarnation, index.first, index.last, index.records)
    place = level(index.scope) is not None
    short = all(len(t) <= 64 and t.isprintable() for t in texts) and bool(index.station)
    return place and short and index.format >= 1 and all(0 <= n < 2**63 for n in numbers) and len(index.of) <= _HASH


def _message(index: bytes, body: bytes) -> bytes:
    return b"cunzhan bundle" + digest(index) + digest(body)


# -- sealing -----------------------------------------------------------------------------------------------------------


def seal_to_county(county_key: bytes, content: bytes) -> bytes:
    """Encrypt for the county, with the X25519 form of its signing key: stations need to know one key only."""
    return bytes(SealedBox(VerifyKey(county_key).to_curve25519_public_key()).encrypt(content))


def unseal_at_county(key: SigningKey, body: bytes) -> bytes:
    """Decrypt a body that a station sealed to the county. Raises `BundleError`."""
    return unseal_at_station(key.to_curve25519_private_key(), body)


def seal_to_station(seal_key: bytes, content: bytes) -> bytes:
    """Encrypt for a station's X25519 key. Raises `BundleError` for an unusable key."""
    try:
        return bytes(SealedBox(PublicKey(seal_key)).encrypt(content))
    except CryptoError:
        raise BundleError("sealed") from None


def unseal_at_station(key: PrivateKey, body: bytes) -> bytes:
    """Decrypt a body that the county sealed to this station. Raises `BundleError`."""
    try:
        return bytes(SealedBox(key).decrypt(body))
    except (CryptoError, ValueError, TypeError):
        raise BundleError("sealed") from None


# -- files -------------------------------------------------------------------------------------------------------------


def file_parts(bundles: Sequence[bytes]) -> Iterator[bytes]:
    """Yield the parts of a file: head, bundles one by one, checksum."""
    check = sha256()
    head = MAGIC + (bytes([_FIXARRAY + len(bundles)]) if len(bundles) < 16 else b"\xdd" + len(bundles).to_bytes(4, "big"))
    for part in chain([head], map(msgspec.msgpack.encode, bundles)):
        check.update(part)
        yield part
    yield check.digest()


def parse(file: BinaryIO) -> Iterator[Bundle]:
    """Yield the bundles in a file, one at a time. Raises `BundleError` before the first one unless all of them are intact."""
    end = file.seek(0, os.SEEK_END) - _HASH
    if end + _HASH > MAX_FILE:
        raise BundleError("large")
    file.seek(0)
    magic = file.read(len(MAGIC))
    if not magic.startswith(MAGIC[:-1]):
        raise BundleError("foreign")
    if not _intact(file, end):
        raise BundleError("damaged")
    if magic != MAGIC:
        raise BundleError("newer")
    for raw in _items(file, end):
        opened(raw)
    yield from map(opened, _items(file, end))


def _intact(file: BinaryIO, end: int) -> bool:
    check, left = sha256(), end
    file.seek(0)
    while left > 0 and (part := file.read(min(left, _CHUNK))):
        check.update(part)
        left -= len(part)
    return left == 0 and file.read(_HASH) == check.digest()


def _items(file: BinaryIO, end: int) -> Iterator[bytes]:
    """The byte strings of the MessagePack list between `MAGIC` and `end`, one at a time."""
    file.seek(len(MAGIC))
    count = _size(file, _FIXARRAY, 16, {0xDC: 2, 0xDD: 4})
    for _n in range(count if count <= MAX_BUNDLES else 0):
        size = _size(file, 0, 0, {0xC4: 1, 0xC5: 2, 0xC6: 4})
        raw = file.read(size) if size <= end - file.tell() else b""
        if len(raw) < size:
            raise BundleError("damaged")
        yield raw
    if file.tell() != end or not 0 < count <= MAX_BUNDLES:
        raise BundleError("damaged")


def _size(file: BinaryIO, first: int, short: int, long: Mapping[int, int]) -> int:
    """Read a MessagePack length: inside the first byte if that is one of `short` values from `first` on, else in the bytes after it, whose
    number `long` gives by first byte."""
    head = (file.read(1) or b"\x00")[0]
    if first <= head < first + short:
        return head - first
    if head not in long:
        raise BundleError("damaged")
    return int.from_bytes(file.read(long[head]), "big")


def read_file(path: Path) -> Iterator[Bundle]:
    """Yield the bundles in a file on a stick, one at a time, as it may have those of hundreds of villages.

    Raises `BundleError`: for a damaged file before the first bundle, `cut` if the stick is pulled out after it.
    """
    begun = False
    try:
        with regular(path) as file:
            for one in parse(file):
                begun = True
                yield one
    except InputUnusable:
        raise BundleError("foreign") from None
    except OSError:
        raise BundleError("cut" if begun else "folder" if path.is_dir() else "unreadable") from None


def write_file(path: Path, bundles: Sequence[bytes]) -> int:
    """Write bundles into a file atomically. Returns its size in bytes. Raises `InputUnusable`, `BundleError` or `DomainError`."""
    _check_place(path)
    size = 0
    try:
        with beside(path) as file:
            for part in file_parts(bundles):
                size += file.write(part)
            if size > MAX_FILE:
                raise BundleError("large")
        sync_folder(path.absolute().parent)
    except OSError as error:
        raise _unwritten(error) from error
    return size


def _check_place(path: Path) -> None:
    """Raise `InputUnusable` or `DomainError` where no file can be created."""
    if not path.absolute().parent.is_dir():
        raise InputUnusable(_("找不到文件夹「{name}」，没有写进去。请看 U 盘是否插好、路径是否写对。").format(name=path.parent))
    temporary = path.with_name(path.name + ".new")
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "")
        temporary.unlink(missing_ok=True)
        waited(lambda: temporary.touch(exist_ok=False))
        waited(temporary.unlink)
    except OSError as error:
        raise _unwritten(error) from error


def _unwritten(error: OSError) -> DomainError:
    told = _("没有写进 U 盘：{reason}。数据都在本机，一条也没有丢。请腾出地方、拨开写保护开关，或换一个 U 盘，再写一次。")
    return DomainError(told.format(reason=os_reason(error)))


def write_files(path: Path, bundles: Iterable[bytes]) -> list[tuple[Path, int]]:
    """Write bundles into a file as `write_file` does, and continue in `name-2.czb` and so on when it is full. Returns the files with sizes.

    Only one file's bundles are in memory at once. If one file cannot be written, all are deleted. If no file can be created, `bundles` is
    not consumed at all.
    """
    _check_place(path)
    made: list[tuple[Path, int]] = []
    try:
        parts = (part for some in by_size(bundles, len, SPLIT_AT) for part in chunks(some, MAX_BUNDLES))
        for number, part in enumerate(parts, 1):
            target = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
            made.append((target, write_file(target, part)))
    except CunzhanError:
        for target, _size in made:
            with suppress(OSError):
                target.unlink()
        raise
    return made


def file_name(scope: str, way: str, at: str) -> str:
    """Return a file name valid on every system, with the local time in China: `230826101202-up-20261126-123500.czb`."""
    return f"{scope}-{way}-{clock.in_china(at):%Y%m%d-%H%M%S}{SUFFIX}"


def decoded(type: type[M], data: bytes) -> M:
    """Decode the message in an unsealed body. Raises `BundleError`."""
    try:
        return read(type, data)
    except WireError:
        raise BundleError("damaged") from None
