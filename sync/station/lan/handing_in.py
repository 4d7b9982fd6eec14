"""The village's side of a handover (交给乡镇) with the township's receiver (`sync.station.lan.receiver`): fetch, hand in, get the receipt.

It transfers the bundles of a stick, written by `stick.writing` and read by `stick.reading`. They are kept in a file of the store until
the township's receipt is read, so that a broken transfer can be resumed.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from time import time
from typing import TypeVar

from sqlalchemy import select

from db.bundles import bundle as noted
from db.session import Session
from db.store import Store
from domain.codes import receipt_code
from domain.errors import DomainError, InputUnusable, Unreachable, os_reason
from domain.progress import Progress, unwatched
from domain.scopes import within
from domain.words import _
from sync.replica import identity
from sync.replica.identity import Identity
from sync.station.enrol import certified
from sync.station.lan import finding
from sync.station.lan.desk import SUFFIX, BegunFile, begun_files, folder_of
from sync.station.lan.finding import parse_address, shown_address
from sync.station.sealing.seal import unsealed
from sync.station.stick import reading, writing
from sync.station.stick.results import ReadResult
from sync.wire import bundle as files
from sync.wire import handover as words
from sync.wire.bundle import Bundle
from sync.wire.handover import FramedConnection, HandoverError
from sync.wire.words import BundleError

ADDRESS = "handover_address"
"""The setting that holds the township's address used last."""
_OPENING, _SILENCE = 6.0, 90.0
_FRESH = 12 * 3600.0
"""Seconds during which a broken transfer is resumed; after that a new bundle is written."""
_RETRIES = 5
"""How often a township may answer that it has no more of the bundle than before."""
_M = TypeVar("_M", bound=words.Message)


def _sentences() -> dict[str, str]:
    return {
        "code": _("六位码不对，没有交任何内容。请看乡镇电脑屏幕上现在的码，重填一次。"),
        "slow": _("码填错的次数太多，请等一分钟，再照乡镇屏幕上的码填。数据都在本机。"),
        "county": _("那台电脑不是本县的，没有交任何内容。请看地址是不是填错了。"),
        "place": _("那台电脑不是本村所属乡镇的，没有交任何内容。请看地址是不是填错了。"),
        "unknown": _("乡镇的电脑认不出这台电脑。请向县里要一个新的注册码，重新注册一次；这次先用 U 盘。数据都在本机。"),
        "full": _("乡镇代收的太多，这次没有收。请乡镇先同步一次，或写 U 盘交给县里，再来交。数据都在本机。"),
        "disk": _("乡镇的电脑写不进去，可能磁盘满了，这次没有收。请乡镇腾出地方，再来交。数据都在本机。"),
        "large": _("要交的一份太大，局域网收不了，请改用 U 盘。数据都在本机。"),
        "newer": _("两台电脑的村站通版本不一样，不能这样交。请先升级旧的一台，或用 U 盘。数据都在本机。"),
        "damaged": _("传过去的一份不完整，乡镇没有收。请再交一次，会从头传。数据都在本机。"),
        "answer": _("那台电脑答复的内容读不懂，或者签名不对，没有算数。数据都在本机；请看地址是不是填错了，还是这样就改用 U 盘。"),
    }


class TurnedAway(DomainError):
    """The township accepted nothing; `word`: the code of the reason."""

    def __init__(self, word: str) -> None:
        super().__init__(_sentences().get(word) or _("乡镇的电脑没有收这一份。数据都在本机，请改用 U 盘，并告诉县管理员。"))
        self.word = word
        self.exit_code = 5 if word in ("code", "slow", "unknown") else 3


@dataclass
class HandedIn:
    """The result of a handover. `records`, `receipt`: of the bundle handed in, empty if an earlier one already has everything. `read`: the
    result of reading what was fetched."""

    records: int = 0
    receipt: str = ""
    read: ReadResult = field(default_factory=ReadResult)

    def sentence(self) -> str:
        """The result in words, one line per item."""
        said = [_("乡镇已收：{n} 条，回执 {code}。").format(n=self.records, code=self.receipt)] if self.receipt else []
        return "\n".join([*said, *self.read.lines(), *(str(error) for error in self.read.refused)])


