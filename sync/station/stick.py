"""The exchange by USB stick at a station: write what waits, read what the county answered. Nothing is acknowledged by writing.

Every bundle holds all that the county has not acknowledged and says how far this station has read, so several may be under way and
their answers may come in any order, twice or never. At a township the same files carry villages' bundles (`sync.station.courier`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from time import time

from msgspec.structs import replace
from sqlalchemy import func, select, update

from db import lease
from db.bundles import bundle as noted
from db.bundles import early
from db.exchange import log_exchange, outbox, unsent
from db.local import get_meta, set_meta
from db.session import Session, utc_now
from db.store import Store
from domain.errors import CunzhanError, DomainError, Stopped, os_reason
from domain.progress import Progress, unwatched
from domain.words import _
from sync.replica import identity, integrity
from sync.replica.identity import Identity
from sync.station import checking, courier, mending, rebase, receipts, stick_files, stick_rewind
from sync.station.asking import request, waiting
from sync.station.enrol import asking, join, refuse_practice
from sync.station.exchange import refuse
from sync.station.file_entries import take_entries, take_offer
from sync.station.fork import fork, settle_restored
from sync.station.kept_copies import tend
from sync.station.rewind import PARTED
from sync.station.right import heard_by_file
from sync.station.seal import restored
from sync.station.seal_slices import seal_waiting
from sync.station.stick_result import ReadResult, Written
from sync.wire import bundle as files
from sync.wire import by_code
from sync.wire.bundle import FORMAT, MAX_BODY, Bundle, Index, decoded
from sync.wire.bundle_words import BundleError
from sync.wire.codes import receipt_code
from sync.wire.messages import Answer, Enrolled, Request, pack
from sync.wire.trust import code_hash, split_code

FOLDER = "cunzhan"
"""Name of the program's folder on a stick."""
MAX_FILES = 200
_PASSED = frozenset({"station", "own", "old", "joined", "first"})
"""Words of bundles that lie on the stick for others, or were read before."""


# -- writing -----------------------------------------------------------------------------------------------------------


def write(store: Store, path: Path, *, code: str = "", progress: Progress = unwatched) -> Written:
    """Write the file to carry to the township or county. `code`: a one-time code, to enrol with. Raises `CunzhanError`."""
    with store.read() as session:
        refuse_practice(session)
        me = identity.load(session)
    if code:
        return _write_request(store, path, code)
    if me is None:
        raise BundleError("first")
    me = seal_waiting(store, me, progress)
    with store.read() as session:
        own, asked = _own(session, me)
        carried, back = list[int](), list[int]()
        bundles = chain([own.raw], _noted(courier.upward(session), carried), _noted(courier.downward(session, me), back))
        made = files.write_files(path, bundles)
        left = unsent(session) - own.index.records
    with store.applying() as session:
        courier.note(session, own)
        stick_rewind.note(session, own.sha256, asked)
    names = tuple(name.name for name, _size in made)
    again = sum(lost.entry.batch is not None for lost in asked.lost)  # the others are only named
    size = sum(size for _name, size in made)
    code = receipt_code(own.sha256)
    return Written(own.index.records, size, code, len(carried), len(back), names, max(left, 0), again)


def _noted(bundles: Iterable[bytes], sizes: list[int]) -> Iterator[bytes]:
    """The bundles as they go into a file; notes their sizes."""
    for raw in bundles:
        sizes.append(len(raw))
        yield raw


def write_to_stick(store: Store, folder: Path, *, code: str = "", progress: Progress = unwatched) -> tuple[Path, Written]:
    """As `write`, to a new file in the program's folder on a stick; answers the file too."""
    target = folder / FOLDER
    _plugged_in(folder)
    try:
        target.mkdir(exist_ok=True)
    except OSError as error:
        raise DomainError(_("U 盘写不进去：{reason}。换一个 U 盘再试。").format(reason=os_reason(error))) from error
    path = target / files.file_name(store.scope, "join" if code else "up", utc_now())
    return path, write(store, path, code=code, progress=progress)


def _plugged_in(folder: Path) -> None:
    if not folder.is_dir():
        raise DomainError(_("找不到这个 U 盘，可能已经拔下。请插好再试。"))


