"""Add snapshots, sums of the state and detected differences."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "snapshot",
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("installed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "seq", name=op.f("pk_snapshot")),
    )
    op.create_table(
        "snapshot_piece",
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "seq", "number", name=op.f("pk_snapshot_piece")),
    )
    op.create_table(
        "state_sum",
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("schema", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("sums", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("scope", "schema", name=op.f("pk_state_sum")),
    )
    op.create_table(
        "difference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("station", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("mended", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_difference")),
        sqlite_autoincrement=True,
    )
