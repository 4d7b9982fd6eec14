"""first release"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

RECORDS = {
    "agreement": "appointment_id* type number start end signed_on",
    "appointment": "post_id* person_id* start exit_on exit_reason",
    "assessment": "appointment_id* period score:int opinion",
    "attachment": "record_id name media_type sha256 size:int | pinyin initials",
    "attendance": "appointment_id* month marks days:int confirmed_by",
    "category_span": "person_id* category start end risks exit_kind source",
    "claim": "rule pack pack_version person_id* employer_id* record_id year:int outcome amount:int facts filed_on payee missing",
    "claim_step": "claim_id* to_state by at opinion",
    "course": "title trade level type organiser_id* hours:int start end place seats:int free:int | pinyin initials",
    "district_flag": "area start end quota_factor:int",
    "employer": "name uscc type place head phone business functions fee_relief state | pinyin initials phone_tail",
    "employment": (
        "person_id* employer_id* employer_name channel place address industry job start end organised:int point_to_point:int "
        "contract contract_start contract_end open_ended:int insured monthly_wage:int proofs end_reason"
    ),
    "enrolment": "course_id* person_id* days_present:int days_total:int outcome score:int certificate certified_on",
    "finding": "code record_id due state reason by closed_on",
    "household": "number address group* phone head_id* note | phone_tail",
    "household_business": "household_id* operator_id* business start end",
    "industry_project": "name employer_id* area jobs:int poor_jobs:int | pinyin initials",
    "insurance": "appointment_id* insurer policy_number premium:int start end",
    "job_fair": "name on place attended:int hired:int | pinyin initials",
    "job_wish": "person_id* opened_on closed_on close_reason trades areas wage_min:int needs skills",
    "labour_brand": "name industry area level county_flagship:int people:int | pinyin initials",
    "labour_trip": "number from to on way organiser note",
    "mentor": "name field phone | pinyin initials phone_tail",
    "monitor_line": "area year:int amount:int",
    "monthly_check": "person_id* month status place income:int method by",
    "notice": "level start days:int day_kind place phone claims* result",
    "objection": "notice_id* on content handled result",
    "odd_job": "person_id* on employer_name job pay:int",
    "park_figure": "employer_id* year:int tenants:int incubated:int jobs:int",
    "payment": "claim_id* amount:int fund budget_number paid_on bank_result reason",
    "person": (
        "household_id* number name document id_number* original_number sex birth* nation relation education school_state health "
        "labour political phone bank_name bank_account payee_relation died_on residence acting_for merged_into* note | pinyin "
        "initials id_tail phone_tail"
    ),
    "piecework_lot": "employment_id* issued_on returned_on item quantity:int unit_price:int",
    "placement": "agency_id* person_id* employer_id* on organised:int contract contract_start contract_end open_ended:int",
    "policy_lead": "person_id* employer_id* policy state asked_on",
    "post": "name type quota:int developer user_unit fund standard:int required_days:int | pinyin initials",
    "post_candidate": "post_id* person_id* applied_on rank_reason result",
    "post_pay": "appointment_id* month amount:int paid_on",
    "recognition": "employer_id* type number start end",
    "relief_project": "name total:int wage_budget:int start end | pinyin initials",
    "relief_work": "project_id* person_id* days:int paid:int on",
    "rights_issue": "person_id* type on handled closed_on",
    "schooling": "person_id* school stage grade:int term term_start state",
    "service": "person_id* type on vacancy_id* course_id* result by",
    "service_station": "name type area head phone | pinyin initials phone_tail",
    "startup": "person_id* type licence start end jobs:int",
    "station_volume": "station_id* month visits:int served:int",
    "target": "year:int area indicator value:int",
    "travel": "person_id* year:int outward:int homeward:int way promise:int",
    "trip_member": "trip_id* person_id*",
    "vacancy": (
        "employer_id* title trade place headcount:int wage_min:int wage_max:int requires age_max:int environment:int expires_on "
        "| pinyin initials"
    ),
    "violation": "appointment_id* claim_id* found_on finding handled closed_on",
    "visit": "household_id* person_id* on by content need",
    "wage": "employment_id* month paid_on amount:int pay_way proof:int",
    "work_training": "employer_id* person_id* month days:int record:int",
}
"""The tables of record kinds: fields, text unless said, a * behind those with an index; behind the bar the columns they are searched by."""

LISTED = ("birth", "group", "pinyin", "initials", "id_tail", "phone_tail")
"""Columns that lists are sorted or searched by."""

COVERED: dict[tuple[str, str], tuple[str, ...]] = {
    ("appointment", "person_id"): ("start", "exit_on"),
    ("category_span", "person_id"): ("category", "start", "end"),
    ("employment", "person_id"): ("start", "end", "channel", "place", "employer_id", "village"),
    ("monthly_check", "person_id"): ("month", "status"),
    ("person", "household_id"): ("id", "merged_into"),
    ("person", "birth"): ("merged_into",),
    ("person", "pinyin"): ("name", "labour", "sex", "birth", "household_id", "village", "died_on", "school_state", "merged_into"),
}
"""Columns an index carries along."""


def upgrade() -> None:
    _make_tables_of_the_program()
    for name, columns in RECORDS.items():
        fields, _, searched = columns.partition(" | ")
        _make_table_of_records(name, fields.split(), searched.split())


def _make_table_of_records(name: str, fields: Sequence[str], searched: Sequence[str]) -> None:
    columns = [field.removesuffix("*").partition(":") for field in fields]
    op.create_table(
        name,
        sa.Column("id", TEXT, nullable=False),
        sa.Column("village", TEXT, nullable=False),
        *(sa.Column(common, TEXT) for common in ("created_at", "created_by", "updated_at", "updated_by", "deleted_at")),
        *(sa.Column(field, sa.BigInteger() if type_ else TEXT) for field, _, type_ in columns),
        sa.Column("seq", sa.BigInteger()),
        sa.Column("author", TEXT),
        *(sa.Column(column, TEXT) for column in searched),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    op.create_index(f"ix_{name}_village", name, ["village"])
    for column in [*(field.removesuffix("*") for field in fields if field.endswith("*")), *searched]:
        _make_index(name, column)


def _make_index(table: str, column: str) -> None:
    alive = sa.text("deleted_at IS NULL") if column in LISTED else None
    beside = ["id", "deleted_at"] if column in LISTED else [] if column == "id_number" else ["deleted_at"]
    columns = [column, *beside, *COVERED.get((table, column), ())]
    op.create_index(f"ix_{table}_{column}", table, columns, sqlite_where=alive, postgresql_where=alive)


def _make_tables_of_the_program() -> None:
    op.create_table(
        "account",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("pin", TEXT, nullable=True),
        sa.Column("pin_failures", sa.Integer(), nullable=False),
        sa.Column("disabled_at", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_account")),
    )
    op.create_table(
        "act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("undone_by", sa.BigInteger(), nullable=True),
        sa.Column("undoes", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "conflict",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("sort", TEXT, nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("row_id", TEXT, nullable=False),
        sa.Column("field", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("base", TEXT, nullable=False),
        sa.Column("earlier", TEXT, nullable=False),
        sa.Column("earlier_author", TEXT, nullable=False),
        sa.Column("earlier_by", TEXT, nullable=False),
        sa.Column("earlier_at", TEXT, nullable=False),
        sa.Column("later", TEXT, nullable=False),
        sa.Column("later_author", TEXT, nullable=False),
        sa.Column("later_by", TEXT, nullable=False),
        sa.Column("later_at", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("settled_by", TEXT, nullable=True),
        sa.Column("settled_at", TEXT, nullable=True),
        sa.Column("settled", TEXT, nullable=True),
        sa.Column("pending", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict")),
    )
    op.create_index("ix_conflict_row", "conflict", ["row_id", "kind", "field"], unique=False)
    op.create_index("ix_conflict_state", "conflict", ["state"], unique=False)
    op.create_table(
        "cursor",
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_cursor")),
    )
    op.create_table(
        "device",
        sa.Column("station", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("seal_key", sa.LargeBinary(), nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("enrolled_at", TEXT, nullable=False),
        sa.Column("revoked_at", TEXT, nullable=True),
        sa.Column("incarnation", sa.Integer(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("previous_token", sa.LargeBinary(), nullable=True),
        sa.Column("last_sync", TEXT, nullable=True),
        sa.Column("version", TEXT, nullable=True),
        sa.Column("unsent", sa.Integer(), nullable=False),
        sa.Column("suspected", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("station", name=op.f("pk_device")),
    )
    op.create_table(
        "draft",
        sa.Column("form", TEXT, nullable=False),
        sa.Column("user", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("values", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("form", "user", name=op.f("pk_draft")),
    )
    op.create_table(
        "enrolment_code",
        sa.Column("code", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("made_at", TEXT, nullable=False),
        sa.Column("expires_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_enrolment_code")),
    )
    op.create_table(
        "entry",
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("station", TEXT, nullable=False),
        sa.Column("incarnation", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("refused", TEXT, nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("scope", "seq", name=op.f("pk_entry")),
    )
    op.create_index("ix_entry_batch", "entry", ["station", "incarnation", "number"], unique=True)
    op.create_table(
        "exchange_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("ok", sa.Integer(), nullable=False),
        sa.Column("message", TEXT, nullable=False),
        sa.Column("figures", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_log")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "field_state",
        sa.Column("kind", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("row_id", TEXT, nullable=False),
        sa.Column("field", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "row_id", "field", name=op.f("pk_field_state")),
    )
    op.create_index(
        "ix_field_state_deleted",
        "field_state",
        ["seq"],
        unique=False,
        sqlite_where=sa.text("field = 0"),
        postgresql_where=sa.text("field = 0"),
    )
    op.create_table(
        "held",
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("row_id", TEXT, nullable=False),
        sa.Column("what", TEXT, nullable=False),
        sa.Column("values", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("released_at", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("scope", "seq", "place", name=op.f("pk_held")),
    )
    op.create_table(
        "meta",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table("never", sa.Column("id", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f("pk_never")))
    op.create_table(
        "op",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("act", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("row_id", TEXT, nullable=False),
        sa.Column("what", TEXT, nullable=False),
        sa.Column("mask", sa.BigInteger(), nullable=False),
        sa.Column("old", TEXT, nullable=True),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("salt", TEXT, nullable=True),
        sa.Column("batch", sa.BigInteger(), nullable=True),
        sa.Column("author", TEXT, nullable=True),
        sa.Column("entry", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_op")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_op_act", "op", ["act"], unique=False)
    op.create_index(
        "ix_op_pending",
        "op",
        ["batch", "seq"],
        unique=False,
        sqlite_where=sa.text("author IS NULL AND entry IS NULL"),
        postgresql_where=sa.text("author IS NULL AND entry IS NULL"),
    )
    op.create_index("ix_op_row", "op", ["row_id", "seq"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("incarnation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("known", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("incarnation", "number", name=op.f("pk_outbox")),
    )
    op.create_table(
        "scope_head",
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_scope_head")),
    )
    op.create_table(
        "view_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("what", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_view_log")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "control",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("act", sa.BigInteger(), nullable=True),
        sa.Column("user", TEXT, nullable=True),
        sa.Column("at", TEXT, nullable=True),
        sa.Column("salt", TEXT, nullable=True),
        sa.Column("quiet", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["quiet"], ["never.id"], name=op.f("fk_control_quiet"), initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control")),
    )