def _own(session: Session, me: Identity) -> tuple[Bundle, Request]:
    """The bundle with everything the county has not acknowledged, or lost; and what it says."""
    batches = waiting(session, me, 0, MAX_BODY) if get_meta(session, PARTED) is None else []
    mine = outbox.c.incarnation == me.incarnation
    first = (session.conn.execute(select(func.min(outbox.c.number)).where(mine)).scalar() or 0) if batches else 0
    last = first + len(batches) - 1 if batches else 0
    inside = session.conn.execute(select(func.sum(outbox.c.count)).where(mine, outbox.c.number <= last)).scalar()
    asked = request(session, me, batches, MAX_BODY, vector=True)
    if checking.due(session):
        state, _cost = checking.state(session)
        asked = replace(asked, state=integrity.digest(state), sums=state)
    asked = replace(asked, holding=rebase.holding(session) or mending.holding(session), files=stick_files.enclosed(session))
    asked = stick_rewind.offering(session, asked)
    index = Index(
        format=FORMAT,
        kind="up",
        county=me.county,
        station=me.station,
        scope=me.scope,
        incarnation=me.incarnation,
        first=first,
        last=last,
        records=int(inside or 0),
        at=session.at,
    )
    return files.make(index, files.seal_to_county(me.county_key, pack(asked)), me.signing), asked


def _write_request(store: Store, path: Path, code: str) -> Written:
    """Ask to enrol. The code is kept until the answer comes: it opens the answer."""
    secret, _fingerprint = split_code(code)
    hashed = code_hash(secret)
    with store.applying() as session:
        signing, sealing = identity.keys(session)
        set_meta(session, identity.CODE, hashed)
    index = Index(
        format=FORMAT,
        kind="enrol",
        county="",
        station=store.station,
        scope=store.scope,
        incarnation=0,
        first=0,
        last=0,
        records=0,
        at=utc_now(),
        of=by_code.code_id(hashed),
    )
    own = files.make(index, by_code.lock("up", hashed, pack(asking(store, secret, signing, sealing))), signing)
    size = files.write_file(path, [own.raw])
    with store.applying() as session:
        courier.note(session, own)
    return Written(0, size, receipt_code(own.sha256), files=(path.name,))


# -- reading -----------------------------------------------------------------------------------------------------------


def read(store: Store, path: Path, *, reply: Path | None = None, progress: Progress = unwatched) -> ReadResult:
    """Take from a file what is for this station; at a township also what it is to carry. `reply`: where to write the receipts and
    answers for the villages whose bundles are in it. Raises `CunzhanError` when nothing in it could be taken: then nothing changed."""
    result = ReadResult()
    passed = _take_file(store, path, result, progress)
    if not result.something:
        raise (result.refused + passed)[0]
    _done(store, result, reply)
    return result


def read_into(store: Store, path: Path, result: ReadResult, *, progress: Progress = unwatched, way: str) -> None:
    """As `read`, of a file that came by another `way` than a stick, without replies; nothing for this station in it is no error."""
    _take_file(store, path, result, progress)
    _done(store, result, None, way)


def read_folder(store: Store, folder: Path, *, progress: Progress = unwatched) -> ReadResult:
    """Read every bundle file of a stick, oldest first; what was read before changes nothing. At a township receipts and answers for the
    villages whose bundles are on it go back onto it. Raises `CunzhanError` when there is nothing for this station."""
    _plugged_in(folder)
    result, passed = ReadResult(), list[CunzhanError]()
    for path in bundle_files(folder):
        try:
            passed += _take_file(store, path, result, progress)
        except BundleError:
            told = _("{name} 不能读：没有拷完整、已损坏，或者不是村站通写的。没有改动任何内容，请对方重新写一份。")
            result.refused.append(DomainError(told.format(name=path.name)))
    if not result.something:
        raise result.refused[0] if result.refused else _why_nothing(passed)
    _done(store, result, folder / files.file_name(store.scope, "reply", utc_now()))
    return result


def _why_nothing(passed: Sequence[CunzhanError]) -> CunzhanError:
    """What to say of a stick with nothing for this station: most of all whether its own file is still on the way up."""
    words = {getattr(error, "word", "") for error in passed}
    told = next((word for word in ("own", "first", "joined", "old") if word in words), "others" if words else "nothing")
    return BundleError(told)


