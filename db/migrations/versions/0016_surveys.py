"""Add surveys."""

import sqlalchemy as sa
from alembic import context, op

revision = "0016"
down_revision = "0015"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger()
Columns = dict[str, sa.types.TypeEngine[str] | sa.types.TypeEngine[int]]
SYSTEM = ("created_at", "created_by", "updated_at", "updated_by", "deleted_at")
TABLES: dict[str, Columns] = {
    "survey": {"title": TEXT, "about": TEXT, "due": TEXT, "note": TEXT, "closed_on": TEXT},
    "survey_item": {"survey_id": TEXT, "label": TEXT, "type": TEXT, "choices": TEXT, "position": NUMBER, "optional": NUMBER},
    "survey_answer": {"item_id": TEXT, "person_id": TEXT, "value": TEXT},
}
SEARCHED = {"survey": ("pinyin", "initials")}
REFERRING = {"survey_item": ("survey_id",), "survey_answer": ("item_id", "person_id")}


def upgrade() -> None:
    for name, columns in TABLES.items():
        own: Columns = {**columns, "seq": NUMBER, "author": TEXT, **dict.fromkeys(SEARCHED.get(name, ()), TEXT)}
        op.create_table(
            name,
            sa.Column("id", TEXT, nullable=False),
            sa.Column("village", TEXT, nullable=False),
            *(sa.Column(column, TEXT, nullable=True) for column in SYSTEM),
            *(sa.Column(column, type, nullable=True) for column, type in own.items()),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        )
        op.create_index(f"ix_{name}_village", name, ["village"])
    for name, references in REFERRING.items():
        for column in references:
            op.create_index(f"ix_{name}_{column}", name, [column, "deleted_at"])
    if not context.config.attributes["county"]:
        where = sa.text("deleted_at IS NULL")
        op.create_index("ix_survey_pinyin", "survey", ["pinyin", "id", "deleted_at"], sqlite_where=where, postgresql_where=where)
        op.create_index("ix_survey_initials", "survey", ["initials"], sqlite_where=where, postgresql_where=where)
        # what is half typed in 台账 is kept as that of every other form
        op.execute("UPDATE draft SET form = 'form:' || form, \"values\" = json_object('0', json(\"values\")) WHERE form LIKE 'ledger:%'")
