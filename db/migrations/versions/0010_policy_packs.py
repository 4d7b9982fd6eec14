"""Add policy packs as records."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "policy_pack",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("village", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=True),
        sa.Column("created_by", TEXT, nullable=True),
        sa.Column("updated_at", TEXT, nullable=True),
        sa.Column("updated_by", TEXT, nullable=True),
        sa.Column("deleted_at", TEXT, nullable=True),
        sa.Column("pack", TEXT, nullable=True),
        sa.Column("version", TEXT, nullable=True),
        sa.Column("content", TEXT, nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("author", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_pack")),
    )
    op.create_index("ix_policy_pack_village", "policy_pack", ["village"], unique=False)
