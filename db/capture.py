"""The change log: triggers that log each change in the transaction that makes it, whatever statement made it (stations only).

An `op` holds the values *before* the change. The value an op wrote to a field is the old value in that row's next op on the field, or else
the row's present value (`db.changes.row_steps`), so inserts need no copy of their values.

`control` is a single row that says who writes (`user`, `at`, `act`, `salt`), set inside the transaction. While it is unset, `op.by` would
be NULL and the statement fails, so no change goes unattributed. `quiet` is set while changes of others are applied; it refers to the empty
table `never` by a deferred foreign key, so a transaction that forgets to reset it fails at COMMIT.
"""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Connection, ForeignKey, Index, Integer, Table

from db.mapping import TEXT, metadata, program_table
from domain.fields import KINDS, Kind

never = program_table("never", "id:int!")

control = Table(
    "control",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("act", BigInteger),
    Column("user", TEXT),
    Column("at", TEXT),
    Column("salt", TEXT),
    Column("quiet", Integer, ForeignKey("never.id", deferrable=True, initially="DEFERRED")),
)

act = program_table("act", "id:int! at by label undone_by:big? undoes:big?", counted=True)
"""One write transaction of a user, the unit of undo. Imports are acts too."""

op = program_table("op", "seq:int! act:big? kind:int row_id what mask:big old? by at salt? batch:big? author? entry:big?", counted=True)
"""`what`: I insert, U update, D delete, R undelete, C settle a conflict. `batch`: number in the outbox once sealed. `author`: author of
a change made elsewhere. `entry`: county sequence number, NULL until acknowledged; it orders a row's history."""


class Op(NamedTuple):
    """A row of `op` for bulk reading: an attribute of SQLAlchemy's rows takes twenty times as long."""

    seq: int
    act: int | None
    kind: int
    row_id: str
    what: str
    mask: int
    old: str | None
    by: str
    at: str
    salt: str
    batch: int | None
    author: str | None
    entry: int | None


Index("ix_op_row", op.c.row_id, op.c.seq)
Index("ix_op_act", op.c.act, sqlite_where=op.c.act.is_not(None))  # only changes made here have an act
UNACKNOWLEDGED = op.c.author.is_(None) & op.c.entry.is_(None)
"""Condition: a change made here that is not yet in the county's log."""
Index("ix_op_pending", op.c.batch, op.c.seq, sqlite_where=UNACKNOWLEDGED)

view_log = program_table("view_log", "id:int! at by what reason", counted=True)
"""Who looked at unmasked data, at what, and why."""

_QUIET = "(SELECT quiet FROM control) IS NULL"
_WHO = '(SELECT "user" FROM control)'
_WHEN = "(SELECT at FROM control)"
_LOG = (
    'INSERT INTO op(act, kind, row_id, what, mask, old, "by", at, salt) '
    'SELECT act, {kind}, NEW.id, {what}, {mask}, {old}, "user", at, salt FROM control;'
)


def install(conn: Connection) -> None:
    """Create the control row and every trigger, replacing existing ones."""
    remove(conn)
    conn.exec_driver_sql("INSERT OR IGNORE INTO control(id) VALUES (1)")
    for kind in KINDS.values():
        for statement in triggers(kind):
            conn.exec_driver_sql(statement)


def remove(conn: Connection, kind: Kind | None = None) -> None:
    """Drop the capture triggers of one kind, or all of them, as an upgrade does before it changes tables."""
    names = conn.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'capture%' AND tbl_name = coalesce(?, tbl_name)",
        (kind and kind.name,),
    )
    for name in names.scalars().all():
        conn.exec_driver_sql(f'DROP TRIGGER "{name}"')


def triggers(kind: Kind) -> Iterator[str]:
    """The trigger statements of one kind."""
    t = kind.name
    columns = ", ".join(_q(f.name) for f in kind.fields)
    changed = " OR ".join(f"OLD.{_q(f.name)} IS NOT NEW.{_q(f.name)}" for f in kind.fields)
    log = _LOG.replace("{kind}", str(kind.number))
    insert = log.format(what="'I'", mask=0, old="NULL")
    update = log.format(what="'U'", mask=_mask(kind), old=_old(kind))
    flip = log.format(what="CASE WHEN NEW.deleted_at IS NULL THEN 'R' ELSE 'D' END", mask=0, old="NULL")
    stamp = f"updated_at = {_WHEN}, updated_by = {_WHO}"
    stale = f"(NEW.updated_at IS NOT {_WHEN} OR NEW.updated_by IS NOT {_WHO})"

    yield f"CREATE TRIGGER capture_insert_{t} AFTER INSERT ON {t} WHEN {_QUIET} BEGIN {insert} END"
    yield (
        f"CREATE TRIGGER capture_stamp_{t} AFTER INSERT ON {t} WHEN {_QUIET} AND {stale} BEGIN "
        f"UPDATE {t} SET created_at = {_WHEN}, created_by = {_WHO}, {stamp} WHERE id = NEW.id; END"
    )
    touch = f"UPDATE {t} SET {stamp} WHERE id = NEW.id AND {stale};"
    yield f"CREATE TRIGGER capture_update_{t} AFTER UPDATE OF {columns} ON {t} WHEN {_QUIET} AND ({changed}) BEGIN {update} {touch} END"
    yield (
        f"CREATE TRIGGER capture_delete_{t} AFTER UPDATE OF deleted_at ON {t} "
        f"WHEN {_QUIET} AND (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL) BEGIN {flip} {touch} END"
    )
    moved = "(OLD.id IS NOT NEW.id OR OLD.village IS NOT NEW.village)"
    yield (
        f"CREATE TRIGGER capture_identity_{t} BEFORE UPDATE OF id, village ON {t} WHEN {_QUIET} AND {moved} "
        "BEGIN SELECT RAISE(ABORT, 'id and village are never edited'); END"
    )
    yield (
        f"CREATE TRIGGER capture_erase_{t} BEFORE DELETE ON {t} WHEN {_QUIET} BEGIN SELECT RAISE(ABORT, 'records are deleted softly'); END"
    )


def _mask(kind: Kind) -> str:
    # each shift in parentheses, because << and | have equal precedence in SQLite
    return " | ".join(f"((OLD.{_q(f.name)} IS NOT NEW.{_q(f.name)}) << {f.number - 1})" for f in kind.fields)


def _old(kind: Kind) -> str:
    pairs = ", ".join(f"'{f.number}', CASE WHEN OLD.{n} IS NOT NEW.{n} THEN OLD.{n} END" for f in kind.fields for n in (_q(f.name),))
    return f"json_patch('{{}}', json_object({pairs}))"  # the patch drops NULLs: bit set and key absent means it was NULL


def _q(name: str) -> str:
    return f'"{name}"'
