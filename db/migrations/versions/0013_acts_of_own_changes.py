"""the index of acts leaves out the changes of others, which have none"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.drop_index("ix_op_act", "op")
    mine = sa.text("act IS NOT NULL")
    op.create_index("ix_op_act", "op", ["act"], sqlite_where=mine, postgresql_where=mine)
