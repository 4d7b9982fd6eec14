"""Applies a sequenced batch to the tables. The same code runs at the county, which decides what is refused, and on every station.

Insertions of rows nobody has and plain edits (`sync.replica.plain_edits`) go in by columns. Everything else is merged row by row
(`sync.replica.merge`). Replaced values go to the change log (`sync.replica.log`), in county order, so that history is the same everywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter

from sqlalchemy import Connection, select

from db.among import among
from db.exchange import DELETED, LAST, field_state, kind_by_number
from db.mapping import insert_columns, table, upsert_many
from db.search import search_lists
from domain.fields import Field, Kind
from domain.values import Stored
from sync.replica import change_ids, conflicts, erased_rows, plain_edits
from sync.replica.conflicts import Listed
from sync.replica.known_fields import problems
from sync.replica.log import Log, Placed, hold
from sync.replica.merge import State, Verdict, Write, decide, latest, rule_of
from sync.replica.moved_rows import leave_or_enter
from sync.replica.rows import Key, Row, Rows, new_row, written
from sync.wire.columns import Change, Group
from sync.wire.envelope import Batch, author

UNREADABLE = "unreadable"
"""Reason why a whole batch is refused: only its author can read it."""


class Application:
    """One batch being applied at its position (`seq`) in the log of `scope`.

    `own`: this store made it, so its ops are in the change log already. `known`: how far its author had read, given only where the
    county knows better than the batch says.
    """

    def __init__(self, conn: Connection, batch: Batch, scope: str, seq: int, *, own: bool = False, known: int | None = None) -> None:
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
        self._listed: list[Listed] = []
        self._gone: list[tuple[Row, Write]] = []
        self._flips: dict[str, State] | None = None
        self.others: bool | None = None
        """Whether others wrote to the scope after the position its author had read up to. None until needed, unless the caller sets it."""

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
        rest: list[Placed] = []
        others: list[Group] = []
        seen: dict[int, set[str]] = defaultdict(set)
        for group in groups:
            kind = kind_by_number(group.kind)
            if group.what == "I" and kind is not None:
                rest += self._insert(kind, group, skip, seen[group.kind])
            else:
                others += group.parted([place not in skip for place in group.places])[0]
        for group in self._edit_columns(others, rest):
            rest += group.changes()
        self.changes(rest)
        self._hold(skipped)

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
        self._orphans()
        self._rows.write()
        self._log.write()
        self.conflicts += conflicts.keep(self.conn, self._listed)
        self._hold(refused)
        self.refused |= {place: why for place, _change, why in refused}

    def follow(self, groups: Sequence[Group], merged: set[Key]) -> None:
        """Record the position of own acknowledged changes that met no concurrent ones: the rows have their values already, only the
        states of the fields advance. Rows in `merged` are left out."""
        lines: list[tuple[int, tuple[Stored, ...]]] = []
        for group in groups:
            mine = group.parted([(group.kind, row_id) not in merged for row_id in group.row_ids])[0] if merged else [group]
            numbers = (*group.fields, LAST) if group.what == "U" else (DELETED, LAST)
            for part in mine if group.what != "I" else ():
                places = (place for place in part.places for _number in numbers)
                lines += zip(places, written(part, numbers, self.seq, self.author), strict=True)
            for part in mine if self._deleted_lately() else ():
                for place, change in part.changes():
                    self._check_parents(place, change)
        lines.sort(key=itemgetter(0))  # of several states of a field the last one counts
        upsert_many(self.conn, field_state, [line for _place, line in lines])
        self.conflicts += conflicts.keep(self.conn, self._listed)

    def _hold(self, refused: Sequence[tuple[int, Change, str]]) -> None:
        hold(self.conn, (self.scope, self.seq, self.author), refused)

    def _write(self, place: int, change: Change) -> Write:
        return Write(self.seq, place, self.known, self.author, change.by, change.at)

    # -- insertions by columns -----------------------------------------------------------------------------------------

    def _insert(self, kind: Kind, group: Group, skip: Mapping[int, str], seen: set[str]) -> list[Placed]:
        """Insert the rows that do not exist yet. Returns the insertions whose row exists."""
        if not skip and not seen and self._all_fresh(kind, group.row_ids):
            seen.update(group.row_ids)
            self._insert_columns(kind, group)
            return []
        t = table(kind)
        present = set(self.conn.execute(select(t.c.id).where(among(t.c.id, group.row_ids))).scalars())
        fresh, rest = [], []
        for n, row_id in enumerate(group.row_ids):
            if group.places[n] in skip:
                continue
            if row_id in present or row_id in seen:
                rest.append(n)
            else:
                seen.add(row_id)
                fresh.append(n)
        if fresh:
            self._insert_columns(kind, group.only(fresh))
        return list(group.only(rest).changes()) if rest else []

    def _all_fresh(self, kind: Kind, row_ids: Sequence[str]) -> bool:
        """Whether none of these rows exists. The ids of one program run ascend, so one range query replaces thousands of look-ups."""
        t = table(kind)
        between = select(t.c.id).where(t.c.id >= min(row_ids), t.c.id <= max(row_ids)).limit(1)
        return len(set(row_ids)) == len(row_ids) and self.conn.execute(between).first() is None

    def _insert_columns(self, kind: Kind, group: Group) -> None:
        n = len(group.places)
        values = {kind.by_number[f].name: column for f, column in zip(group.fields, group.values, strict=True)}
        columns: dict[str, Sequence[Stored]] = {
            "id": group.row_ids,
            "village": [self.scope] * n,
            "seq": [self.seq] * n,
            "author": [self.author] * n,
            "created_by": group.by,
            "created_at": group.at,
            "updated_by": group.by,
            "updated_at": group.at,
        }
        insert_columns(self.conn, table(kind), columns | values | search_lists(kind, values))
        if self._deleted_lately():
            for place, change in group.changes():
                self._check_parents(place, change)

    # -- plain edits by columns ----------------------------------------------------------------------------------------

    def _edit_columns(self, groups: list[Group], others: Sequence[Placed]) -> list[Group]:
        """Make the plain edits of a batch. Returns the groups that must be merged row by row, as the `others` of the batch must."""
        if not groups or self._own or self._quoted or self._move is not None or self._company():
            return groups
        edits, rest = plain_edits.sorted_out(groups, others)
        return rest + plain_edits.edit(self.conn, (self.scope, self.seq), self.author, edits)

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
            self._check_parents(place, change)
        return problem

    def _make(self, kind: Kind, change: Change, write: Write) -> None:
        row = self._rows.add(new_row(kind, change.row_id, self.scope, change.by, change.at))
        for number, value in change.values.items():
            row.put(kind.by_number[number].name, value)
        row.put("seq", self.seq)
        row.put("author", self.author)
        self._log.note(change, "I")
        self._check_parents(write.place, change)

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
                self._list_value(row, f, value, write, verdict)
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
        if verdict is Verdict.REFUSED and conflicts.contested(self.conn, self._listed, row, f.number):
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
            self._list_flip(row, False, unseen, write)
        else:
            self._log.note(change, "D")
            row.put("deleted_at", change.at)
            row.move(DELETED, write.state())
            self._gone.append((row, write))

    def _revive(self, row: Row, write: Write) -> None:
        state = row.states.get(DELETED)
        if state is not None and not write.follows(state):
            self._list_flip(row, True, state, write)
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

    # -- listing -------------------------------------------------------------------------------------------------------

    def _list_flip(self, row: Row, was_deleted: bool, earlier: State, write: Write) -> None:
        values, verdict = (0, int(was_deleted), int(not was_deleted)), Verdict.WINS if was_deleted else Verdict.WAITS
        self._listed.append(Listed("deleted", self.scope, row.kind.number, row.id, DELETED, values, earlier, write, verdict))

    def _list_value(self, row: Row, f: Field, value: Stored, write: Write, verdict: Verdict) -> None:
        state = row.state(f)
        if state is not None:
            values = (self._base(row, f), row.value(f), value)
            self._listed.append(Listed("value", self.scope, row.kind.number, row.id, f.number, values, state, write, verdict))

    def _base(self, row: Row, f: Field) -> Stored:
        """The value of the field before the change; for a change forwarded from another scope, the value the row had on entering this
        scope."""
        known = row.columns["seq"] if self._quoted else self.known
        return conflicts.base(self.conn, row, f.number, known, row.value(f) if self._quoted else None)

    def _check_parents(self, place: int, change: Change) -> None:
        """List a row that was put under a parent which others deleted meanwhile. The row stays. A row whose new parent is itself an
        undecided conflict value is not listed."""
        flips = self._deleted_lately() if self._flips is None else self._flips
        kind = kind_by_number(change.kind) if flips else None
        if kind is not None and change.what in "IU":
            row = self._rows.get(change.kind, change.row_id)
            for f in kind.references():
                parent = change.values.get(f.number)
                if isinstance(parent, str) and parent in flips and (row is None or row.value(f) == parent):
                    self._list_child((kind, change.row_id, f, parent), flips[parent], self._write(place, change))

    def _list_child(self, child: tuple[Kind, str, Field, str], earlier: State, write: Write) -> None:
        kind, row_id, f, parent = child
        values = (None, parent, parent)
        self._listed.append(Listed("parent", self.scope, kind.number, row_id, f.number, values, earlier, write, Verdict.WINS))

    def _orphans(self) -> None:
        """List the children that others put under rows which this batch deleted without knowing of them. The children stay."""
        by_kind: dict[str, dict[str, Write]] = defaultdict(dict)
        for row, write in self._gone if self._company() else ():
            by_kind[row.kind.name][row.id] = write
        for name, writes in by_kind.items():
            for kind, f in conflicts.referrers(name):
                self._list_children(kind, f, writes)
        self._gone.clear()

    def _list_children(self, kind: Kind, f: Field, parents: Mapping[str, Write]) -> None:
        t = table(kind)
        living = select(t.c.id).where(among(t.c[f.name], parents), t.c.village == self.scope, t.c.deleted_at.is_(None))
        ids = self.conn.execute(living.order_by(t.c.id)).scalars().all()
        self._rows.load(kind, ids)
        for child in (self._rows.get(kind.number, i) for i in ids):
            parent, state = (child.value(f), child.state(f)) if child and not child.deleted else (None, None)
            write = parents.get(str(parent))
            if child and write and state and not write.follows(state):
                self._list_child((kind, child.id, f, str(parent)), state, write)

    def _company(self) -> bool:
        """Whether others wrote to the scope after the position this batch's author had read up to. If not, nothing can conflict."""
        if self.others is None:
            self.others = conflicts.others_since(self.conn, self.scope, self.known, self.author)
        return self.others

    def _deleted_lately(self) -> dict[str, State]:
        """Rows of the scope that others deleted after the position this batch's author had read up to."""
        if self._flips is None:
            self._flips = conflicts.deleted_since(self.conn, self.scope, self.known, self.author) if self._company() else {}
        return self._flips
