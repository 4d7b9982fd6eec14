"""Add contents of attachments."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "content",
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("sent_at", TEXT),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_content")),
    )
    op.create_table(
        "content_piece",
        sa.Column("source", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("start", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source", "sha256", "start", name=op.f("pk_content_piece")),
    )
    op.create_table(
        "content_wanted",
        sa.Column("sha256", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_content_wanted")),
    )
    op.create_index("ix_attachment_sha256", "attachment", ["sha256"], unique=False)
