"""Add household income."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "household_income",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("village", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=True),
        sa.Column("created_by", TEXT, nullable=True),
        sa.Column("updated_at", TEXT, nullable=True),
        sa.Column("updated_by", TEXT, nullable=True),
        sa.Column("deleted_at", TEXT, nullable=True),
        sa.Column("household_id", TEXT, nullable=True),
        sa.Column("start", TEXT, nullable=True),
        sa.Column("end", TEXT, nullable=True),
        sa.Column("persons", sa.BigInteger(), nullable=True),
        sa.Column("wages", sa.BigInteger(), nullable=True),
        sa.Column("business", sa.BigInteger(), nullable=True),
        sa.Column("costs", sa.BigInteger(), nullable=True),
        sa.Column("property", sa.BigInteger(), nullable=True),
        sa.Column("transfers", sa.BigInteger(), nullable=True),
        sa.Column("by", TEXT, nullable=True),
        sa.Column("note", TEXT, nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("author", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_income")),
    )
    op.create_index("ix_household_income_household_id", "household_income", ["household_id", "deleted_at"], unique=False)
    op.create_index("ix_household_income_village", "household_income", ["village"], unique=False)
