"""first release"""

from collections.abc import Sequence
from typing import Any

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


TYPES: dict[str, sa.types.TypeEngine[Any]] = {"": TEXT, "int": sa.Integer(), "big": sa.BigInteger(), "bytes": sa.LargeBinary()}

PROGRAM = {
    "account": "name! role pin? pin_failures:int disabled_at?",
    "act": "id:int! at by label undone_by:big? undoes:big?",
    "conflict": (
        "id! scope sort kind:int row_id field:int seq:big place:int base earlier earlier_author earlier_by earlier_at "
        "later later_author later_by later_at state settled_by? settled_at? settled? pending?"
    ),
    "cursor": "scope! seq:big",
    "device": (
        "station! scope role key:bytes seal_key:bytes code enrolled_at revoked_at? incarnation:int token:bytes previous_token:bytes? "
        "last_sync? version? unsent:int suspected:int"
    ),
    "draft": "form! user! at values",
    "enrolment_code": "code! scope role uses:int used:int made_at expires_at",
    "entry": "scope! seq:big! station incarnation:int number:big sha256:bytes body:bytes refused signature:bytes at",
    "exchange_log": "id:int! at ok:int message figures",
    "field_state": "kind:int! row_id! field:int! seq:big author by at",
    "held": "scope! seq:big! place:int! kind:int row_id what values by at author reason released_at?",
    "meta": "key! value?",
    "never": "id:int!",
    "op": "seq:int! act:big? kind:int row_id what mask:big old? by at salt? batch:big? author? entry:big?",
    "outbox": "incarnation:int! number:big! scope known:big count:int sha256:bytes body:bytes sealed_at",
    "scope_head": "scope! seq:big",
    "view_log": "id:int! at by what reason",
    "control": "id:int! act:big? user? at? salt? quiet:int?",
}
"""The program's own tables: columns, text unless said, a ! behind those of the key, a ? behind those that may be empty."""

NEVER_USED_AGAIN = ("act", "exchange_log", "op", "view_log")
"""Tables whose ids are given once."""

INDEXES: tuple[tuple[str, str, list[str], str], ...] = (
    ("ix_conflict_row", "conflict", ["row_id", "kind", "field"], ""),
    ("ix_conflict_state", "conflict", ["state"], ""),
    ("ix_field_state_deleted", "field_state", ["seq"], "field = 0"),
    ("ix_op_act", "op", ["act"], ""),
    ("ix_op_pending", "op", ["batch", "seq"], "author IS NULL AND entry IS NULL"),
    ("ix_op_row", "op", ["row_id", "seq"], ""),
)


def upgrade() -> None:
    for name, columns in PROGRAM.items():
        _make_table_of_the_program(name, columns)
    for index, name, of, where in INDEXES:
        some = sa.text(where) if where else None
        op.create_index(index, name, of, sqlite_where=some, postgresql_where=some)
    op.create_index("ix_entry_batch", "entry", ["station", "incarnation", "number"], unique=True)
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


def _make_table_of_the_program(name: str, columns: str) -> None:
    parts = [(word.rstrip("!?").partition(":"), word[-1]) for word in columns.split()]
    never = sa.ForeignKeyConstraint(["quiet"], ["never.id"], name=op.f("fk_control_quiet"), initially="DEFERRED", deferrable=True)
    op.create_table(
        name,
        *(sa.Column(column, TYPES[type_], nullable=mark == "?") for (column, _, type_), mark in parts),
        *([never] if name == "control" else []),
        sa.PrimaryKeyConstraint(*(column for (column, *_), mark in parts if mark == "!"), name=op.f(f"pk_{name}")),
        sqlite_autoincrement=name in NEVER_USED_AGAIN,
    )
