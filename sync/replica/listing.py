"""Lists the conflicts that one batch causes: values and deletions that met concurrent ones, and rows under deleted parents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import Connection, select

from db.among import among
from db.exchange import DELETED, kind_by_number
from db.mapping import table
from domain.fields import Field, Kind
from domain.values import Stored
from sync.replica import conflicts
from sync.replica.conflicts import Listed
from sync.replica.merge import State, Verdict, Write
from sync.replica.rows import Row, Rows
from sync.wire.columns import Change


class Listing:
    """The conflicts of a batch by `author`, who had read the log of `scope` up to `known`. They are written by `keep`."""

    def __init__(self, conn: Connection, rows: Rows, scope: str, known: int, author: str, others: bool | None) -> None:
        self.gone: list[tuple[Row, Write]] = []
        """The rows that the batch has deleted."""
        self._conn, self._rows = conn, rows
        self._scope, self._known, self._author = scope, known, author
        self._others = others
        self._deleted: dict[str, State] | None = None
        self._listed: list[Listed] = []

    def keep(self) -> int:
        """Write the conflicts found so far. Returns their number."""
        return conflicts.keep(self._conn, self._listed)

    def company(self) -> bool:
        """Whether others wrote to the scope after the position this batch's author had read up to. If not, nothing can conflict."""
        if self._others is None:
            self._others = conflicts.others_since(self._conn, self._scope, self._known, self._author)
        return self._others

    def deleted_lately(self) -> dict[str, State]:
        """Rows of the scope that others deleted after the position this batch's author had read up to."""
        if self._deleted is None:
            self._deleted = conflicts.deleted_since(self._conn, self._scope, self._known, self._author) if self.company() else {}
        return self._deleted

    def contested(self, row: Row, field: int) -> bool:
        """Whether a field has an open conflict."""
        return conflicts.contested(self._conn, self._listed, row, field)

    def value(self, row: Row, f: Field, base: tuple[int, Stored], value: Stored, write: Write, verdict: Verdict) -> None:
        """List a value that met a concurrent one. `base`: the entry after which the field changed, and its value if it did not."""
        state = row.state(f)
        if state is not None:
            values = (conflicts.base(self._conn, row, f.number, *base), row.value(f), value)
            self._listed.append(Listed("value", self._scope, row.kind.number, row.id, f.number, values, state, write, verdict))

    def flip(self, row: Row, was_deleted: bool, earlier: State, write: Write) -> None:
        """List a deletion and a concurrent edit, in either order."""
        values, verdict = (0, int(was_deleted), int(not was_deleted)), Verdict.WINS if was_deleted else Verdict.WAITS
        self._listed.append(Listed("deleted", self._scope, row.kind.number, row.id, DELETED, values, earlier, write, verdict))

    def parents(self, change: Change, write: Write) -> None:
        """List a row that was put under a parent which others deleted meanwhile. The row stays. A row whose new parent is itself an
        undecided conflict value is not listed."""
        deleted = self.deleted_lately()
        kind = kind_by_number(change.kind) if deleted else None
        if kind is not None and change.what in "IU":
            row = self._rows.get(change.kind, change.row_id)
            for f in kind.references():
                parent = change.values.get(f.number)
                if isinstance(parent, str) and parent in deleted and (row is None or row.value(f) == parent):
                    self._child((kind, change.row_id, f, parent), deleted[parent], write)

    def orphans(self) -> None:
        """List the children that others put under rows which this batch deleted without knowing of them. The children stay."""
        by_kind: dict[str, dict[str, Write]] = defaultdict(dict)
        for row, write in self.gone if self.company() else ():
            by_kind[row.kind.name][row.id] = write
        for name, writes in by_kind.items():
            for kind, f in conflicts.referrers(name):
                self._children(kind, f, writes)
        self.gone.clear()

    def _children(self, kind: Kind, f: Field, parents: Mapping[str, Write]) -> None:
        t = table(kind)
        living = select(t.c.id).where(among(t.c[f.name], parents), t.c.village == self._scope, t.c.deleted_at.is_(None))
        ids = self._conn.execute(living.order_by(t.c.id)).scalars().all()
        self._rows.load(kind, ids)
        for child in (self._rows.get(kind.number, i) for i in ids):
            parent, state = (child.value(f), child.state(f)) if child and not child.deleted else (None, None)
            write = parents.get(str(parent))
            if child and write and state and not write.follows(state):
                self._child((kind, child.id, f, str(parent)), state, write)

    def _child(self, child: tuple[Kind, str, Field, str], earlier: State, write: Write) -> None:
        kind, row_id, f, parent = child
        values = (None, parent, parent)
        self._listed.append(Listed("parent", self._scope, kind.number, row_id, f.number, values, earlier, write, Verdict.WINS))
