"""Add the account that a payment was made to."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    # in their declared place, so that a migrated store equals a fresh one; SQLite has to write the table anew for that
    sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("payment", recreate="always" if sqlite else "never") as payment:
        for name, before in (("payee", "reason"), ("bank_name", "payee"), ("account", "bank_name")):
            payment.add_column(sa.Column(name, TEXT, nullable=True), insert_after=before if sqlite else None)
