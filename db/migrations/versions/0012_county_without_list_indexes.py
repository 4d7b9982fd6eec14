"""Drop the county's indexes for lists."""

from alembic import context, op

revision = "0012"
down_revision = "0011"

LISTED = {
    "labour_brand": ("pinyin", "initials"),
    "relief_project": ("pinyin", "initials"),
    "mentor": ("pinyin", "initials", "phone_tail"),
    "service_station": ("pinyin", "initials", "phone_tail"),
    "job_fair": ("pinyin", "initials"),
    "industry_project": ("pinyin", "initials"),
    "attachment": ("pinyin", "initials"),
    "household": ("phone_tail", "group"),
    "person": ("pinyin", "initials", "id_tail", "phone_tail", "birth"),
    "post": ("pinyin", "initials"),
    "vacancy": ("pinyin", "initials"),
    "course": ("pinyin", "initials"),
    "employer": ("pinyin", "initials", "phone_tail"),
}


def upgrade() -> None:
    # a county that is new is made without them, and one that was upgraded by every step has those made before
    if context.config.attributes["county"]:
        for table, columns in LISTED.items():
            for column in columns:
                op.drop_index(f"ix_{table}_{column}", table, if_exists=True)
