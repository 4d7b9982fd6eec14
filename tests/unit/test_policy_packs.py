"""Packs: overlays, successors, signatures, and every way a pack can be bad."""

from __future__ import annotations

import pkgutil
import re
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

from domain import policy
from domain.errors import FieldError
from domain.fields import Record
from domain.policy.engine import Question, evaluate
from domain.policy.examples import run
from domain.policy.facts import read_facts
from domain.policy.leads import OF_EMPLOYERS, OF_PEOPLE, of_employer, of_person
from domain.policy.pack import Pack, PackUnusable, load
from domain.policy.packs import differences, in_force, read_setting, unset
from domain.policy.rules import KINDS
from domain.policy.verdict import Outcome
from domain.records import Employer
from domain.values import canonical_json
from services import facts as stored_facts
from services import policies
from services.employment_services import needed_by_rules
from tests.packs import head
from tests.paths import ROOT

DOC = (ROOT / "docs" / "packs.md").read_text("utf-8")
SUCCESSOR = DOC.split("```toml\n")[1].split("```")[0]
PACKS = {pack.id: pack for pack in policies.shipped()}
BASE = PACKS["HLJ-2021-16"]

CAP = '[[rules]]\nid = "R03"\nparams = {cap = "900"}\n'


def overlay(id: str = "O", base: str = "HLJ-2021-16", rules: str = CAP, **changed: str) -> Pack:
    text = head(id, base=base, start="2024-01-01")
    for name, value in changed.items():
        text = re.sub(rf"^{name} = .*$", f"{name} = {value}", text, flags=re.M)
    return load((text + rules).encode())


def facts(*records: dict[str, Any]) -> Any:
    return read_facts(canonical_json(record) for record in records)


def away(village: str = "230826101202", year: int = 2024, category: str = "lifted") -> Any:
    return facts(
        {"kind": "person", "id": "p", "name": "甲", "labour": "ordinary", "village": village},
        {"kind": "category_span", "id": "c", "person_id": "p", "category": category, "start": "2020-01-01"},
        {"kind": "employment", "id": "e", "person_id": "p", "place": "110000", "start": f"{year}-03-01", "end": f"{year}-06-30"},
    )


def judged(facts: Any, *packs: Pack, on: str = "2027-01-01", **settings: Any) -> list[tuple[str, str, int, str]]:
    found = evaluate(facts, in_force(packs), Question(on))
    return [(v.rule, v.outcome.value, v.amount, v.version) for v in found if v.rule in ("R03", "N1")]


# ---------------------------------------------------------------- docs/packs.md


def test_the_invented_successor_of_the_manual_loads_and_its_examples_pass() -> None:
    pack = load(SUCCESSOR.encode())
    assert run(pack, policies.in_use([pack])).failed == ()
    assert len(pack.examples) == 4


def test_the_overlay_of_the_manual_sets_what_its_base_lets_it() -> None:
    base, own = load(SUCCESSOR.encode()), load(DOC.split("```toml\n")[2].split("```")[0].encode())
    found = judged(away(year=2026, category="prevention_target"), base, own, BASE)
    assert ("N1", "eligible", 90_000, "1.0.0+EXAMPLE-COUNTY@1.0.0") in found
    assert sorted(own.changes) == ["N1", "N3"]


def test_the_successor_replaces_only_what_it_names_and_only_from_its_first_day() -> None:
    pack = load(SUCCESSOR.encode())
    packs = policies.in_use([pack])
    assert {p.id for p in packs} == {"EXAMPLE-2026", "HLJ-2021-16"}
    assert judged(away(year=2025), *packs) == [("N1", "not_yet", 0, "1.0.0"), ("R03", "eligible", 50_000, "1.0.0")]
    assert ("N1", "eligible", 60_000, "1.0.0") in judged(away(year=2026, category="prevention_target"), *packs)
    early = load(SUCCESSOR.replace("from = 2026-01-01", "from = 2025-01-01").encode())
    assert [v[1] for v in judged(away(year=2025), *policies.in_use([early])) if v[0] == "R03"] == ["superseded"]


