"""Verifies hashes, chains and signatures of every log entry and outbox batch in this store (`cunzhan audit verify`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from db.county import STATION
from db.exchange import cursors, device, entry, outbox, scope_head
from db.session import Session
from db.snapshots import snapshot
from domain.scopes import within
from domain.words import _
from sync.replica import identity
from sync.replica.history import Times, link
from sync.replica.identity import Identity
from sync.replica.log import as_sent
from sync.replica.pieces import manifest_signed, open_manifest
from sync.replica.redaction import note_signed
from sync.wire.columns import WireError
from sync.wire.envelope import START, Batch, Header, open_batch
from sync.wire.messages import entry_signed

Signed = Callable[[Batch], bool]


@dataclass(frozen=True)
class Audit:
    """The result of a verification.

    `entries`: number checked; `first_bad`: the first that does not verify, `scope/seq` or `outbox/number`; `erased`: number of entries
    with values erased by the county by rule, which is no fault; `undated`: number of entries whose time of arrival the county did not sign
    because an earlier release took them in (0 at a station).
    """

    entries: int
    ok: bool
    first_bad: str | None
    erased: int = 0
    undated: int = 0

    def sentence(self) -> str:
        """The result as a sentence for people."""
        if not self.ok:
            return _("从 {bad} 起与封存时不一样，请联系县管理员。").format(bad=self.first_bad)
        text = _("{n} 批都与封存时一样。").format(n=self.entries)
        return text + (_("其中 {erased} 批的个人信息已由县里按规定删除。").format(erased=self.erased) if self.erased else "")


def verify(session: Session, county_key: bytes | None = None) -> Audit:
    """Check every entry: position without a gap, hash, the county's signature, author, the author's chain, the chain of the log; then
    the batches in the outbox.

    At a station the county's key is the one pinned at enrolment; the county passes its own and also checks its devices' signatures and its
    own of the times of arrival.
    """
    me = None if county_key is not None else identity.load(session)
    key = county_key if me is None else me.county_key
    heads = dict(session.conn.execute(select(scope_head.c.scope, scope_head.c.seq)).all()) if me is None else cursors(session)
    begins, forged = _begins(session, key)
    if forged:
        return Audit(0, ok=False, first_bad=forged)
    walk = _Walk(_signatures(session, me, key), begins, key)
    times = Times(session, county_key) if county_key is not None else None
    with session.conn.execute(select(entry).order_by(entry.c.scope, entry.c.seq).execution_options(yield_per=200)) as rows:
        for row in rows:
            sha = bytes(row.sha256)
            sealed = walk.entry(row) and key is not None and entry_signed(key, as_sent(row, None), sha)
            if not sealed or (times is not None and not times.verified(row.scope, row.seq, sha, row.at)):
                return Audit(walk.count, ok=False, first_bad=f"{row.scope}/{row.seq}")
    for scope in sorted(heads.keys() | walk.heads.keys()):
        here = max(walk.heads.get(scope, 0), begins.get(scope, 0))
        if here != heads.get(scope):
            return Audit(walk.count, ok=False, first_bad=f"{scope}/{here + 1}")
    bad = walk.broken_chain() or (_bad_in_outbox(session, me, walk, begins) if me is not None else None)
    bad = bad or (times.beyond(walk.heads) if times is not None else None)
    return Audit(walk.count, ok=bad is None, first_bad=bad, erased=walk.erased, undated=times.unsigned if times is not None else 0)


def _bad_in_outbox(session: Session, me: Identity, walk: _Walk, begins: Mapping[str, int]) -> str | None:
    """The first waiting batch that does not follow those before it, or the last own batch if that is not here; None if all is well."""
    waiting = session.conn.execute(select(outbox).order_by(outbox.c.incarnation, outbox.c.number)).all()
    for row in waiting:
        if not walk.batch(bytes(row.body), bytes(row.sha256)) or walk.broken_chain():
            return f"outbox/{row.number}"
    number, sha = walk.last(me.station, me.incarnation) or (me.number, me.sha256)
    # a snapshot may stand in place of own batches that the county has; what waits in the outbox is later than all of them
    waits = any(row.incarnation == me.incarnation for row in waiting)
    covered = number < me.number and not waits and any(within(scope, session.scope) for scope in begins)
    if not me.number or covered or (number, sha) == (me.number, me.sha256):
        return None
    return f"outbox/{me.number}"


def _begins(session: Session, key: bytes | None) -> tuple[dict[str, int], str | None]:
    """The positions of the installed snapshots by scope, and the first snapshot without a valid signature of the county (None: none)."""
    begins: dict[str, int] = {}
    for row in session.conn.execute(select(snapshot).where(snapshot.c.installed == 1).order_by(snapshot.c.scope, snapshot.c.seq)):
        manifest = bytes(row.manifest)
        try:
            named = open_manifest(manifest)
        except WireError:
            named = None
        if (
            key is None
            or named is None
            or (named.scope, named.seq) != (row.scope, row.seq)
            or not manifest_signed(key, manifest, bytes(row.signature))
        ):
            return begins, f"{row.scope}/{row.seq}"
        begins[row.scope] = row.seq
    return begins, None


def _signatures(session: Session, me: identity.Identity | None, county_key: bytes | None) -> Signed:
    """Return a check of the signatures of batches whose author's key is known here: the county's, and at the county every device's, at a
    station its own. Batches of other authors pass."""
    devices = select(device.c.station, device.c.key)
    keys = {me.station: bytes(me.signing.verify_key)} if me else dict(session.conn.execute(devices).all())
    if county_key is not None:
        keys[STATION] = county_key
    return lambda batch: batch.header.station not in keys or batch.signed_by(bytes(keys[batch.header.station]))


class _Walk:
    """The state of the verification: head of each scope's log and batches of each author's chain."""

    def __init__(self, signed: Signed, begins: dict[str, int], county_key: bytes | None) -> None:
        self.count = self.erased = 0
        self._county_key = county_key
        self.heads: dict[str, int] = {}
        self._signed = signed
        self._begins = begins
        self._chains: dict[tuple[str, int], dict[int, tuple[bytes, bytes, str]]] = {}
        self._before: tuple[str, int, bytes | None] = ("", 0, None)

    def entry(self, row: Row[Any]) -> bool:
        """Add an entry. Returns whether it is at the next position, intact, and stored under its own author and number."""
        scope, seq = row.scope, row.seq
        begin = self._begins.get(scope, 0)  # up to a snapshot there may be holes, but none after it
        follows = seq <= begin or seq == max(self.heads.get(scope, 0), begin) + 1
        self.heads[scope] = seq
        head = self.batch(bytes(row.body), bytes(row.sha256), f"{scope}/{seq}")
        filed = head is not None and (row.station, row.incarnation, row.number) == (head.station, head.incarnation, head.number)
        return self._linked(row) and filed and follows

    def _linked(self, row: Row[Any]) -> bool:
        """Whether the chain at an entry follows from the chain before it, where both are known."""
        here = None if row.chain is None else bytes(row.chain)
        before = b"" if row.seq == 1 else self._before[2] if self._before[:2] == (row.scope, row.seq - 1) else None
        self._before = (row.scope, row.seq, here)
        return None in (here, before) or here == link(before, row.signature)

    def batch(self, body: bytes, sha: bytes, name: str = "") -> Header | None:
        """Add a batch. Returns its header if it is intact and signed."""
        self.count += 1
        try:
            batch = open_batch(body)
        except WireError:
            return None
        head = batch.header
        chain = self._chains.setdefault((head.station, head.incarnation), {})
        chain[head.number] = (head.previous, batch.sha256, name or f"outbox/{head.number}")
        if batch.note is not None:
            self.erased += 1
        return head if batch.sha256 == sha and self._signed(batch) and note_signed(batch, self._county_key or b"") else None

    def broken_chain(self) -> str | None:
        """The first batch whose previous hash is not that of the batch before it, where both are here."""
        for chain in self._chains.values():
            for number, (previous, _sha, name) in sorted(chain.items()):
                before = chain.get(number - 1)
                if (before is not None and before[1] != previous) or (number == 1 and previous != START):
                    return name
        return None

    def last(self, station: str, incarnation: int) -> tuple[int, bytes] | None:
        """Number and hash of the last batch of an author."""
        chain = self._chains.get((station, incarnation))
        return (max(chain), chain[max(chain)][1]) if chain else None