def bundle_files(folder: Path) -> list[Path]:
    """Bundle files on a stick or in a folder, oldest first, at most `MAX_FILES` of the newest."""
    try:
        found = [*folder.glob("*" + files.SUFFIX), *(folder / FOLDER).glob("*" + files.SUFFIX)]
        return sorted(found, key=lambda path: path.stat().st_mtime)[-MAX_FILES:]
    except OSError:
        raise BundleError("unreadable") from None


def _done(store: Store, result: ReadResult, reply: Path | None, way: str = "") -> None:
    if result.answered:
        figures = asdict(result.exchange) | {"bytes_received": result.bytes}
        with store.applying() as session:
            result.early = early(session.conn)
            if result.heard or any(asdict(result.exchange).values()):  # last week's answer read again is no contact with the county
                told = _("{way}：{result}").format(way=way or _("U 盘"), result=result.took())
                log_exchange(session, ok=True, message=told, figures=figures)
        tend(store, result.time)
    if reply is not None:
        result.returned = _reply(store, reply, {one.station for one in result.carried})


def _take_file(store: Store, path: Path, result: ReadResult, progress: Progress) -> list[CunzhanError]:
    """Take from a file what is for this station; answers why the rest is for others. What is refused goes to `result`."""
    passed = list[CunzhanError]()
    for one in files.read_file(path):
        try:
            _take(store, one, result, progress)
            result.something = True
            result.bytes += len(one.raw)
        except Stopped:
            raise
        except CunzhanError as error:  # one bundle that is refused does not stop the others
            (passed if getattr(error, "word", "") in _PASSED else result.refused).append(error)
    return passed


def _take(store: Store, one: Bundle, result: ReadResult, progress: Progress) -> None:
    own = one.index.station == store.station
    if own and one.index.kind == "enrolled":
        _join(store, one)
        result.joined = True
        return
    with store.read() as session:
        refuse_practice(session)
        me = identity.load(session)
    if me is None:
        raise BundleError("own" if own and one.index.kind == "enrol" else "first")
    if not own and one.index.county not in ("", me.county):
        raise BundleError("county")
    if own and one.index.kind != "refused":
        _take_own(store, me, one, result, progress)
        return
    with store.applying() as session:
        if one.index.kind == "refused":
            result.refused.append(BundleError(courier.keep_refusal(session, me, one)))
        elif one.index.kind in ("up", "enrol"):
            carried = courier.carry(session, me, one)
            result.carried += [carried] if carried not in result.carried else []
        elif one.index.kind in ("down", "enrolled"):
            result.answers += courier.keep_answer(session, me, one)
        else:
            raise BundleError("station")


def _take_own(store: Store, me: Identity, one: Bundle, result: ReadResult, progress: Progress) -> None:
    if one.index.kind == "enrol":  # it names no county; its answer has been read, unless another is waited for
        with store.read() as session:
            raise BundleError("joined" if get_meta(session, identity.CODE) is None else "own")
    if one.index.county != me.county:
        raise BundleError("county")
    works: dict[str, Callable[[], None]] = {
        "down": lambda: _take_answer(store, me, one, result, progress),
        "receipt": lambda: _take_receipt(store, me, one, result),
    }
    if one.index.kind not in works:
        raise BundleError("own")
    works[one.index.kind]()


