"""Add chains: a fingerprint in every log entry of all entries before it."""

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("entry", sa.Column("known", sa.BigInteger(), nullable=True))
    op.add_column("entry", sa.Column("chain", sa.LargeBinary(), nullable=True))
    conn = op.get_bind()
    scope, chain, next_seq = None, b"", 1
    for row in conn.execute(sa.text("SELECT scope, seq, signature FROM entry ORDER BY scope, seq")).all():
        if row.scope != scope:
            scope, chain, next_seq = row.scope, b"", 1
        if row.seq != next_seq:  # the beginning of this log is not here: nothing can be said of it
            continue
        chain = sha256(b"cunzhan log" + chain + bytes(row.signature)).digest()[:16]
        next_seq += 1
        conn.execute(
            sa.text("UPDATE entry SET chain = :chain WHERE scope = :scope AND seq = :seq"),
            {"chain": chain, "scope": row.scope, "seq": row.seq},
        )
