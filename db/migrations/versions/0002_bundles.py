"""USB bundles"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "bundle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("station", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("incarnation", sa.Integer(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("written_at", TEXT, nullable=False),
        sa.Column("noted_at", TEXT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("relayed_by", TEXT, nullable=True),
        sa.Column("relayed_at", TEXT, nullable=True),
        sa.Column("answered_at", TEXT, nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("problem", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundle")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bundle_sha256", "bundle", ["sha256"], unique=True)
    op.create_table(
        "ahead",
        sa.Column("log", TEXT, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("log", "number", name=op.f("pk_ahead")),
    )