def test_the_manual_names_every_kind_and_every_parameter() -> None:
    table = DOC.split("## 四")[1].split("## 五")[0]
    rows = {row.split("`")[1]: row for row in table.splitlines() if row.startswith("| `")}
    assert rows.keys() == KINDS.keys(), "docs/packs.md, section 四: a row a kind"
    for kind in KINDS.values():
        for name, param in kind.params.items():
            assert f"`{name}`" in rows[kind.name], (kind.name, name)
            if kind.name not in ("production",):
                assert (f"☆`{name}`" in rows[kind.name]) == param.optional, (kind.name, name)
            assert all(f"`{choice}`" in table for choice in param.choices)


def test_a_store_gives_rules_every_kind_they_read() -> None:
    """The examples of a pack may hold any kind; one that `services.facts` leaves out would be judged in a store as if nobody had it."""
    modules = (import_module(found.name) for found in pkgutil.walk_packages(policy.__path__, "domain.policy."))
    named = (value for module in modules for value in vars(module).values() if isinstance(value, type) and issubclass(value, Record))
    assert {cls.KIND.name for cls in named if cls is not Record} <= {*stored_facts._KINDS, stored_facts._CHECKS}, (
        "services/facts.py: add the kind"
    )


def test_the_manual_names_every_situation_of_a_lead() -> None:
    assert all(f"`{when}`" in DOC for when in (*OF_PEOPLE, *OF_EMPLOYERS))


def test_leads_of_people_and_employers() -> None:
    person = {"kind": "person", "id": "p", "name": "甲", "labour": "ordinary", "birth": "2005-01-01", "education": "初中"}
    job = {"kind": "employment", "id": "e", "person_id": "p", "employer_id": "a", "place": "230826", "channel": "flexible"}
    shop = [
        {"kind": "employer", "id": "a", "name": "园", "type": "park"},
        {"kind": "category_span", "id": "c", "person_id": "p", "category": "lifted"},
    ]

    def told(*lines: dict[str, Any], on: str = "2023-06-01") -> list[str]:
        read = facts(person, *shop, *lines)
        own = of_person(read, read.people["p"], BASE.leads, on)
        return [lead.article for lead in own + of_employer(read, read.all(Employer)[0], BASE.leads, on)]

    assert told() == ["（三十三）", "（二十）"]
    assert told({**job, "start": "2023-01-01"}) == ["（二十二）", "（八）", "（二十）"]
    ended = {**job, "start": "2022-01-01", "end": "2023-04-30", "insured": ["失业", "养老"]}
    assert told(ended) == ["（七）", "（三十一）", "（三十三）", "（二十）"]
    assert told(ended, on="2024-06-01") == ["（三十三）", "（二十）"]
    assert told({"kind": "startup", "id": "s", "person_id": "p", "start": "2023-01-01"})[0] == "（十八）"


@pytest.mark.parametrize(
    ("category", "mother", "expected"),
    [("ordinary", "ordinary", []), ("ordinary", "lifted", ["（三十三）"]), ("low_income", "ordinary", ["（三十三）"])],
)
def test_a_lead_is_for_those_the_document_speaks_of(category: str, mother: str, expected: list[str]) -> None:
    child = {
        "kind": "person",
        "id": "p",
        "name": "甲",
        "labour": "ordinary",
        "birth": "2005-01-01",
        "education": "初中",
        "household_id": "h",
    }
    other = {"kind": "person", "id": "m", "name": "乙", "labour": "ordinary", "household_id": "h"}
    worked = {
        "kind": "employment",
        "id": "e",
        "person_id": "m",
        "channel": "migrant",
        "place": "110000",
        "start": "2023-01-01",
        "end": "2023-05-01",
    }
    spans = [
        {"kind": "category_span", "id": id, "person_id": id, "category": said, "start": "2020-01-01"}
        for id, said in (("p", category), ("m", mother))
    ]
    read = facts({"kind": "household", "id": "h"}, child, other, worked, *spans)
    assert [lead.article for lead in of_person(read, read.people["p"], BASE.leads, "2023-06-01")] == expected
    lost = [lead.article for lead in of_person(read, read.people["m"], BASE.leads, "2023-06-01")]
    assert lost == (["（七）"] if mother == "lifted" else [])


