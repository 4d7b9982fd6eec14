"""Add lineages (a token for every copy of a station's data) and the ids of the changes in the county's log."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "lineage",
        sa.Column("station", TEXT, nullable=False),
        sa.Column("incarnation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", TEXT, nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("previous_token", sa.LargeBinary(), nullable=True),
        sa.Column("rival", sa.LargeBinary(), nullable=True),
        sa.Column("rival_base", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("station", "incarnation", name=op.f("pk_lineage")),
    )
    op.create_table(
        "change_run",
        sa.Column("station", TEXT, nullable=False),
        sa.Column("salt", TEXT, nullable=False),
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("station", "salt", "first", name=op.f("pk_change_run")),
    )
    op.execute(
        "INSERT INTO lineage (station, incarnation, since, token, previous_token) "
        "SELECT station, incarnation, enrolled_at, token, previous_token FROM device"
    )
    for column in ("incarnation", "token", "previous_token"):
        op.drop_column("device", column)
