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
        *(sa.Column(text, TEXT) for text in ("created_at", "created_by", "updated_at", "updated_by", "deleted_at")),
        *(sa.Column(text, TEXT) for text in ("pack", "version", "content")),
        sa.Column("seq", sa.BigInteger()),
        sa.Column("author", TEXT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_pack")),
    )
    op.create_index("ix_policy_pack_village", "policy_pack", ["village"], unique=False)