def hand_in(store: Store, address: str, code: str, *, progress: Progress = unwatched) -> HandedIn:
    """Make one handover. `address`: as on the township's screen; if it is empty, or nothing answers there, the township's computer is
    looked for in the local network. Raises `CunzhanError`. In any case unacknowledged changes stay here, and the next handover resumes."""
    typed = [parse_address(address)] if address.strip() else []
    digits = words.plain_code(code)
    if not digits:
        raise InputUnusable(_("请填乡镇电脑屏幕上的六位码。"))
    me, certificate = _who(store)
    result = HandedIn()
    with _told(), _line(typed, me.scope, progress) as (line, used):
        greeting = _expect(line.receive(words.MAX_HELLO), words.Greeting)
        if greeting.protocol != words.PROTOCOL:
            raise TurnedAway("newer")
        if greeting.county != me.county:
            raise TurnedAway("county")
        if not within(me.scope, greeting.scope) or greeting.station == me.station:
            raise TurnedAway("place")
        line.send(words.hello(greeting, me.station, me.scope, me.signing, certificate, digits))
        welcome = _expect(line.receive(), words.Welcome)
        store.set_meta(ADDRESS, used)
        incoming, outgoing = folder_of(store.home, "down"), folder_of(store.home, "up")
        _read(store, incoming, _fetched(line, incoming, welcome.waiting, progress), result.read, progress)
        own = _to_send(store, outgoing, progress)
        if own is not None:
            told = ReadResult()
            _read(store, incoming, [_sent(line, own, progress)], told, progress)
            result.records, result.receipt = own.index.records, receipt_code(own.sha256)
            if told.receipts != [result.receipt]:
                raise TurnedAway("answer")
            _drop(outgoing)
    return result


def _who(store: Store) -> tuple[Identity, bytes]:
    return certified(
        store,
        village=True,
        elsewhere=DomainError(_("这样交的是村里的电脑。乡镇和县里的电脑请联网同步，或者用 U 盘。")),
        unenrolled=DomainError(_("这台电脑还没有在县里注册。第一次请用 U 盘写一份注册申请，或联网注册。")),
        uncertified=TurnedAway("unknown"),
    )


# -- fetching ----------------------------------------------------------------------------------------------------------


def _fetched(line: FramedConnection, folder: Path, waiting: list[words.WaitingBundle], progress: Progress) -> list[bytes]:
    """The whole bundles that wait at the township. Parts that came before are not fetched again."""
    names = {one.sha256: BegunFile(folder / f"{one.sha256.hex()[:64]}{SUFFIX}") for one in waiting}
    for path in begun_files(folder):
        if path not in {begun.path for begun in names.values()}:
            BegunFile(path).drop()
    found, total = [], sum(one.size for one in waiting)
    if len(waiting) > words.MAX_WAITING or not all(0 < one.size <= words.MAX_BUNDLE for one in waiting) or total > files.MAX_FILE // 2:
        raise HandoverError
    done = 0
    for one in waiting:
        begun = names[one.sha256]
        while (have := begun.size) < one.size:
            progress(done + have, total, _("正在取回县里的答复"))
            line.send(words.Fetch(one.sha256, have))
            part = _expect(line.receive(), words.Part).data
            if not part or have + len(part) > one.size:
                raise HandoverError
            begun.append(have, part)
        done += one.size
        raw = begun.content()
        if sha256(raw).digest() != one.sha256:
            begun.drop()
            raise HandoverError
        found.append(raw)
    return found


def _read(store: Store, folder: Path, bundles: list[bytes], result: ReadResult, progress: Progress) -> None:
    """Read bundles as from a stick."""
    if not bundles:
        return
    path = folder / f"read{files.SUFFIX}"
    files.write_file(path, bundles)
    try:
        reading.read_into(store, path, result, progress=progress, way="lan")
    except BundleError:  # nothing for this station; the error's sentence is about sticks
        raise TurnedAway("answer") from None
    finally:
        BegunFile(path).drop()
    for begun in begun_files(folder):
        BegunFile(begun).drop()


# -- handing in --------------------------------------------------------------------------------------------------------


def _to_send(store: Store, folder: Path, progress: Progress) -> Bundle | None:
    """The bundle to hand in: the one that was cut, if it still holds everything, otherwise a new one; None if that has arrived."""
    with store.read() as session:
        kept = _kept(session, folder)
        sent = None if kept is None else session.conn.execute(select(noted).where(noted.c.sha256 == kept.sha256)).first()
    arrived = sent is not None and bool(sent.relayed_at or sent.answered_at)
    if sent is not None and not arrived:  # a store put back from a backup knows nothing of it
        return kept
    _drop(folder)
    if arrived:
        return None
    path = folder / f"new{files.SUFFIX}"
    writing.write(store, path, progress=progress)
    with store.read() as session:
        path = path.replace(folder / _name(session))
    return next(files.read_file(path))