# ---------------------------------------------------------------- overlays


def test_an_overlay_holds_in_its_area_and_time_and_says_so_in_the_version() -> None:
    one = overlay()
    assert judged(away(), BASE, one) == [("R03", "eligible", 90_000, "1.0.0+O@1.0.0")]
    assert judged(away(year=2023), BASE, one) == [("R03", "eligible", 50_000, "1.0.0")]
    assert judged(away("230883100200"), BASE, one) == [("R03", "eligible", 50_000, "1.0.0")]


def test_a_county_overrides_its_city_and_the_order_packs_are_given_in_does_not_matter() -> None:
    city = overlay("C", level='"city"', area='"230800"', rules='[[rules]]\nid = "R03"\nparams = {cap = "700", fare = "flat"}\n')
    county = overlay("O", "C")
    for packs in ([BASE, city, county], [county, city, BASE]):
        assert judged(away(), *packs) == [("R03", "eligible", 90_000, "1.0.0+C@1.0.0+O@1.0.0")]
        assert judged(away("230881100200"), *packs) == [("R03", "eligible", 70_000, "1.0.0+C@1.0.0")]


def test_a_county_may_promise_more_than_the_province() -> None:
    more = overlay(rules='[[rules]]\nid = "R29"\nparams = {jobs = 5}\n')
    assert needed_by_rules(in_force([BASE, more]), "230826101202", "2024-06-01") == (1, 5, 1)
    assert needed_by_rules(in_force([BASE]), "230826101202", "2023-06-01") == (1, 3, 1)


def test_a_county_that_promises_less_than_the_province_is_refused_when_it_publishes_and_not_when_it_is_read(tmp_path: Path) -> None:
    """Programs published such packs: one that was signed already stops no station's judging, and leaves what the province promises."""
    rules = '[[rules]]\nid = "R29"\nparams = {guidance = 2, jobs = 2}\n' + CAP
    less = overlay(rules=rules)
    said = "岗位信息条数」上级承诺 3"
    assert needed_by_rules(in_force([BASE, less]), "230826101202", "2024-06-01") == (2, 3, 1)
    assert judged(away(), BASE, less) == [("R03", "eligible", 90_000, "1.0.0+O@1.0.0")]
    assert [(d.rule, d.name, d.own) for d in differences(less, BASE) if d.rule == "R29"] == [("R29", "guidance", 2)]
    with pytest.raises(PackUnusable, match=said):
        run(less, [BASE, less])
    key, text = SigningKey(b"k" * 32), head(start="2024-01-01") + rules
    with pytest.raises(PackUnusable, match=said):
        policies.publish(tmp_path, text.encode(), key)
    (tmp_path / policies.FOLDER).mkdir()
    (tmp_path / policies.FOLDER / "O.toml").write_bytes(policies.sign(text.encode(), key))  # as an older program did
    other = head("P", start="2024-01-01") + CAP.replace("R03", "R15").replace("cap", "amount")
    assert policies.publish(tmp_path, other.encode(), key).id == "P"
    assert policies.publish(tmp_path, text.replace("jobs = 2", "jobs = 4").replace("1.0.0", "1.0.1").encode(), key).id == "O"


