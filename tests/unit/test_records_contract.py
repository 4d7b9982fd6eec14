"""Kinds and field names are a contract: kinds and fields may be added, none of these may be renamed."""

import pytest

from domain.fields import KINDS

CONTRACT = """
household: number address group phone head_id note
person: household_id number name* document* id_number* original_number sex birth nation relation education school_state health labour* political phone bank_name bank_account payee_relation died_on residence acting_for merged_into note
category_span: person_id* category* start end risks exit_kind source
household_business: household_id* operator_id business* start* end
visit: household_id* person_id on* by content* need
employer: name* uscc type* place head phone business functions fee_relief state
recognition: employer_id* type* number start* end
employment: person_id* employer_id employer_name channel* place* address industry job start* end organised point_to_point contract contract_start contract_end open_ended insured monthly_wage proofs end_reason
wage: employment_id* month* paid_on* amount* pay_way proof
travel: person_id* year* outward homeward way promise
placement: agency_id* person_id* employer_id* on* organised contract contract_start* contract_end open_ended
work_training: employer_id* person_id* month* days record
monthly_check: person_id* month* status* place income method by
labour_trip: number from to on* way organiser note
trip_member: trip_id* person_id*
piecework_lot: employment_id* issued_on* returned_on item quantity unit_price
rights_issue: person_id* type* on* handled closed_on
post: name* type* quota* developer* user_unit fund* standard* required_days
post_candidate: post_id* person_id* applied_on* rank_reason result
appointment: post_id* person_id* start* exit_on exit_reason
agreement: appointment_id* type* number start* end* signed_on
insurance: appointment_id* insurer policy_number premium start* end*
attendance: appointment_id* month* marks days confirmed_by
assessment: appointment_id* period* score opinion
post_pay: appointment_id* month* amount* paid_on
violation: appointment_id claim_id found_on* finding* handled closed_on
course: title* trade* level type* organiser_id hours start* end* place seats free
enrolment: course_id* person_id* days_present days_total outcome score certificate certified_on
schooling: person_id* school* stage* grade term* term_start* state
job_wish: person_id* opened_on* closed_on close_reason trades areas wage_min needs skills
vacancy: employer_id* title* trade place* headcount* wage_min wage_max requires age_max environment expires_on
service: person_id* type* on* vacancy_id course_id result by
finding: code* record_id* due state* reason by closed_on
claim: rule* pack* pack_version* person_id employer_id record_id year* outcome* amount* facts filed_on payee missing
claim_step: claim_id* to_state* by* at* opinion
notice: level* start* days* day_kind place phone claims result
objection: notice_id* on* content* handled result
payment: claim_id* amount* fund* budget_number paid_on bank_result reason
labour_brand: name industry area level county_flagship people
relief_project: name total wage_budget start end
relief_work: project_id person_id days paid on
odd_job: person_id on employer_name job pay
startup: person_id type licence start end jobs
mentor: name field phone
park_figure: employer_id year tenants incubated jobs
service_station: name type area head phone
station_volume: station_id month visits served
job_fair: name on place attended hired
industry_project: name employer_id area jobs poor_jobs
policy_lead: person_id employer_id policy state asked_on
target: year area indicator value
district_flag: area start end quota_factor
monitor_line: area year amount
attachment: record_id name media_type sha256 size
"""  # noqa: E501
SECRETS = {
    "household": {"phone"},
    "person": {"id_number", "original_number", "phone", "bank_account"},
    "employer": {"phone"},
    "mentor": {"phone"},
    "service_station": {"phone"},
    "payment": {"account"},  # added since: where the money went
}


@pytest.mark.parametrize("line", CONTRACT.strip().splitlines())
def test_kind_has_its_fields(line: str) -> None:
    name, _, words = line.partition(": ")
    kind = KINDS[name]
    for word in words.split():
        f = kind.by_name[word.rstrip("*")]
        if word.endswith("*"):
            assert f.required, word
    starred = {word.rstrip("*") for word in words.split() if word.endswith("*")}
    if starred:  # the catalogue's kinds leave open what is required
        assert {f.name for f in kind.fields if f.required} == starred


def test_exactly_the_secrets_of_the_contract_and_what_was_added() -> None:
    found = {kind.name: {f.name for f in kind.fields if f.secret} for kind in KINDS.values() if any(f.secret for f in kind.fields)}
    assert found == SECRETS


@pytest.mark.parametrize(
    ("kind", "field", "codes"),
    [
        (
            "employment",
            "channel",
            "migrant workshop public_post enterprise flexible odd_job self_employed work_relief cooperative piecework other",
        ),
        ("employment", "contract", "labour service oral none"),
        ("employment", "proofs", "contract wage_slip bank_flow certificate promise ticket"),
        ("person", "document", "resident_id disability household_book other"),
        ("person", "labour", "ordinary skilled weak lost none"),
        ("category_span", "category", "lifted lifted_unstable marginal sudden_hardship low_income prevention_target ordinary"),
        ("category_span", "source", "import village county"),
        ("monthly_check", "status", "away workshop post flexible self school no_wish unable unemployed"),
        ("post", "type", "cleaner forest road water epidemic care patrol river greening solar assistant other"),
        ("post", "developer", "hrss agriculture forestry water transport civil_affairs disabled other"),
        ("post", "fund", "employment bridging provincial_bridging unemployment solar forest_guard collective one_case pooled other"),
        ("course", "type", "skills pre_job upgrade startup reserve practical"),
        ("schooling", "stage", "secondary_vocational higher_vocational technician high_school undergraduate"),
        ("service", "type", "guidance job training policy advice"),
        (
            "recognition",
            "type",
            "workshop community_factory satellite_factory heritage_workshop base agency_licence broker_licence park brand",
        ),
    ],
)
def test_codes_are_those_of_the_contract(kind: str, field: str, codes: str) -> None:
    assert list(KINDS[kind].by_name[field].choices or ()) == codes.split()
