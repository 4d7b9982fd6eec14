"""Leave changes of others, which have no act, out of the index of acts."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.drop_index("ix_op_act", "op")
    mine = sa.text("act IS NOT NULL")
    op.create_index("ix_op_act", "op", ["act"], sqlite_where=mine, postgresql_where=mine)