def test_a_base_and_its_overlay_are_switched_off_in_an_order_that_leaves_every_station_with_both_or_none(tmp_path: Path) -> None:
    """Stations without the base gave the overlay up, and told their clerk; whoever had published heard nothing."""
    key, whole = SigningKey(b"k" * 32), head("B", base="", title="省", level="province", area="230000", start="2024-01-01")
    whole += '[[rules]]\nid = "R"\nkind = "post"\narticle = "（一）"\nname = "岗"\nmay_change = ["age_min"]\nparams = {age_min = 16}\n'
    part = head("O", base="B", start="2024-01-01") + '[[rules]]\nid = "R"\nparams = {age_min = 18}\n'

    def publish(text: str, version: str, *, active: bool = True) -> str:
        text = text.replace('version = "1.0.0"', f'version = "{version}"\nactive = {str(active).lower()}')
        return policies.publish(tmp_path, text.encode(), key).version

    assert [publish(whole, "1.0.0"), publish(part, "1.0.0")] == ["1.0.0", "1.0.0"]
    with pytest.raises(PackUnusable, match="O 所依据的政策包 B 不在这里，或者停用了"):
        publish(whole, "1.1.0", active=False)
    assert [publish(part, "1.1.0", active=False), publish(whole, "1.1.0", active=False)] == ["1.1.0", "1.1.0"]
    with pytest.raises(PackUnusable, match="停用了"):
        publish(part, "1.2.0")


def test_the_overlay_of_fuyuan_is_off_until_it_is_given() -> None:
    assert not PACKS["FY-2024-2"].active
    assert judged(away("230883100200"), *policies.in_use()) == [("R03", "eligible", 50_000, "1.0.0")]
    given = policies.in_use([replace(PACKS["FY-2024-2"], active=True)])
    assert judged(away("230883100200"), *given) == [("R03", "eligible", 80_000, "1.0.0+FY-2024-2@1.0.0")]


def test_what_departs_from_the_base_and_what_nobody_has_set() -> None:
    found = differences(PACKS["FY-2024-2"], BASE)
    assert [(d.rule, d.name, d.base, d.own) for d in found] == [("R03", "cap", 50_000, 80_000), ("R03", "fare", "actual", "flat")]
    open_ = {(d.rule, d.name): d.base for d in unset(in_force([BASE]))}
    assert open_[("R32b", "amount")] == 150_000
    assert {rule for rule, _name in open_} == {"R04", "R32a", "R32b"}
    assert ("R32b", "amount") not in {(d.rule, d.name) for d in unset(in_force([BASE], {("R32b", "amount"): 1}))}


@pytest.mark.parametrize(
    ("packs", "said"),
    [
        (lambda: [overlay()], "不在这里"),
        (lambda: [BASE, overlay("A", "B"), overlay("B", "A")], "圈"),
        (lambda: [BASE, overlay(rules='[[rules]]\nid = "R03"\nparams = {colour = "1"}\n')], "colour"),
        (lambda: [BASE, overlay(rules='[[rules]]\nid = "R28"\nparams = {max_months = 24}\n')], "不许"),
        (lambda: [BASE, overlay(rules='[[rules]]\nid = "R99"\nparams = {cap = "1"}\n')], "R99"),
        (lambda: [BASE, overlay(rules='[[rules]]\nid = "R03"\nparams = {cap = -1}\n')], "金额"),
        (lambda: [BASE, overlay(rules='[[rules]]\nid = "R03"\nparams = {months = "三"}\n')], "整数"),
        (lambda: [BASE, overlay(), overlay("P")], "「每人每年补助上限」不一样"),
        (lambda: [BASE, BASE], "两次"),
        (lambda: [BASE, overlay(level='"county"', area='"210200"')], "地区"),
    ],
)
def test_overlays_that_make_no_sense_are_refused_with_a_sentence(packs: Any, said: str) -> None:
    with pytest.raises(PackUnusable, match=said):
        in_force(packs())


# ---------------------------------------------------------------- bad packs

