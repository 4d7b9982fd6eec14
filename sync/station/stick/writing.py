"""Writes a station's bundle to a USB stick. Writing acknowledges nothing.

Every bundle has all unacknowledged changes and the station's cursors, so several may be under way and their answers may arrive in any
order, twice or never. At a township the same files carry villages' bundles (`sync.station.stick.courier`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from msgspec.structs import replace
from sqlalchemy import func, select

from db.exchange import outbox, unsent
from db.local import get_meta, set_meta
from db.session import Session, utc_now
from db.store import Store
from domain.codes import receipt_code
from domain.errors import DomainError, os_reason
from domain.progress import Progress, unwatched
from domain.words import _
from sync.replica import identity, integrity
from sync.replica.identity import Identity
from sync.station.asking import request, waiting
from sync.station.enrol import asking, refuse_practice
from sync.station.receiving import snapshot_fetch
from sync.station.recovery import mending
from sync.station.recovery.rewind import PARTED
from sync.station.sealing.slices import seal_waiting
from sync.station.stick import attachments, courier, restored_county
from sync.station.stick.results import Written
from sync.wire import bundle as files
from sync.wire import trust
from sync.wire.bundle import FORMAT, MAX_BODY, Bundle, Index
from sync.wire.messages import Request, pack
from sync.wire.trust import code_hash, split_code
from sync.wire.words import BundleError

FOLDER = "cunzhan"
"""Name of the program's folder on a stick."""


def write(store: Store, path: Path, *, code: str = "", progress: Progress = unwatched) -> Written:
    """Write the file that is carried to the township or county. `code`: a one-time code to enrol with. Raises `CunzhanError`."""
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
        with store.applying():  # whatever goes onto the stick is on the disk first, also what an exchange is sealing meanwhile
            pass
        carried, back = list[int](), list[int]()
        bundles = chain([own.raw], _noted(courier.upward(session), carried), _noted(courier.downward(session, me), back))
        made = files.write_files(path, bundles)
        left = unsent(session) - own.index.records
    with store.applying() as session:
        courier.note(session, own)
        restored_county.note(session, own.sha256, asked)
    names = tuple(name.name for name, _size in made)
    again = sum(lost.entry.batch is not None for lost in asked.lost)  # the others are only named
    size = sum(size for _name, size in made)
    code = receipt_code(own.sha256)
    return Written(own.index.records, size, code, len(carried), len(back), names, max(left, 0), again)


def _noted(bundles: Iterable[bytes], sizes: list[int]) -> Iterator[bytes]:
    """Yield the bundles, appending their sizes to `sizes`."""
    for raw in bundles:
        sizes.append(len(raw))
        yield raw


def write_to_stick(store: Store, folder: Path, *, code: str = "", progress: Progress = unwatched) -> tuple[Path, Written]:
    """Like `write`, to a new file in the program's folder on a stick. Returns the file too."""
    target = folder / FOLDER
    plugged_in(folder)
    try:
        target.mkdir(exist_ok=True)
    except OSError as error:
        raise DomainError(_("U 盘写不进去：{reason}。换一个 U 盘再试。").format(reason=os_reason(error))) from error
    path = target / files.file_name(store.scope, "join" if code else "up", utc_now())
    return path, write(store, path, code=code, progress=progress)


def plugged_in(folder: Path) -> None:
    """Raise `DomainError` if the stick is no longer there."""
    if not folder.is_dir():
        raise DomainError(_("找不到这个 U 盘，可能已经拔下。请插好再试。"))


def _own(session: Session, me: Identity) -> tuple[Bundle, Request]:
    """The bundle with everything that the county has not acknowledged or has lost, and its request."""
    batches = waiting(session, me, 0, MAX_BODY) if get_meta(session, PARTED) is None else []
    mine = outbox.c.incarnation == me.incarnation
    first = (session.conn.execute(select(func.min(outbox.c.number)).where(mine)).scalar() or 0) if batches else 0
    last = first + len(batches) - 1 if batches else 0
    inside = session.conn.execute(select(func.sum(outbox.c.count)).where(mine, outbox.c.number <= last)).scalar()
    asked = request(session, me, batches, MAX_BODY, vector=True)
    if mending.check_due(session):
        state, _cost = mending.own_state(session)
        asked = replace(asked, state=integrity.digest(state), sums=state)
    asked = replace(asked, holding=snapshot_fetch.holding(session) or mending.holding(session), files=attachments.enclosed(session))
    asked = restored_county.offering(session, asked)
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
    """Write a request to enrol. The code is stored until the answer arrives, because it decrypts the answer."""
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
        at=utc_now(),
        of=trust.code_id(hashed),
    )
    own = files.make(index, trust.lock_by_code("up", hashed, pack(asking(store, secret, signing, sealing))), signing)
    size = files.write_file(path, [own.raw])
    with store.applying() as session:
        courier.note(session, own)
    return Written(0, size, receipt_code(own.sha256), files=(path.name,))