def _take_answer(store: Store, me: Identity, one: Bundle, result: ReadResult, progress: Progress) -> None:
    if not one.signed_by(me.county_key):
        raise BundleError("signature")
    with store.read() as session:
        key, put_back = identity.sealing_key(session), restored(session)
    if put_back:  # first of all: what waits gets other numbers, and what the answer acknowledges by its numbers is not that
        with store.applying() as session:
            settle_restored(session, me)
    answer = decoded(Answer, files.unseal_at_station(key, one.body))
    if one.index.incarnation != me.incarnation and answer.status != "ok":
        raise BundleError("old")
    if answer.status == "fork" and 1 < answer.incarnation < 2**31:
        _part(store, answer.incarnation)
    if answer.status == "gap":
        with store.applying() as session:
            known = stick_rewind.heard(session, answer)
        if known:
            raise BundleError("parted")
    if answer.status != "ok":
        with store.applying() as session:
            heard_by_file(session, one, answer.status)
        refuse(answer.status)
    settled = stick_rewind.settle(store, me, one.index.of, answer)
    if settled is not None:
        result.restored, result.kept, result.left = result.restored + settled.offered, settled.kept or result.kept, settled.left
    if settled is None or not settled.left:  # else what it brings may be of another log than the one here
        offer = answer.offer if one.index.incarnation == me.incarnation and settled is None else None
        brought = answer.entries if settled is None else settled.entries
        _take_records(store, me, replace(answer, offer=offer, entries=brought), result, progress)
        result.more = result.more or answer.more
    if answer.files is not None:
        with store.applying() as session:
            result.files_sent, result.files_received = stick_files.take(session, answer.files)
    result.heard = _mark_answered(store, one, answer) or result.heard
    result.time = max(result.time, answer.time)
    with store.applying() as session:
        if answer.time > time():  # the answer is older than now: a clock before it is slow, another may be right
            set_meta(session, identity.CLOCK, str(answer.time - int(time())))
    result.answered = True


def _take_records(store: Store, me: Identity, answer: Answer, result: ReadResult, progress: Progress) -> None:
    """What an answer says of records: how they compare, a snapshot or kinds to mend, entries."""
    offer = answer.offer
    with store.applying() as session:
        result.different += mending.hear(session, answer)
        again = mending.asked_for(session, me, offer) if offer is not None else []
    if offer is not None and not again:
        take_offer(store, offer, result.done)
    take_entries(store, answer.entries, result.done, progress)
    if offer is not None and again:
        with store.applying() as session:
            result.mended += mending.take_by_file(session, me, offer, again)


def _part(store: Store, incarnation: int) -> None:
    """Go on as a copy of its own; what waits has to be written again."""
    with store.applying() as session:
        me = identity.load(session)
        assert me is not None  # the caller has met the county
        fork(session, me, incarnation)
    raise BundleError("fork")


def _mark_answered(store: Store, one: Bundle, answer: Answer | None = None) -> bool:
    """Note that the county answered; tells whether that was not known. Only then a term begins with it: the same file gives no second."""
    with store.applying() as session:
        last = heard_by_file(session, one, "ok")
        mark = update(noted).where(noted.c.sha256 == one.index.of, noted.c.station == store.station, noted.c.answered_at.is_(None))
        first = session.conn.execute(mark.values(answered_at=session.at)).rowcount > 0
        if answer is not None and last and first:
            lease.heard(session, answer.lease, answer.time)
        return first


def _take_receipt(store: Store, me: Identity, one: Bundle, result: ReadResult) -> None:
    receipt = receipts.read(one, me.county_key)
    with store.applying() as session:
        mine = (noted.c.sha256 == one.index.of) & (noted.c.station == me.station)
        if session.conn.execute(select(noted.c.id).where(mine)).first() is None:
            raise BundleError("station")
        unknown = update(noted).where(mine, noted.c.relayed_by.is_(None))
        session.conn.execute(unknown.values(relayed_by=receipt.station, relayed_at=session.at))
    code = receipt_code(one.index.of)
    if code not in result.receipts:
        result.receipts.append(code)


def _join(store: Store, one: Bundle) -> None:
    """The county's answer to a request to enrol."""
    with store.read() as session:
        code, known = get_meta(session, identity.CODE), get_meta(session, identity.COUNTY)
    if code is None:
        raise BundleError("old" if known is None else "joined")
    with store.applying() as session:
        _signing, sealing = identity.keys(session)
    answer = decoded(Enrolled, by_code.unlock("down", code, files.unseal_at_station(sealing, one.body)))
    if answer.status == "ok" and not one.signed_by(answer.county_key):
        raise BundleError("signature")
    join(store, answer, known)
    _mark_answered(store, one)


def _reply(store: Store, path: Path, stations: set[str]) -> int:
    """Receipts and waiting answers for the stations whose bundles just came; tells how many are answers."""
    with store.read() as session:
        me = identity.load(session)
        back = list(courier.downward(session, me, stations)) if me is not None else []
    if back:
        files.write_files(path, back)
    return sum(files.opened(raw).index.kind != "receipt" for raw in back)
