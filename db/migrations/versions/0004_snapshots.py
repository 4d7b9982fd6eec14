"""Add snapshots, sums of the state and detected differences."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TYPES: dict[str, sa.types.TypeEngine[Any]] = {"": TEXT, "int": sa.Integer(), "big": sa.BigInteger(), "bytes": sa.LargeBinary()}


def upgrade() -> None:
    _make_table("snapshot", "scope! seq:big! manifest:bytes signature:bytes installed:int")
    _make_table("snapshot_piece", "scope! seq:big! number:int! body:bytes")
    _make_table("state_sum", "scope! schema:int! seq:big sums")
    _make_table("difference", "id:int! at station scope kind:int seq:big mended:int", counted=True)


def _make_table(name: str, columns: str, *, counted: bool = False) -> None:
    """`columns` as in the first migration."""
    parts = [(word.rstrip("!?").partition(":"), word[-1]) for word in columns.split()]
    op.create_table(
        name,
        *(sa.Column(column, TYPES[type_], nullable=mark == "?") for (column, _, type_), mark in parts),
        sa.PrimaryKeyConstraint(*(column for (column, *_), mark in parts if mark == "!"), name=op.f(f"pk_{name}")),
        sqlite_autoincrement=counted,
    )
