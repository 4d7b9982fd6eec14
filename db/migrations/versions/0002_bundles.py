"""USB bundles"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TYPES: dict[str, sa.types.TypeEngine[Any]] = {"": TEXT, "int": sa.Integer(), "big": sa.BigInteger(), "bytes": sa.LargeBinary()}


def upgrade() -> None:
    _make_table(
        "bundle",
        "id:int! sha256:bytes kind station scope incarnation:int last:big records:big written_at noted_at body:bytes? relayed_by? "
        "relayed_at? answered_at? answer:bytes? problem?",
        counted=True,
    )
    op.create_index("ix_bundle_sha256", "bundle", ["sha256"], unique=True)
    _make_table("ahead", "log! number:big! body:bytes at")


def _make_table(name: str, columns: str, *, counted: bool = False) -> None:
    """`columns` as in the first migration."""
    parts = [(word.rstrip("!?").partition(":"), word[-1]) for word in columns.split()]
    op.create_table(
        name,
        *(sa.Column(column, TYPES[type_], nullable=mark == "?") for (column, _, type_), mark in parts),
        sa.PrimaryKeyConstraint(*(column for (column, *_), mark in parts if mark == "!"), name=op.f(f"pk_{name}")),
        sqlite_autoincrement=counted,
    )
