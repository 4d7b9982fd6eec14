"""Add the list of rows erased by rule."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "erased",
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("kind", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("row_id", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("fields", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("scope", "kind", "row_id", name=op.f("pk_erased")),
    )
    op.create_index("ix_erased_row", "erased", ["row_id"], unique=False)
