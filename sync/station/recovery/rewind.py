"""Handles a county restored from a backup: the station offers the entries the county lost, and rewinds to the last common position.

If nobody has written meanwhile, the offered entries get their positions back and nothing else happens. Otherwise they get new positions;
this station replays its logs up to the common position, keeps its own later changes on top as unacknowledged, and reads on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache

from msgspec.structs import replace
from sqlalchemy import ColumnElement, Delete, bindparam, delete, false, func, or_, select, update

from db import backup, contents
from db.among import among
from db.bundles import ahead
from db.capture import op
from db.county import STATION
from db.erased import erased
from db.exchange import conflict, cursors, entry, field_state, held_change, kind_by_number, move_cursor, moved, outbox
from db.local import set_meta
from db.mapping import table
from db.prepared import Prepared
from db.session import Session
from db.store import Store
from domain.errors import Unreachable
from domain.fields import KINDS
from domain.progress import Progress
from domain.words import _
from sync.replica import identity
from sync.replica.history import chain_at, common, tips
from sync.replica.identity import REWOUND, Identity, new_incarnation
from sync.replica.log import as_sent
from sync.replica.moved_rows import too_early
from sync.replica.pieces import forget_snapshot
from sync.station import asking
from sync.station.receiving.concurrent_rows import pending
from sync.station.receiving.receive import apply_again, put_on
from sync.station.result import ExchangeResult
from sync.station.revocation import refuse
from sync.station.sealing.fork import fork
from sync.station.sealing.seal import seal_all
from sync.wire.columns import WireError
from sync.wire.envelope import open_batch
from sync.wire.messages import MOST_NAMED, MOST_OFFERED, Answer, Lost, Request

Places = Mapping[str, int]
PARTED, BROUGHT, OFFERED = "parted_at", "offered_until", "offered_by"
"""Where the logs part by the last answer that came on a stick, how far the county has answered what was offered since, and what files
that are under way offer (`sync.station.stick.restored_county`)."""
_PAGE = 200
_AROUND = 150
"""Bytes of an entry beside its batch, about."""
_MAX_GAPS = 5
"""How often in one exchange the county may lack entries that this station has read."""


class RestoredCounty:
    """What one exchange does about a county that lacks entries this station has read: a backup was restored there."""

    def __init__(self, store: Store, progress: Progress, result: ExchangeResult) -> None:
        self._store, self._progress, self._result = store, progress, result
        self._gaps = 0
        self._offered: dict[str, int] = {}
        """From which positions on everything was offered already."""

    def recover(self, me: Identity, answer: Answer, ask: Callable[[Request], Answer], budget: int) -> int | None:
        """Offer the county the entries it lost; where they were offered and its log continued differently, rewind to the last common
        position. Returns the new incarnation after a rewind. `ask` sends a request, of about `budget` bytes."""
        self._gaps += 1
        with self._store.read() as session:
            parted = common(session, answer.marks)
        if not parted or self._gaps > _MAX_GAPS:
            refuse("gap")
        with self._store.applying() as session:
            contents.forget_sent(session)
        if all(seq >= self._offered.get(scope, seq + 1) for scope, seq in parted.items()):
            return self._rewind(me, parted)
        self._offer(me, parted, ask, budget)
        return None

    def _offer(self, me: Identity, parted: Places, ask: Callable[[Request], Answer], budget: int) -> None:
        after, left = parted, 1
        while left:
            with self._store.read() as session:
                me = identity.load(session) or me
                asked = asking.request(session, me, [], 0, vector=True, token=me.token)
                asked = offering(session, asked, parted, after, budget)
                before, after = to_offer(session, after), advanced(after, asked.lost)
                left = to_offer(session, after)
            answer = ask(asked)
            if answer.status != "ok":
                raise Unreachable(_("与县服务器的连接中断了。数据都在本机，会再传。"))
            with self._store.applying() as session:
                identity.save_token(session, answer.token)
            self._result.restored += before - left
            self._progress(self._result.restored, self._result.restored + left, _("县里恢复过备份，正在补交"))
        self._offered = dict(parted)

    def _rewind(self, me: Identity, parted: Places) -> int:
        with self._store.read() as session:
            whole = covered(session, parted)
        if not whole and not self._result.kept:
            # work of others that is here only as a snapshot, which perhaps no station can offer: keep a copy of the whole store
            self._result.kept = backup.keep_beside(self._store)
        with self._store.applying() as session:
            me = identity.load(session) or me
            rewind(session, me, parted)
        return me.incarnation


def offered(session: Session, after: Places, budget: int) -> list[Lost]:
    """Return the next entries read after these positions, about `budget` bytes (at most `OFFER`); the county takes those it lacks. Empty
    when none are left."""
    part: list[Lost] = []
    size = 0
    for scope, seq in sorted(after.items(), key=lambda place: (len(place[0]), place)):
        query = select(entry).where(entry.c.scope == scope, entry.c.seq > seq).order_by(entry.c.seq)
        for row in session.conn.execute(query.execution_options(yield_per=_PAGE)):
            part.append(Lost(as_sent(row, bytes(row.body)), chain_at(session, scope, row.seq - 1) or b""))
            size += _AROUND + len(row.body)
            if size >= budget or len(part) == MOST_OFFERED:
                return part
    return part


def advanced(after: Places, part: Sequence[Lost]) -> dict[str, int]:
    """Return these positions, advanced to the entries that were offered."""
    return dict(after) | {lost.entry.scope: lost.entry.seq for lost in part if lost.entry.batch is not None}  # in the order of each log


def offering(session: Session, asked: Request, common: Places, after: Places, budget: int) -> Request:
    """The request with what the county may have lost `after` these places, about `budget` bytes of it; then it brings nothing else. What
    was offered before, from the `common` places on, is named without its batches where something follows it that comes only now."""
    heads = (asked.cursors or {}) | dict(common)
    read = tips(session, heads)
    part = offered(session, after, budget)
    lost = [*_named(session, common, after, part), *part]
    return replace(asked, cursors=heads, tips=[read[scope] for scope in sorted(heads)], digest=b"", lost=lost, batches=[])


def _named(session: Session, common: Places, after: Places, part: Sequence[Lost]) -> list[Lost]:
    """The last entries of each log up to these places that wrote to rows edited in `part`, without their batches, as many as the county
    looks at."""
    columns = [column for column in entry.c if column is not entry.c.body]
    found: list[Lost] = []
    edited = _edited(part) if any(seq > common[scope] for scope, seq in after.items()) else {}
    for scope, seq in after.items():
        wrote = _wrote(session, edited, common[scope], seq)
        latest = sorted(wrote, reverse=True)[: MOST_NAMED - len(found)]
        rows = select(*columns).where(entry.c.scope == scope, among(entry.c.seq, latest))
        found += [Lost(as_sent(row, None), b"") for row in session.conn.execute(rows)]
    return found


def _edited(part: Sequence[Lost]) -> dict[int, set[str]]:
    """The rows edited in these entries, by kind."""
    found: dict[int, set[str]] = defaultdict(set)
    for lost in part:
        with suppress(WireError):  # only its author could read it
            for group in open_batch(lost.entry.batch or b"").groups:
                if group.what == "U":
                    found[group.kind].update(group.row_ids)
    return found


def _wrote(session: Session, rows: Mapping[int, set[str]], after: int, until: int) -> set[int]:
    """The places between these two, in any log, that wrote to these rows. The change log shows all of them but insertions."""
    found: set[int] = set()
    for number, ids in rows.items() if until > after else ():
        later = select(op.c.entry).where(op.c.kind == number, op.c.entry > after, among(op.c.row_id, ids))
        found |= set(session.conn.execute(later).scalars())
        if kind_by_number(number) is not None:
            found |= set(session.column(number, "seq", sorted(ids)).values())
    return {seq for seq in found if seq is not None and after < seq <= until}


def to_offer(session: Session, after: Places) -> int:
    """Return the number of entries here that were read after these positions."""
    later = [(entry.c.scope == scope) & (entry.c.seq > seq) for scope, seq in after.items()]
    return int(session.conn.execute(select(func.count()).select_from(entry).where(or_(false(), *later))).scalar_one())


def covered(session: Session, common: Places) -> bool:
    """Whether every entry read after these positions is here, and so was offered. If not, a copy must be kept of data that are here only
    from a snapshot."""
    for scope, seq in common.items():
        later = select(func.count()).select_from(entry).where(entry.c.scope == scope, entry.c.seq > seq)
        if session.conn.execute(later).scalar_one() != cursors(session).get(scope, 0) - seq:
            return False
    return True


def rewind(session: Session, me: Identity, common: Places) -> None:
    """Rewind the logs to these positions, in this transaction; a log that is incomplete here is rewound to its beginning and read again.

    Own later changes become unacknowledged again, under a new incarnation, with a `known` cursor not beyond the common position.
    """
    seal_all(session, me)
    for name in (PARTED, BROUGHT, OFFERED):
        set_meta(session, name, None)
    session.conn.execute(delete(ahead).where(ahead.c.log.in_(list(common))))  # kept for a log that no longer exists
    for scope, seq in common.items():
        _reclaim(session, me, scope, seq)
    places = _with_neighbours(session, common)
    until = {scope: seq if _whole(session, scope, seq) else 0 for scope, seq in places.items()}
    for scope, seq in until.items():
        _empty(session, scope, seq)
    _replay(session, me, until, places)
    fork(session, me, new_incarnation(), common)
    set_meta(session, REWOUND, str(me.incarnation))
    put_on(session, me, {key for key in pending(session) if _in(session, key, places)})


def _with_neighbours(session: Session, common: Places) -> Places:
    """These logs, and at the place they were read to, those to or from which rows moved: one log alone would make a row twice."""
    read = cursors(session)
    places, before = dict(common), 0
    ways = [(row.scope, row.entered) for row in session.conn.execute(select(moved.c.scope, moved.c.entered).distinct())]
    while len(places) > before:
        before = len(places)
        for left, entered in ways:
            if left in places or entered in places:
                places = {scope: read[scope] for scope in (left, entered) if scope in read} | places
    return places


def _whole(session: Session, scope: str, seq: int) -> bool:
    early = (entry.c.scope == scope) & (entry.c.seq <= seq)
    return bool(session.conn.execute(select(func.count()).select_from(entry).where(early)).scalar_one() == seq)


def _replay(session: Session, me: Identity, until: Places, wanted: Places) -> None:
    """Replay logs, so that rows leave one before they enter another. Entries that cannot be applied are read again from the county."""
    heads = {**cursors(session), **dict.fromkeys(until, 0)}
    before = -1
    while sum(heads.values()) > before:
        before = sum(heads.values())
        for scope in until:
            while heads[scope] < until[scope]:
                row = session.conn.execute(select(entry).where(entry.c.scope == scope, entry.c.seq == heads[scope] + 1)).one()
                if row.station == STATION and too_early(bytes(row.body), me.scope, heads):
                    break
                apply_again(session, me, as_sent(row, bytes(row.body)))
                heads[scope] += 1
    for scope in until:
        session.conn.execute(delete(entry).where(entry.c.scope == scope, entry.c.seq > heads[scope]))
        if heads[scope] < wanted[scope] or not heads[scope]:
            forget_snapshot(session, scope)
        move_cursor(session, scope, heads[scope])


def _reclaim(session: Session, me: Identity, scope: str, seq: int) -> None:
    """Move own entries after a position back into the outbox, with their ops unacknowledged."""
    query = select(entry).where(entry.c.scope == scope, entry.c.seq > seq, entry.c.station == me.station).order_by(entry.c.seq)
    for row in session.conn.execute(query).all():
        batch = open_batch(bytes(row.body))
        changes = list(batch.changes())
        ours = among(op.c.seq, (c.seq for c in changes)) & among(op.c.salt, {c.salt for c in changes}) & op.c.author.is_(None)
        if session.conn.execute(update(op).where(ours, op.c.entry == row.seq).values(entry=None)).rowcount:
            values = {"incarnation": row.incarnation, "number": row.number, "scope": scope, "known": batch.header.known}
            values |= {"count": batch.header.count, "sha256": batch.sha256, "body": bytes(row.body), "sealed_at": session.at}
            session.conn.execute(outbox.insert().values(**values))


def _empty(session: Session, scope: str, until: int) -> None:
    """Take out everything that follows from the log of a scope, except own ops up to the place `until`, which will follow from it again."""
    for statement in _emptying():
        statement.run(session.conn, of=scope, until=until)


@cache
def _emptying() -> list[Prepared]:
    made: list[Delete] = []
    place: ColumnElement[str] = bindparam("of")
    others = op.c.author.is_not(None) | (op.c.entry > bindparam("until"))
    for kind in KINDS.values():
        t, number = table(kind), kind.number
        ids = select(t.c.id).where(t.c.village == place)
        made.append(delete(field_state).where(field_state.c.kind == number, field_state.c.row_id.in_(ids)))
        made.append(delete(op).where(op.c.kind == number, op.c.row_id.in_(ids), op.c.entry.is_not(None), others))
        made.append(delete(t).where(t.c.village == place))
    made += [delete(listed).where(listed.c.scope == place) for listed in (conflict, held_change, moved, erased)]
    return list(map(Prepared, made))


def _in(session: Session, key: tuple[int, str], common: Places) -> bool:
    """Whether a changed row is in one of the emptied scopes, so that its own change has to be made again."""
    kind = kind_by_number(key[0])
    if kind is None:
        return False
    t = table(kind)
    village = session.conn.execute(select(t.c.village).where(t.c.id == key[1])).scalar()
    return village is None or village in common
