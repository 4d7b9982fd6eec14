"""Add the county's signed times of arrival, and the scopes that sent a content."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "arrival",
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "seq", name=op.f("pk_arrival")),
    )
    op.create_table(
        "content_from",
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", "scope", name=op.f("pk_content_from")),
    )
    # who sent what is here is not known any more: whoever could read it goes on reading it
    op.execute(
        "INSERT INTO content_from (sha256, scope) "
        "SELECT DISTINCT sha256, village FROM attachment WHERE sha256 IN (SELECT sha256 FROM content)"
    )
