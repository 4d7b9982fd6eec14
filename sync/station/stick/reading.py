"""Reads bundles from a USB stick at a station: the county's answers to its own bundles (`sync.station.stick.writing`), and at a township
those to carry (`sync.station.stick.courier`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from time import time
from typing import NoReturn

from msgspec.structs import replace
from sqlalchemy import select, update

from db import lease
from db.bundles import bundle as noted
from db.bundles import early
from db.exchange import log_exchange
from db.local import get_meta, set_meta
from db.session import utc_now
from db.store import Store
from domain.codes import receipt_code
from domain.errors import CunzhanError, DomainError, Stopped
from domain.progress import Progress, unwatched
from sync.replica import identity
from sync.replica.identity import Identity
from sync.station.enrol import join, refuse_practice
from sync.station.recovery import mending
from sync.station.recovery.kept_copies import clean_up_copies
from sync.station.revocation import record_status_by_file, refuse
from sync.station.sealing.fork import fork, settle_restored
from sync.station.sealing.seal import restored
from sync.station.stick import attachments, courier, restored_county
from sync.station.stick.entries import take_entries, take_offer
from sync.station.stick.results import ReadResult, took_by
from sync.station.stick.writing import FOLDER, plugged_in
from sync.wire import bundle as files
from sync.wire import trust
from sync.wire.bundle import Bundle, decoded
from sync.wire.messages import Answer, Enrolled
from sync.wire.words import BundleError

MAX_FILES = 200
_PASSED = frozenset({"station", "own", "old", "joined", "first"})
"""Codes of errors that only mean that a bundle is for other stations, or was read before."""


def read(store: Store, path: Path, *, reply: Path | None = None, progress: Progress = unwatched) -> ReadResult:
    """Read the bundles for this station from a file, and at a township those to carry. `reply`: where to write receipts and answers for the
    villages whose bundles are in it. Raises `CunzhanError` if nothing could be accepted; then nothing changed."""
    result = ReadResult()
    passed = _take_file(store, path, result, progress)
    if not result.something:
        raise (result.refused + passed)[0]
    _done(store, result, reply)
    return result


def read_into(store: Store, path: Path, result: ReadResult, *, progress: Progress = unwatched, way: str) -> None:
    """Like `read`, for a file received by another `way` than a stick: without replies, and it may have nothing for this station."""
    _take_file(store, path, result, progress)
    _done(store, result, None, way)


def read_folder(store: Store, folder: Path, *, progress: Progress = unwatched) -> ReadResult:
    """Read every bundle file of a stick, oldest first; files read before change nothing. At a township, receipts and answers for the
    villages whose bundles are on it are written back to it. Raises `CunzhanError` when there is nothing for this station."""
    plugged_in(folder)
    result, passed = ReadResult(), list[CunzhanError]()
    for path in bundle_files(folder):
        try:
            passed += _take_file(store, path, result, progress)
        except BundleError as error:
            result.refused.append(DomainError(f"{path.name}：{error}"))
    if not result.something:
        raise result.refused[0] if result.refused else _why_nothing(passed)
    _done(store, result, folder / files.file_name(store.scope, "reply", utc_now()))
    return result


def _why_nothing(passed: Sequence[CunzhanError]) -> CunzhanError:
    """The error for a stick with nothing for this station; above all, whether its own file has not been answered yet."""
    words = {getattr(error, "word", "") for error in passed}
    told = next((word for word in ("own", "first", "joined", "old") if word in words), "others" if words else "nothing")
    return BundleError(told)


def bundle_files(folder: Path) -> list[Path]:
    """Return the bundle files on a stick or in a folder, at most the `MAX_FILES` newest, oldest first."""
    try:
        found = [*folder.glob("*" + files.SUFFIX), *(folder / FOLDER).glob("*" + files.SUFFIX)]
    except OSError:
        raise BundleError("unreadable") from None
    return sorted(found, key=_written_at)[-MAX_FILES:]


def _written_at(path: Path) -> float:
    """When a file was last written, 0 if that cannot be read: reading the file will then fail, and the other files are still read."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _done(store: Store, result: ReadResult, reply: Path | None, way: str = "stick") -> None:
    if result.answered:
        figures = asdict(result.exchange) | {"bytes_received": result.bytes, "way": way}
        with store.applying() as session:
            result.early = early(session.conn)
            if result.heard or any(asdict(result.exchange).values()):  # reading last week's answer again is no contact with the county
                log_exchange(session, ok=True, message=took_by(way, result.exchange), figures=figures)
        clean_up_copies(store, result.time)
    if reply is not None:
        result.returned = _reply(store, reply, {one.station for one in result.carried})


def _take_file(store: Store, path: Path, result: ReadResult, progress: Progress) -> list[CunzhanError]:
    """Read the bundles for this station from a file. Returns why the rest was skipped; refusals are added to `result`."""
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
    if one.index.kind == "enrol":  # a request to enrol: its answer has been read already, unless another one is waited for
        with store.read() as session:
            raise BundleError("joined" if get_meta(session, identity.CODE) is None else "own")
    if one.index.county != me.county:
        raise BundleError("county")
    if one.index.kind == "down":
        _take_answer(store, me, one, result, progress)
    elif one.index.kind == "receipt":
        _take_receipt(store, me, one, result)
    else:
        raise BundleError("own")


