"""Add conditions of survey questions."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    # in its declared place, so that a migrated store equals a fresh one; SQLite has to write the table anew for that
    sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("survey_item", recreate="always" if sqlite else "never") as item:
        item.add_column(sa.Column("asked_if", TEXT, nullable=True), insert_after="optional" if sqlite else None)
