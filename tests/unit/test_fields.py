"""The one way to declare, and the conversions every reader of a declaration relies on."""

import json
import string
from datetime import date
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.conflicts import OPEN, Conflict
from domain import money, values, words
from domain.errors import FieldError
from domain.fields import KINDS, Merge, Record, declaration, field, kind_of, record
from domain.records import Attendance, Employment, LabourTrip, Person, Target, Wage
from domain.values import Type

TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=40)
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
BY_TYPE = {
    Type.TEXT: TEXTS,
    Type.SECRET: TEXTS,
    Type.YUAN: st.integers(-(10**12), 10**12),
    Type.INT: st.integers(-(2**53) + 1, 2**53 - 1),
    Type.BOOL: st.booleans(),
    Type.SET: st.frozensets(TEXTS, min_size=1, max_size=5),
    Type.IDS: st.lists(st.uuids().map(str), max_size=5).map(tuple),
    Type.ID: st.uuids().map(str),
    Type.JSON: JSONS,
    Type.DATE: DAYS.map(str),
    Type.MONTH: DAYS.map(lambda d: str(d)[:7]),
    Type.FDATE: DAYS.flatmap(lambda d: st.sampled_from([str(d), str(d)[:7], str(d)[:4]])),
}


@given(st.data())
def test_every_value_survives_the_column_and_the_wire(data) -> None:
    kind = data.draw(st.sampled_from(list(BY_TYPE)))
    value = data.draw(BY_TYPE[kind])
    stored = values.to_stored(kind, value)
    assert stored is None or isinstance(stored, str | int)
    assert values.from_stored(kind, stored) == value
    line = json.loads(json.dumps(values.to_json(kind, value)))
    assert values.from_json(kind, line) == value


@given(st.sampled_from(list(Type)), st.one_of(JSONS, st.floats(), st.binary().map(str), TEXTS))
def test_hostile_json_is_refused_with_a_sentence_never_a_crash(kind: Type, value) -> None:
    try:
        result = values.from_json(kind, value)
    except FieldError:
        result = None  # a sentence; any other exception fails the test
    assert result is None or values.from_stored(kind, values.to_stored(kind, result)) == result


@given(st.sampled_from(list(KINDS)), st.text(max_size=30))
def test_reading_any_text_gives_a_value_or_a_sentence(name: str, text: str) -> None:
    for f in KINDS[name].fields:
        refused: FieldError | None = None
        try:
            f.show(f.read(text))
        except FieldError as error:
            refused = error
        assert refused is None or f.label in str(refused)


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        (520, 52000),
        (520.5, 52050),
        ("520.50", 52050),
        ("3,800", 380000),
        ("￥12", 1200),
        ("-800", -80000),
        ("12元", 1200),
        (6100.5, 610050),
        (520.1, 52010),
    ],
)
def test_money_is_exact(written: object, fen: int) -> None:
    assert money.fen(written) == fen


@pytest.mark.parametrize(
    "written",
    ["1.005", "abc", "", True, float("nan"), float("inf"), "1e30", None, 1.001, "1,00", "1_0", ",5", "1e999999999", "NaN", "."],
)
def test_money_that_is_none_is_refused(written: object) -> None:
    with pytest.raises(FieldError):
        money.fen(written)


def test_what_is_no_number_is_not_called_too_large() -> None:
    with pytest.raises(FieldError, match="应为金额"):
        money.fen(float("nan"))


def test_a_share_rounds_halves_up_as_the_post_pay_examples_say() -> None:
    assert money.yuan_text(money.share(50000, 29, 30)) == "483.33"
    assert money.yuan_text(money.share(80000, 21, 22)) == "763.64"


def test_a_choice_is_read_as_it_is_shown_in_english_too(request) -> None:
    """A digit in the monthly check put the English word there, which was refused, and nothing was saved."""
    request.addfinalizer(partial(words.set_language, "zh"))
    words.set_language("en")
    chosen = [(field, code) for kind in KINDS.values() for field in kind.fields for code in field.choices or ()]
    wrong = [(field.name, code) for field, code in chosen if field.code_of(field.label_of(code)) != code]
    assert len(chosen) > 100 and not wrong


def test_labels_and_synonyms_become_codes() -> None:
    assert declaration(Employment.channel).read("公益岗位") == "public_post"
    assert declaration(Employment.channel).read("外出务工") == "migrant"
    assert declaration(Person.health).read("残疾、长期慢性病") == frozenset({"残疾", "长期慢性病"})
    with pytest.raises(FieldError) as caught:
        declaration(Person.relation).read("老伙计")
    assert caught.value.code == "choice"


def test_json_that_has_a_label_for_a_code_is_told_the_codes() -> None:
    """「普通劳动力」 was not among what may be written: 普通劳动力、技能劳动力……"""
    with pytest.raises(FieldError, match="可以写：ordinary、skilled"):
        Person.KIND.by_name["labour"].from_json("普通劳动力")
    with pytest.raises(FieldError, match="可以写：普通劳动力、技能劳动力"):
        Person.KIND.by_name["labour"].read("壮")


