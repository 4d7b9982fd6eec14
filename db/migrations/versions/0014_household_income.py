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
        *(sa.Column(text, TEXT) for text in ("created_at", "created_by", "updated_at", "updated_by", "deleted_at")),
        *(sa.Column(text, TEXT) for text in ("household_id", "start", "end")),
        *(sa.Column(number, sa.BigInteger()) for number in ("persons", "wages", "business", "costs", "property", "transfers")),
        *(sa.Column(text, TEXT) for text in ("by", "note")),
        sa.Column("seq", sa.BigInteger()),
        sa.Column("author", TEXT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_income")),
    )
    op.create_index("ix_household_income_household_id", "household_income", ["household_id", "deleted_at"], unique=False)
    op.create_index("ix_household_income_village", "household_income", ["village"], unique=False)