def _take_answer(store: Store, me: Identity, one: Bundle, result: ReadResult, progress: Progress) -> None:
    answer = _opened(store, me, one)
    if answer.status != "ok":
        _refused(store, me, one, answer)
    settled = restored_county.settle(store, me, one.index.of, answer)
    if settled is not None:
        result.exchange.restored += settled.offered
        result.exchange.kept = settled.kept or result.exchange.kept
        result.left = settled.left
    if settled is None or not settled.left:  # otherwise what it brings may be of another log than the one here
        offer = answer.offer if one.index.incarnation == me.incarnation and settled is None else None
        brought = answer.entries if settled is None else settled.entries
        _take_records(store, me, replace(answer, offer=offer, entries=brought), result, progress)
        result.more = result.more or answer.more
    if answer.files is not None:
        with store.applying() as session:
            result.files = attachments.take(session, answer.files)
    result.heard = _mark_answered(store, one, answer) or result.heard
    result.time = max(result.time, answer.time)
    with store.applying() as session:
        if answer.time > time():  # the answer was made before now: a clock that is behind it is slow, any other may be right
            set_meta(session, identity.CLOCK, str(answer.time - int(time())))
    result.answered = True


def _opened(store: Store, me: Identity, one: Bundle) -> Answer:
    """Return the county's answer in a bundle. Raises an error if the county did not sign it."""
    if not one.signed_by(me.county_key):
        raise BundleError("signature")
    with store.read() as session:
        key, put_back = identity.sealing_key(session), restored(session)
    if put_back:  # first, as waiting batches get new numbers here: the answer acknowledges other batches by the old ones
        with store.applying() as session:
            settle_restored(session, me)
    return decoded(Answer, files.unseal_at_station(key, one.body))


def _refused(store: Store, me: Identity, one: Bundle, answer: Answer) -> NoReturn:
    """Do what an answer says that did not accept the bundle, and raise why."""
    if one.index.incarnation != me.incarnation:
        raise BundleError("old")
    if answer.status == "fork" and 1 < answer.incarnation < 2**31:
        _part(store, answer.incarnation)
    if answer.status == "gap":
        with store.applying() as session:
            known = restored_county.record_divergence(session, answer)
        if known:
            raise BundleError("parted")
    with store.applying() as session:
        record_status_by_file(session, one, answer.status)
    refuse(answer.status)


def _take_records(store: Store, me: Identity, answer: Answer, result: ReadResult, progress: Progress) -> None:
    """Take from an answer what concerns records: the result of a check, a snapshot or kinds to mend, entries."""
    offer = answer.offer
    with store.applying() as session:
        result.exchange.different += mending.record_answer(session, answer)
        again = mending.asked_for(session, me, offer) if offer is not None else []
    if offer is not None and not again:
        take_offer(store, offer, result.exchange)
    take_entries(store, answer.entries, result.exchange, progress)
    if offer is not None and again:
        with store.applying() as session:
            mended, disputed = mending.take_by_file(session, me, offer, again)
        result.exchange.mended += mended
        result.exchange.disputed += disputed


def _part(store: Store, incarnation: int) -> None:
    """Continue under a new incarnation, as a copy; the outbox has to be written to a new file."""
    with store.applying() as session:
        me = identity.load(session)
        assert me is not None  # the caller has met the county
        fork(session, me, incarnation)
    raise BundleError("fork")


def _mark_answered(store: Store, one: Bundle, answer: Answer | None = None) -> bool:
    """Record that the county answered. Returns whether this is new; only then a new lease begins, since a file must not renew it twice."""
    with store.applying() as session:
        last = record_status_by_file(session, one, "ok")
        waiting = (noted.c.sha256 == one.index.of) & (noted.c.station == store.station) & noted.c.answered_at.is_(None)
        written = session.conn.execute(select(noted.c.noted_at).where(waiting)).scalar()
        first = session.conn.execute(update(noted).where(waiting).values(answered_at=session.at)).rowcount > 0
        if answer is not None and last and first:
            lease.record_term(session, answer.lease, answer.time, written)
        return first


def _take_receipt(store: Store, me: Identity, one: Bundle, result: ReadResult) -> None:
    receipt = courier.read_receipt(one, me.county_key)
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
    """Process the county's answer to a request to enrol."""
    with store.read() as session:
        code, known = get_meta(session, identity.CODE), get_meta(session, identity.COUNTY)
    if code is None:
        raise BundleError("old" if known is None else "joined")
    with store.applying() as session:
        _signing, sealing = identity.keys(session)
    answer = decoded(Enrolled, trust.unlock_by_code("down", code, files.unseal_at_station(sealing, one.body)))
    if answer.status == "ok" and not one.signed_by(answer.county_key):
        raise BundleError("signature")
    join(store, answer, known)
    _mark_answered(store, one)


def _reply(store: Store, path: Path, stations: set[str]) -> int:
    """Write receipts and stored answers for the stations whose bundles were just read. Returns the number of answers."""
    with store.read() as session:
        me = identity.load(session)
        back = list(courier.downward(session, me, stations)) if me is not None else []
    if back:
        files.write_files(path, back)
    return sum(files.opened(raw).index.kind != "receipt" for raw in back)