def _name(session: Session) -> str:
    """The name of a bundle that holds everything changed so far."""
    me = identity.load(session)
    assert me is not None  # it has written a bundle
    return f"{me.incarnation}-{me.number}{files.SUFFIX}"


def _kept(session: Session, folder: Path) -> Bundle | None:
    path = folder / _name(session)
    if unsealed(session) or not path.exists() or time() - path.stat().st_mtime > _FRESH:
        return None
    try:
        return next(files.read_file(path))
    except BundleError:
        return None


def _sent(line: FramedConnection, own: Bundle, progress: Progress) -> bytes:
    """The receipt for a bundle that was handed in."""
    size = len(own.raw)
    line.send(words.Offer(own.sha256, size))
    said, stuck, offset = line.receive(), 0, -1
    while isinstance(said, words.Have):
        stuck += said.offset <= offset
        offset = said.offset
        if not 0 <= offset < size or stuck > _RETRIES:
            raise HandoverError
        progress(offset, size, _("正在交给乡镇"))
        line.send(words.Put(offset, own.raw[offset:][: words.PART]))
        said = line.receive()
    return _expect(said, words.Taken).receipt


def _drop(folder: Path) -> None:
    for path in folder.glob("*" + files.SUFFIX):
        BegunFile(path).drop()


# -- the line ----------------------------------------------------------------------------------------------------------


def _expect(said: words.Message, kind: type[_M]) -> _M:
    if isinstance(said, words.Refused):
        raise TurnedAway(said.word)
    if not isinstance(said, kind):
        raise HandoverError
    return said


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except HandoverError as error:
        raise Unreachable(
            _("与乡镇电脑的连接断了。没有回执的都还在本机，一条没丢；看看网线、Wi-Fi 和乡镇的收件是不是还开着，再交一次会接着传。")
        ) from error
    except OSError as error:
        raise DomainError(_("本机写不进去：{reason}。没有交成，数据一条没丢。").format(reason=os_reason(error))) from error


@contextmanager
def _line(typed: list[tuple[str, int]], scope: str, progress: Progress) -> Iterator[tuple[FramedConnection, str]]:
    """A connection to the township, and its address: the typed one, or where a receiver is found."""
    try:
        host, port = typed[0] if typed else parse_address(_found(scope, progress))
        connected = _connected(host, port)
    except Unreachable:
        others = [address for address in finding.find(scope, progress=progress) if parse_address(address) not in typed] if typed else []
        if len(others) != 1:
            raise
        host, port = parse_address(others[0])
        connected = _connected(host, port)
    with connected:
        yield FramedConnection(connected, _SILENCE, lambda: progress(0, 0, _("等乡镇的电脑答复"))), shown_address(host, port)


def _found(scope: str, progress: Progress) -> str:
    found = finding.find(scope, progress=progress)
    if not found:
        told = _(
            "在这个局域网里没有找到乡镇的电脑。请看：两台电脑是不是在同一个 Wi-Fi 或接在同一个路由器上；乡镇是不是打开了收件，"
            "弹出防火墙提问时点了「允许」。还找不到，就照乡镇屏幕上的填地址。数据都在本机，也可以用 U 盘。"
        )
        raise Unreachable(told)
    if len(found) > 1:
        told = _("找到 {n} 台开着收件的电脑：{addresses}。请照乡镇电脑屏幕上的填地址。")
        raise InputUnusable(told.format(n=len(found), addresses=_("、").join(found)))
    return found[0]


def _connected(host: str, port: int) -> socket.socket:
    try:
        return socket.create_connection((host, port), _OPENING)
    except ConnectionRefusedError as error:
        raise Unreachable(
            _("找到了 {host}，但那里没有打开收件。请乡镇在「同步 → 局域网」打开收件，再照屏幕上的地址和码填。数据都在本机。").format(
                host=host
            )
        ) from error
    except OSError as error:
        told = _(
            "连不上 {host}。请看：两台电脑是不是在同一个 Wi-Fi 或接在同一个路由器上；地址和乡镇屏幕上的是不是一样；"
            "乡镇电脑弹出防火墙提问时要点「允许」。数据都在本机，也可以用 U 盘。"
        )
        raise Unreachable(told.format(host=host)) from error