GOOD = (
    head("X", base="", start="2024-01-01")
    + '[[rules]]\nid = "R1"\nkind = "agreement"\narticle = "（一）"\nname = "协议"\nparams = {max_months = 12}\n'
)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[[rules]]", '[[leads]]\nwhen = "rain"\n[[rules]]', "when"),
        ("[[rules]]", '[[leads]]\nwhen = "park"\n[[rules]]', "article"),
        ("format = 1", "format = 2", "format"),
        ("format = 1", "", "format"),
        ('id = "X"', 'id = "../x"', "id"),
        ('id = "X"', "id = 7", "id"),
        ('version = "1.0.0"', 'version = "new"', "version"),
        ('title = "试"', "", "title"),
        ('level = "county"', 'level = "moon"', "level"),
        ('area = "230826"', 'area = "999123"', "区划"),
        ("from = 2024-01-01", "from = 2024-02-30", "TOML：第 7 行第 8 列写法不对"),
        ("from = 2024-01-01", 'from = "2024-01-01"', "from"),
        ("from = 2024-01-01", "from = 2026-01-01", "在结束日期 to（2025-12-31）后面"),
        ("to = 2025-12-31", "to = 2025-12-31T10:00:00", "to"),
        ("to = 2025-12-31", "to = 2025-12-31\nactive = 1", "active"),
        ("to = 2025-12-31", 'to = 2025-12-31\nbase = "X"', "自己"),
        ("to = 2025-12-31", "to = 2025-12-31\ncolour = 1", "colour"),
        ('kind = "agreement"', 'kind = "dragon"', "dragon"),
        ('kind = "agreement"', "", "kind"),
        ("{max_months = 12}", '{max_months = "viele"}', "max_months"),
        ("{max_months = 12}", "{max_months = true}", "max_months"),
        ("{max_months = 12}", "{max_months = -1}", "max_months"),
        ("{max_months = 12}", "{max_months = 12.5}", "max_months"),
        ("{max_months = 12}", "{colour = 1}", "colour"),
        ("{max_months = 12}", "7", "params"),
        ('name = "协议"', 'name = "协议"\ngroups = ["kings"]', "kings"),
        ('name = "协议"', 'name = "协议"\ngroups = "lifted"', "groups"),
        ('name = "协议"', 'name = "协议"\nfund = "gold"', "gold"),
        ('name = "协议"', 'name = "协议"\nfrom = 2020-01-01', "超出"),
        ('name = "协议"', 'name = "协议"\nmay_change = ["colour"]', "colour"),
        ('name = "协议"', 'name = "协议"\ncolour = 1', "colour"),
        ("[[rules]]", "[rules]", "rules"),
        ("format = 1", "format = 1\nformat = 1", "TOML：第 2 行第 11 列"),
    ],
)
def test_a_bad_pack_is_refused_and_names_what_is_wrong(old: str, new: str, said: str) -> None:
    load(GOOD.encode())
    with pytest.raises(PackUnusable, match=said):
        load(GOOD.replace(old, new, 1).encode())


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"[" * 100_000, b"a = " + b"[" * 5_000, b"", b"\x00", b"format = 1" + b" " * 3_000_000])
def test_bytes_that_are_no_pack_are_refused(data: bytes) -> None:
    with pytest.raises(PackUnusable):
        load(data)


def test_one_rule_written_twice_is_refused() -> None:
    with pytest.raises(PackUnusable, match="R1"):
        load((GOOD + GOOD[GOOD.index("[[rules]]") :]).encode())


def test_an_empty_condition_matches_nobody() -> None:
    rules = tuple(replace(rule, groups=(), review_groups=()) for rule in BASE.rules)
    assert judged(away(), replace(BASE, rules=rules)) == [("R03", "not_eligible", 0, "1.0.0")]


def test_a_pack_saved_by_an_editor_that_marks_utf8_is_read() -> None:
    data = (policies.SHIPPED / "HLJ-2021-16.toml").read_bytes()
    assert load(b"\xef\xbb\xbf" + data).rules == BASE.rules


def test_a_parameter_no_pack_gives_is_never_guessed() -> None:
    for name in ("cap", "months", "aggregation", "convention", "fare"):
        rules = tuple(replace(r, params={k: v for k, v in r.params.items() if k != name}) for r in BASE.rules)
        ((_rule, outcome, amount, _version),) = judged(away(), replace(BASE, rules=rules))
        assert (outcome, amount) == ("not_configured", 0), name


def test_reference_values_are_never_used() -> None:
    rules = tuple(replace(r, params={}, suggested={**r.params, **r.suggested}) for r in BASE.rules)
    assert judged(away(), replace(BASE, rules=rules)) == [("R03", "not_configured", 0, "1.0.0")]


