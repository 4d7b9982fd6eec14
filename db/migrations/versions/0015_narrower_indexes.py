"""Drop ids from the look-up indexes, and rows without a reference from the reference indexes."""

import sqlalchemy as sa
from alembic import context, op

revision = "0015"
down_revision = "0014"

LOOKED_UP = {
    "labour_brand": ("initials",),
    "relief_project": ("initials",),
    "mentor": ("initials", "phone_tail"),
    "service_station": ("initials", "phone_tail"),
    "job_fair": ("initials",),
    "industry_project": ("initials",),
    "attachment": ("initials",),
    "household": ("phone_tail",),
    "person": ("initials", "id_tail", "phone_tail"),
    "post": ("initials",),
    "vacancy": ("initials",),
    "course": ("initials",),
    "employer": ("initials", "phone_tail"),
}
REFERRING = {
    "industry_project": ("employer_id",),
    "policy_lead": ("employer_id", "person_id"),
    "claim": ("employer_id", "person_id"),
    "notice": ("claims",),
    "household": ("head_id",),
    "person": ("merged_into",),
    "household_business": ("operator_id",),
    "visit": ("person_id",),
    "violation": ("appointment_id", "claim_id"),
    "service": ("course_id", "vacancy_id"),
    "course": ("organiser_id",),
    "employment": ("employer_id",),
}


def upgrade() -> None:
    if not context.config.attributes["county"]:
        for table, columns in LOOKED_UP.items():
            for column in columns:
                _again(table, [column], "deleted_at IS NULL")
    for table, columns in REFERRING.items():
        for column in columns:
            _again(table, [column, "deleted_at"], f"{column} IS NOT NULL")


def _again(table: str, columns: list[str], where: str) -> None:
    name = f"ix_{table}_{columns[0]}"
    op.drop_index(name, table)
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
