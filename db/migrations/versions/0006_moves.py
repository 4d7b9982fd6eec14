"""Add the stubs of rows that left a scope."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "moved",
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("kind", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("row_id", TEXT, nullable=False),
        sa.Column("entered", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=True),
        sa.Column("states", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("scope", "kind", "row_id", name=op.f("pk_moved")),
    )
