"""Add the months of a claim."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    # in its declared place, so that a migrated store equals a fresh one; SQLite has to write the table anew for that
    sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("claim", recreate="always" if sqlite else "never") as claim:
        claim.add_column(sa.Column("months", TEXT, nullable=True), insert_after="missing" if sqlite else None)