def test_what_nobody_sees_goes_wherever_text_comes_in() -> None:
    """Two names that look alike were two people, and a mark of direction turned the rest of a line round."""
    name = Person.KIND.by_name["name"]
    assert name.read("张\u202e三\ufeff") == name.from_json("\u2067张三\u2069") == "张三"
    assert declaration(Wage.paid_on).read("\u202a2023-06-05\u202c") == "2023-06-05"
    assert Person.KIND.by_name["health"].from_json(["健康\u200b"]) == {"健康"}
    assert name.from_json("\u202e") is None


@pytest.mark.parametrize(
    ("written", "kept"),
    [("230826000000", "230826"), ("230826101000", "230826101"), ("230000", "230000"), ("230826101201", "230826101201")],
)
def test_an_area_padded_to_the_length_of_a_village_is_that_area(written: str, kept: str) -> None:
    area = Target.KIND.by_name["area"]
    assert area.read(written) == area.from_json(written) == kept


def test_secrets_are_masked_and_codes_shown_as_labels() -> None:
    assert declaration(Person.id_number).show("11010519491231002X") == "**************002X"
    assert declaration(Person.id_number).show("11010519491231002X", plain=True) == "11010519491231002X"
    assert declaration(Wage.amount).show(-80050) == "-800.50"
    assert declaration(Wage.amount).show(123456789) == "1,234,567.89"
    assert declaration(Employment.place).show("210200").startswith("辽宁省")


def test_a_record_is_a_plain_object_and_says_what_is_missing() -> None:
    with pytest.raises(TypeError, match="missing"):
        Person(id="1", village="230826101202", name="张三")  # type: ignore[call-arg]
    trip = LabourTrip(id="1", village="230826101202", on="2023-01-05", **{"from": "230826"})
    assert trip.from_ == "230826"
    assert "张" not in repr(Person(id="1", village="2", name="张三", document="other", id_number="x", labour="none"))


def test_a_wrong_declaration_is_refused_at_once() -> None:
    with pytest.raises(TypeError):

        @record(2, "同号", group="people")
        class Twin(Record):
            name: str = field(1, "名")

    with pytest.raises(TypeError):

        @record(9999, "同字段号", group="people")
        class Doubled(Record):
            one: str = field(1, "一")
            two: str = field(1, "二")

    assert "twin" not in KINDS


def test_merge_classes_follow_the_contract() -> None:
    review = {(k.name, f.name) for k in KINDS.values() for f in k.fields if f.merge is Merge.REVIEW}
    for expected in [
        ("person", "id_number"),
        ("person", "name"),
        ("person", "bank_account"),
        ("person", "payee_relation"),
        ("post", "standard"),
    ]:
        assert expected in review
    assert {n for k, n in review if k == "recognition"} == {f.name for f in KINDS["recognition"].fields}
    assert {n for k, n in review if k == "employment"} >= {"contract", "contract_start", "contract_end", "start", "end", "monthly_wage"}
    for free in [("person", "phone"), ("person", "note"), ("household", "address"), ("course", "title")]:
        assert free not in review
    assert {k.name for k in KINDS.values() if k.append_only} == {"wage", "claim_step", "payment", "post_pay"}


def test_natural_keys_are_those_of_the_contract() -> None:
    keyed = {k.name for k in KINDS.values() if k.key}
    assert {"monthly_check", "attendance", "travel", "enrolment", "post_pay", "work_training"} <= keyed


def test_labels_hold_no_stray_ascii() -> None:
    for kind in KINDS.values():
        for f in kind.fields:
            assert not set(f.label) & set(string.ascii_letters), (kind.name, f.name)
    assert kind_of("person").by_name["name"].label == "姓名"


def test_attendance_is_told_in_words_and_written_in_its_letters() -> None:
    marks = declaration(Attendance.marks)
    assert marks.show("PPPSSLAR--") == "出勤 3 天、病假 2 天、事假 1 天、旷工 1 天、休 1 天"
    assert (marks.show("----"), marks.show("P?"), marks.show(None)) == ("没有出勤", "P?", "")
    assert marks.show("PP-", plain=True) == "PP-"


@pytest.mark.parametrize(("mine", "theirs", "shown"), [("PP-", "P--", ["出勤 2 天", "出勤 1 天"]), ("PP-", "P-P", ["PP-", "P-P"])])
def test_attendances_of_as_many_days_are_told_apart(mine: str, theirs: str, shown: list[str]) -> None:
    found = Conflict("", "value", "attendance", "", "marks", mine, theirs, None, "", "", OPEN, "", declaration(Attendance.marks))
    assert [found.show(mine), found.show(theirs)] == shown


def test_a_line_break_pasted_into_what_has_one_line_is_a_space() -> None:
    """Two cells or a chat message pasted into 姓名 were kept with their break, and found, sorted and exported as nobody saw them."""
    read = Person.KIND.by_name
    assert read["name"].read("张\r\n三\t") == "张 三"
    assert read["bank_account"].read("6228\n4800") == "6228 4800"
    note = next(one for one in read.values() if one.multiline)
    assert note.read("第一行\n第二行") == "第一行\n第二行"


def test_a_verdict_in_a_claims_grounds_is_shown_in_its_own_words() -> None:
    """History showed it as a program writes it."""
    facts = KINDS["claim"].by_name["facts"]
    assert (
        facts.show({"reasons": [{"met": True, "text": "是脱贫人口"}, {"met": True, "text": "满 3 个月"}], "amount": 1})
        == "是脱贫人口；满 3 个月"
    )
    assert facts.show({"reasons": 7}) == "{'reasons': 7}"
