"""Applies a sequenced batch to the tables. The same code runs at the county, which decides what is refused, and on every station.

Insertions of rows nobody has and plain edits go in by columns (`sync.replica.by_columns`). Everything else is merged row by row by the
rule of `sync.replica.merge`; what that puts aside is listed (`sync.replica.conflicts`). Replaced values go to the change log
(`sync.replica.log`), in county order, so that history is the same everywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from db.exchange import DELETED, kind_by_number
from domain.fields import Field, Kind
from domain.values import Stored
from sync.replica import by_columns, change_ids, conflicts, erased_rows
from sync.replica.conflicts import Listing
from sync.replica.known_fields import problems
from sync.replica.log import Log, Placed, hold
from sync.replica.merge import State, Verdict, Write, decide, latest, rule_of
from sync.replica.moved_rows import leave_or_enter
from sync.replica.rows import Key, Row, Rows, new_row
from sync.wire.columns import Change, Group
from sync.wire.envelope import Batch, author

UNREADABLE = "unreadable"
"""Reason why a whole batch is refused: only its author can read it."""


class Application:
    """One batch being applied at its position (`seq`) in the log of `scope`.

    `own`: this store made it, so its ops are in the change log already. `known`: how far its author had read, given only where the
    county knows better than the batch says. `others`: whether others wrote to the scope since then, if the caller knows.
    """

    def __init__(
        self,
        conn: Connection,
        batch: Batch,
        scope: str,
        seq: int,
        *,
        own: bool = False,
        known: int | None = None,
        others: bool | None = None,
    ) -> None:
        self.conn = conn
        self.batch = batch
        self.scope = scope
        self.seq = seq
        self.known = batch.header.known if known is None else known
        quote, self._move = batch.header.quote, batch.header.move
        self.author = author(quote.station, quote.incarnation) if quote else batch.author
        self._quoted = quote is not None
        self._own = own
        self.refused: dict[int, str] = {}
        """Why changes cannot be applied, by place in the batch. When the county applies the batch, this is its decision for everybody."""
        self.conflicts = 0
        """Number of conflicts newly listed."""
        self._rows = Rows(conn)
        self._log = Log(conn, self.author, seq, own=own)
        self._listing = Listing(conn, self._rows, scope, self.known, self.author, others)

    # -- batches -------------------------------------------------------------------------------------------------------

    def groups(self, groups: Sequence[Group], refused: Mapping[int, str], kept: Sequence[tuple[int, Change, str]] = ()) -> None:
        """Apply the changes of others. The `refused` ones, by place, are only kept as held changes, as are the parts of changes in
        `kept`."""
        self._hold(kept)
        self.refused |= {place: why for group in groups for place, why in problems(group) if place not in refused}
        skip = {**refused, **self.refused}
        if self._move is not None and leave_or_enter(self.conn, (self.scope, self.seq), self._move, groups, skip):
            return
        if self.batch.header.erase is not None:
            erased_rows.erase(self.conn, self.batch, (self.scope, self.seq), self._rows, self._log)
            return
        skipped = [(place, change, skip[place]) for g in groups for place, change in g.changes() if place in skip] if skip else []
        if skipped:  # first: later changes of the same batch build on these
            change_ids.take_over(self._rows, self.scope, self.author, skipped)
        self.changes(self._by_columns(groups, skip))
        self._hold(skipped)

    def _by_columns(self, groups: Sequence[Group], skip: Mapping[int, str]) -> list[Placed]:
        """Apply what cannot be in conflict. Returns the other changes."""
        rest: list[Placed] = []
        others: list[Group] = []
        seen: dict[int, set[str]] = defaultdict(set)
        for group in groups:
            kind = kind_by_number(group.kind)
            if group.what == "I" and kind is not None:
                fresh, existing = by_columns.parted(self.conn, kind, group, skip, seen[group.kind])
                for part in fresh:
                    by_columns.insert(self.conn, (self.scope, self.seq), self.author, kind, part)
                    self._check_parents(part)
                rest += existing
            else:
                others += group.parted([place not in skip for place in group.places])[0]
        if others and not (self._own or self._quoted or self._move is not None or self._listing.company()):
            edits, others = by_columns.sorted_out(others, rest)
            others += by_columns.edit(self.conn, (self.scope, self.seq), self.author, edits)
        return rest + [placed for group in others for placed in group.changes()]

    def unreadable(self) -> None:
        """Record that the batch cannot be read here. Its bytes stay in the log."""
        nothing = Change(0, 0, "", "?", self.author, "", "")
        self._hold([(-1, nothing, UNREADABLE)])
        self.refused = {-1: UNREADABLE}

    def changes(self, changes: Iterable[Placed]) -> None:
        """Merge changes one by one, in the order of their places."""
        ordered = sorted(changes, key=lambda placed: placed[0])
        self._rows.load_keys((change.kind, change.row_id) for _place, change in ordered)
        problems = [(place, change, self._one(place, change)) for place, change in ordered]
        refused = [(place, change, why) for place, change, why in problems if why is not None]
        self._listing.orphans()
        self._rows.write()
        self._log.write()
        self.conflicts += self._listing.keep()
        self._hold(refused)
        self.refused |= {place: why for place, _change, why in refused}

    def follow(self, groups: Sequence[Group], merged: set[Key]) -> None:
        """Record the position of own acknowledged changes that met no concurrent ones: the rows have their values already, only the
        states of the fields advance. Rows in `merged` are left out."""
        mine = groups
        if merged:
            mine = [part for g in groups for part in g.parted([(g.kind, row_id) not in merged for row_id in g.row_ids])[0]]
        for group in mine:
            self._check_parents(group)
        by_columns.follow(self.conn, self.seq, self.author, [group for group in mine if group.what != "I"])
        self.conflicts += self._listing.keep()

    def _hold(self, refused: Sequence[tuple[int, Change, str]]) -> None:
        hold(self.conn, (self.scope, self.seq, self.author), refused)

    def _write(self, place: int, change: Change) -> Write:
        return Write(self.seq, place, self.known, self.author, change.by, change.at)

    def _check_parents(self, group: Group) -> None:
        for place, change in group.changes() if self._listing.deleted_lately() else ():
            self._listing.parents(change, self._write(place, change))

    # -- one change ----------------------------------------------------------------------------------------------------

    def _one(self, place: int, change: Change) -> str | None:
        """Merge one change. Returns the reason why it cannot be merged, or None."""
        kind = kind_by_number(change.kind)
        if kind is None:
            return "kind"
        row, write = self._rows.get(change.kind, change.row_id), self._write(place, change)
        if conflicts.released(self.conn, self.scope, change, write):
            if row is not None and row.village == self.scope:
                self._log.note(change, "C")
            return None
        if row is None:
            if change.what != "I":
                return "row"
            self._make(kind, change, write)
            return None
        if row.village != self.scope:
            return "scope"
        if change.what == "C":
            self._settle(row, change, write)
            return None
        if change.what in "DR":
            self._flip(row, change, write)
        problem = self._edit(row, change, write) if change.what in "IU" else None
        if problem is None:
            row.touch(write)
            self._listing.parents(change, write)
        return problem

    def _make(self, kind: Kind, change: Change, write: Write) -> None:
        row = self._rows.add(new_row(kind, change.row_id, self.scope, change.by, change.at))
        for number, value in change.values.items():
            row.put(kind.by_number[number].name, value)
        row.put("seq", self.seq)
        row.put("author", self.author)
        self._log.note(change, "I")
        self._listing.parents(change, write)

    def _edit(self, row: Row, change: Change, write: Write) -> str | None:
        fields = [(row.kind.by_number[number], value) for number, value in change.values.items()]
        verdicts = [self._verdict(row, f, value, write) for f, value in fields]
        if Verdict.REFUSED in verdicts:
            return "append"
        effect = "U"
        if row.deleted and (change.what == "I" or not write.follows(row.states.get(DELETED))):
            self._revive(row, write)
            effect = "R"
        old = self._set(row, fields, verdicts, write)
        self._log.note(change, effect if effect == "R" or old else "", old)
        return None

    def late(self, changes: Iterable[Placed]) -> None:
        """Merge fields that this program did not know when the changes arrived. The rest of the changes was applied then."""
        placed = list(changes)
        self._rows.load_keys((change.kind, change.row_id) for _place, change in placed)
        for place, change in placed:
            row, write = self._rows.get(change.kind, change.row_id), self._write(place, change)
            if row is None or row.village != self.scope or (row.columns["seq"] or 0) > self.seq:  # it moved with its row
                continue
            fields = [(row.kind.by_number[number], value) for number, value in change.values.items()]
            if change.what == "I" and (row.columns["seq"], row.columns["author"]) == (self.seq, self.author):
                for f, value in fields:
                    row.put(f.name, value)
                continue
            old = self._set(row, fields, [self._verdict(row, f, value, write) for f, value in fields], write)
            self._log.note(change, "U" if old else "", old)
        self.changes(())

    def _set(self, row: Row, fields: Sequence[tuple[Field, Stored]], verdicts: Sequence[Verdict], write: Write) -> dict[int, Stored]:
        """Write the values that won and list those that lost. Returns the replaced values by field number."""
        old: dict[int, Stored] = {}
        for (f, value), verdict in zip(fields, verdicts, strict=True):
            now = row.value(f)
            if verdict in (Verdict.WINS, Verdict.WAITS):
                # a change forwarded from another scope is based on the value that the row had on entering this one
                known, untouched = (row.columns["seq"], now) if self._quoted else (self.known, None)
                self._listing.value(row, f, (known, untouched), value, write, verdict)
            if verdict in (Verdict.WRITE, Verdict.WINS):
                if value != now:
                    old[f.number] = now
                row.put(f.name, value)
                row.move(f.number, write.state())
        return old

    def _verdict(self, row: Row, f: Field, value: Stored, write: Write) -> Verdict:
        if self._move is not None:
            return Verdict.WRITE
        rule, now, state = rule_of(row.kind, f), row.value(f), row.state(f)
        verdict = decide(rule, now, state, value, write)
        if verdict is Verdict.REFUSED and self._listing.contested(row, f.number):
            return decide(rule, now, state, value, write, contested=True)
        return verdict

    def _flip(self, row: Row, change: Change, write: Write) -> None:
        """Delete or restore a row. If an edit and a deletion are concurrent, the row stays."""
        unseen = None if row.deleted else self._unseen(row, write)
        if row.deleted == (change.what == "D"):
            self._log.note(change, "")
            if write.follows(row.states.get(DELETED)):
                row.move(DELETED, write.state())
        elif change.what == "R":
            self._log.note(change, "R")
            self._revive(row, write)
        elif unseen is not None:
            self._log.note(change, "")
            self._listing.flip(row, False, unseen, write)
        else:
            self._log.note(change, "D")
            row.put("deleted_at", change.at)
            row.move(DELETED, write.state())
            self._listing.gone.append((row, write))

    def _revive(self, row: Row, write: Write) -> None:
        state = row.states.get(DELETED)
        if state is not None and not write.follows(state):
            self._listing.flip(row, True, state, write)
        row.put("deleted_at", None)
        row.move(DELETED, write.state())

    def _unseen(self, row: Row, write: Write) -> State | None:
        """The latest change of the row that the author of the deletion had not seen."""
        states = [s for number, s in row.states.items() if number >= DELETED and not write.follows(s)]
        if row.inserted is not None and not write.follows(row.inserted):
            states.append(row.inserted)
        return latest(states)

    def _settle(self, row: Row, change: Change, write: Write) -> None:
        """Apply a decision about a conflict. It settles the conflict only if the chosen value is the present value of the field."""
        number, value = next(iter(change.values.items()))
        now: Stored
        if number == DELETED:
            now, state = int(row.deleted), row.states.get(DELETED)
        else:
            f = row.kind.by_number[number]
            now, state = row.value(f), row.state(f)
        if value == now and write.follows(state):
            row.move(number, write.state())
        conflicts.settle(self.conn, row, change, write, applied=value == now)
        self._log.note(change, "C")