@pytest.mark.parametrize("text", ["R03.cap", "cap=1", "R03.cap=", "R99.cap=1", "R03.x=1", "R03.cap=1e99", "R03.facts_from=2023-02-30"])
def test_settings_that_fit_nothing(text: str) -> None:
    with pytest.raises(FieldError):
        read_setting(text, [BASE])


# ---------------------------------------------------------------- signatures


def test_outcomes_have_labels() -> None:
    from domain.records.money import OUTCOMES

    assert {outcome.value for outcome in Outcome} == set(OUTCOMES)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("R03.months=0", "1 到 12 的整数"),
        ("R03.months=13", "1 到 12 的整数"),
        ("R03.age_max=3", "16 到 120"),
        ("R03.cap=0", "0.01 到 1000000.00"),
        ("R03.cap=99999999", "金额"),
        ("R28.max_months=0", "1 到 36"),
        ("R28-pay.required_days=32", "1 到 31"),
        ("R32a.min_attendance=80", "应为比例，0 到 1"),
        ("R32a.min_attendance=101%", "应为比例，0 到 1"),
    ],
)
def test_a_parameter_out_of_bounds_is_refused_with_its_bounds(setting: str, said: str) -> None:
    with pytest.raises(FieldError, match=said):
        read_setting(setting, policies.shipped())


def test_bounds_themselves_are_within() -> None:
    for setting, value in (("R03.months=12", 12), ("R32a.min_attendance=80%", 800), ("R32a.min_attendance=1", 1000), ("R03.cap=0.01", 1)):
        assert read_setting(setting, policies.shipped())[1] == value


@pytest.mark.parametrize("text", ["[{}]\n", "{} = 1\n"])
def test_a_name_of_thousands_of_parts_is_refused_at_once(text: str) -> None:
    """31 KB took 24 seconds and a gigabyte."""
    with pytest.raises(PackUnusable, match="第 2 行"):
        load(b"format = 1\n" + text.format(".".join("a" * 16_000)).encode())


def test_what_is_said_about_a_pack_is_short() -> None:
    pack = (ROOT / "resources" / "policy" / "HLJ-2021-16.toml").read_text("utf-8")
    with pytest.raises(PackUnusable) as refused:
        load(pack.replace('amount = "200.00"', f'amount = "{"x" * 100_000}"', 1).encode())
    assert len(str(refused.value)) < 400


TAKEN = head("OTHER", base="", start="2022-01-01") + (
    '[[rules]]\nid = "R03"\nkind = "travel"\narticle = "（三）"\nname = "县里的办法"\ngroups = ["lifted"]\nparams = {cap = "100"}\n'
)


def replacing(*rules: str) -> str:
    said = f"rules = {list(rules)}\n".replace("'", '"') if rules else ""
    return TAKEN.replace("[[rules]]", f'[[supersedes]]\npack = "HLJ-2021-16"\n{said}[[rules]]')


@pytest.mark.parametrize(
    "text", [TAKEN, TAKEN.replace("travel", "post").replace('cap = "100"', "age_min = 16, age_remark = 70"), replacing("R02")]
)
def test_an_id_of_a_rule_in_force_is_not_given_to_another_measure(tmp_path: Path, text: str) -> None:
    """Claims are matched by the id of the rule: those of one measure counted as claims of the other."""
    with pytest.raises(PackUnusable, match=r"HLJ-2021-16 和 OTHER 都有规则 R03.*县里的办法"):
        policies.publish(tmp_path, text.encode(), SigningKey.generate())
    with pytest.raises(PackUnusable) as told:
        in_force([load(text.encode()), BASE])
    assert told.value.packs == ("OTHER", BASE.id)


def test_a_pack_that_replaces_a_rule_may_use_its_id_and_so_may_one_for_the_same_measure(tmp_path: Path) -> None:
    name = next(rule.name for rule in BASE.rules if rule.id == "R03")
    for text in (replacing("R03"), replacing(), TAKEN.replace("县里的办法", name)):
        assert policies.publish(tmp_path / str(len(text)), text.encode(), SigningKey.generate()).id == "OTHER"
