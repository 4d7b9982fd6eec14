"""Screening a store: who has not claimed, who claims in vain, who is nearly there, and what another pack would change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from nacl.signing import SigningKey

from cli.policy import _screened
from db import changes, local
from db.erased import erased
from db.mapping import table
from db.session import Session
from db.store import Store
from desktop.wiring.verdicts import shown_card
from domain.claims import PATH
from domain.dependents import ERASED
from domain.errors import DomainError, Stopped
from domain.policy.pack import load
from domain.policy.verdict import Outcome
from domain.records import Appointment, Attendance, Person
from services import cards, employment_services, policies, records, screening, today
from services.alerts import alerts
from services.claims import arbitration, claims, steps
from services.forms.subjects import Subjects
from services.forms.workshops import workshop_wages
from services.payments import funds, payments
from services.person import person_page
from services.sheets import yuan
from services.standing import PersonStatus, chip
from services.workshop.wages import wage_sheet
from tests.packs import head, successor

VILLAGE = "230826101202"
ON = "2023-10-20"


FUND_OF = {"bridging": "衔接资金额度", "employment": "就业补助资金额度"}


class Village:
    """Writes records tersely; ids are made from short words."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.ids: dict[str, str] = {}

    def add(self, kind: str, word: str, **values: Any) -> str:
        self.ids[word] = self.session.new_id()
        row = {"id": self.ids[word], "village": VILLAGE, **values}
        changes.insert(self.session, kind, [row])
        return self.ids[word]

    def person(self, word: str, category: str | None = "lifted", **more: Any) -> str:
        number = f"23082619790{len(self.ids):07d}"
        values = {"name": word, "document": "resident_id", "id_number": number, "birth": "1979-01-01", "labour": "ordinary"}
        id = self.add("person", word, **{**values, **more})
        if category:
            self.add("category_span", f"{word} span", person_id=id, category=category, source="import")
        return id

    def away(self, word: str, start: str, end: str | None) -> None:
        values = {"person_id": self.ids[word], "channel": "migrant", "place": "210200", "start": start, "end": end}
        self.add("employment", f"{word} away", **values)

    def claim(self, word: str, year: int = 2023) -> str:
        values = {"rule": "R03", "pack": "HLJ-2021-16", "pack_version": "1.0.0", "year": year, "outcome": "eligible", "amount": 50_000}
        return self.add("claim", f"{word} claim", person_id=self.ids[word], filed_on="2023-08-01", **values)


@pytest.fixture
def ids(store: Store) -> dict[str, str]:
    with store.write("村") as session:
        village = Village(session)
        for word in ("符合未报", "符合已报", "撤回的"):
            village.person(word)
            village.away(word, "2023-03-01", "2023-07-31")
        village.person("不够已报")
        village.away("不够已报", "2023-03-01", "2023-03-31")
        village.person("快满")
        village.away("快满", "2023-07-30", None)
        village.person("一般户", "ordinary")
        village.away("一般户", "2023-03-01", "2023-07-31")
        village.person("在家")
        village.claim("符合已报")
        village.claim("不够已报", 2022)
        withdrawn = village.claim("撤回的")
        step = {"claim_id": withdrawn, "to_state": "withdrawn", "by": "x", "at": "2023-08-02T00:00:00Z"}
        village.add("claim_step", "step", **step)
        village.away("不够已报", "2022-03-01", "2022-03-31")
        return village.ids


def words(found: list[screening.Screened], ids: dict[str, str]) -> list[str]:
    names = {id: word for word, id in ids.items()}
    return sorted(names[str(s.verdict.person_id)] for s in found)


@pytest.mark.parametrize(
    ("start", "place", "nearly"), [("2023-09-20", "210200", True), ("2023-10-15", "210200", False), ("2023-01-01", "230826", False)]
)
def test_nearly_there_is_who_has_begun_and_can_still_reach_it(store: Store, start: str, place: str, nearly: bool) -> None:
    """Who works in the village's workshop stood as 快够条件 of a job away: 0 days so far, 90 to go, none left in the year."""
    with store.write("村") as session:
        village = Village(session)
        village.person("甲")
        village.add("employment", "甲 job", person_id=village.ids["甲"], channel="migrant", place=place, start=start)
        found = screening.screen(session, on=ON, rule="R03", year=2023)
        tones = [shown_card(card, session.role).tone for card in cards.listed(session, found, policies.used_here(session))]
    assert [(s.verdict.outcome, s.nearly) for s in found] == [(Outcome.PENDING, nearly)]
    assert tones == ["warn" if nearly else "plain"]  # nobody need do anything about what cannot be reached


def test_who_has_not_claimed_who_claims_in_vain_and_who_is_nearly_there(store: Store, ids: dict[str, str]) -> None:
    with store.read() as session:
        found = screening.screen(session, on=ON, rule="R03")
    assert words([s for s in found if s.unclaimed], ids) == ["撤回的", "符合未报"]
    assert words([s for s in found if s.unentitled], ids) == ["不够已报"]
    nearly = [s for s in found if s.nearly and s.verdict.year == 2023]
    assert words(nearly, ids) == ["不够已报", "快满"]
    reasons = next(s.verdict.reasons for s in nearly if s.verdict.person_id == ids["快满"])
    assert any("还差 9 天" in reason.text for reason in reasons)
    claimed = next(s for s in found if s.verdict.person_id == ids["符合已报"])
    assert claimed.claim_id == ids["符合已报 claim"]
    assert claimed.to_json()["claim_id"] == ids["符合已报 claim"]
    assert not claimed.unclaimed


@pytest.mark.parametrize("ended", ["refused", "recovered"])
def test_who_was_refused_or_gave_it_back_is_not_asked_to_claim_again(store: Store, ids: dict[str, str], ended: str) -> None:
    with store.write("县") as session:
        if ended == "recovered":
            way = ("village_reviewed", "village_notice", "township_reviewed", "township_notice", "county_review", "county_notice")
            for day, state in enumerate((*way, "approved", "paid"), 1):
                at = f"2023-08-01T00:00:{day:02d}Z"
                Village(session).add("claim_step", state, claim_id=ids["符合已报 claim"], to_state=state, by="x", at=at)
        step = {"claim_id": ids["符合已报 claim"], "to_state": ended, "by": "x", "at": "2023-08-02T00:00:00Z", "opinion": "没有去"}
        Village(session).add("claim_step", "step", **step)
    with store.read() as session:
        found = screening.screen(session, on=ON, rule="R03", person_id=ids["符合已报"])
        told = cards.cards(session, person_id=ids["符合已报"])
    assert [card.refused.returned_because for card in told if card.refused] == ["没有去"]
    (one,) = [each for each in found if each.verdict.year == 2023]
    assert (one.claim_id, one.refused, one.unclaimed) == (None, ids["符合已报 claim"], False)


def test_nothing_is_offered_for_somebody_erased_by_rule(store: Store, ids: dict[str, str]) -> None:
    """Their page said 符合 with 申请 beside it, which was refused, and 待业."""
    line = {"scope": VILLAGE, "seq": 1, "at": "2026-01-01T00:00:00Z", "reason": "到期", "fields": "{}"}
    with store.write("县") as session:
        session.conn.execute(erased.insert().values(kind=Person.KIND.number, row_id=ids["符合未报"], **line))
        assert cards.cards(session, person_id=ids["符合未报"]) == []
    assert chip({"name": ERASED, "labour": "ordinary"}, PersonStatus(), ON) == ("已删除", "none")


def test_a_rule_that_a_later_version_withdrew_keeps_its_name(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The notice for the board was headed 关于R03的公示."""
    packs = {pack.id: pack for pack in policies.shipped()}
    left = tuple(rule for rule in packs["HLJ-2021-16"].rules if rule.id != "R03")
    later = replace(packs["HLJ-2021-16"], version="1.0.1", rules=left)
    monkeypatch.setattr(policies, "here", lambda _session: (later,))
    with store.read() as session:
        rule = policies.rules(session).of("HLJ-2021-16", "R03")
        assert (
            rule is not None and rule.name == "跨省务工一次性交通补助" and policies.rules(session).fund("HLJ-2021-16", "R03") == "bridging"
        )


def test_one_person_gets_the_verdicts_of_the_whole(store: Store, ids: dict[str, str]) -> None:
    with store.read() as session:
        whole = screening.screen(session, on=ON)
        for word in ("符合未报", "快满", "一般户"):
            own = screening.screen(session, on=ON, person_id=ids[word])
            assert [s.to_json() for s in own] == [s.to_json() for s in whole if s.verdict.person_id == ids[word]]


def test_a_card_says_what_the_list_says_whatever_others_bring(store: Store) -> None:
    """A card read less than the list: that who was on the post died, the household of a rival, a rival's post under another record, who
    runs the business without living there, a brother's other record."""
    with store.write("村") as session:
        village = Village(session)
        family, rivals, beside = (village.add("household", word) for word in ("户", "对手户", "邻户"))
        post = {"name": "保洁员", "type": "cleaner", "quota": 1, "developer": "hrss", "fund": "solar", "standard": 50_000}
        for word in ("甲的岗", "乙的岗", "丙的岗", "另一岗"):
            village.add("post", word, **post)
        village.person("甲", household_id=family)
        village.person("弟弟", household_id=family, id_number="230826199901010013")
        village.person("弟弟另一条", "ordinary", id_number="230826199901010013")
        village.person("去世的", died_on="2023-05-01")
        village.person("经营人", household_id=beside)
        village.person("乙")
        village.person("零就业", household_id=rivals)
        village.person("零就业的妻子", household_id=rivals)
        village.person("丙")
        village.person("有岗的", id_number="230826197901010014", labour="weak")
        village.person("有岗的另一条", id_number="230826197901010014", name="有岗的")
        for word, job in (("去世的", "甲的岗"), ("有岗的另一条", "另一岗")):
            village.add("appointment", f"{word}聘", post_id=village.ids[job], person_id=village.ids[word], start="2023-01-01")
        for word, job in (("甲", "甲的岗"), ("乙", "乙的岗"), ("零就业", "乙的岗"), ("丙", "丙的岗"), ("有岗的", "丙的岗")):
            values = {"post_id": village.ids[job], "person_id": village.ids[word]}
            village.add("post_candidate", f"{word}报名", applied_on="2023-09-01", **values)
        business = {"operator_id": village.ids["经营人"], "business": "养猪", "start": "2020"}
        village.add("household_business", "经营", household_id=family, **business)
        village.away("甲", "2021-03-01", "2021-07-31")
        schooling = {"school": "职校", "stage": "technician", "term": "2023-autumn", "term_start": "2023-09-01", "state": "enrolled"}
        village.add("schooling", "上学", person_id=village.ids["甲"], **schooling)
    with store.read() as session:
        whole = screening.screen(session, on=ON)
        for word, rules in (("甲", {"R03", "R09", "R25", "R32b"}), ("乙", {"R25"}), ("丙", {"R25"})):
            own = screening.screen(session, on=ON, person_id=village.ids[word])
            assert {each.verdict.rule for each in own} == rules
            assert [each.to_json() for each in own] == [each.to_json() for each in whole if each.verdict.person_id == village.ids[word]]


def test_somebody_at_home_is_judged_when_a_year_is_asked(store: Store, ids: dict[str, str]) -> None:
    with store.read() as session:
        assert screening.screen(session, on=ON, person_id=ids["在家"]) == []
        (only,) = screening.screen(session, on="2024-01-01", year=2023, rule="R03", person_id=ids["在家"])
    assert only.verdict.outcome is Outcome.NOT_ELIGIBLE


def test_a_claim_of_another_amount_than_is_due_says_so_before_it_is_approved(store: Store, ids: dict[str, str]) -> None:
    with store.write("导入") as session:
        session.conn.execute(table("claim").update().where(table("claim").c.id == ids["符合已报 claim"]).values(amount=999_900))
        (one,) = screening.screen(session, on=ON, rule="R03", year=2023, person_id=ids["符合已报"])
    assert "申请写的是 9,999.00 元，按现在的文件和登记的事实应为 500.00 元" in one.verdict.reasons[-1].text
    assert one.too_much == 0


def test_an_employers_own_verdicts(store: Store, ids: dict[str, str]) -> None:
    with store.write("车间") as session:
        village = Village(session)
        village.ids = ids
        shop = village.add("employer", "车间", name="车间", type="workshop")
        village.add("recognition", "认定", employer_id=shop, type="workshop", start="2022-01-01")
        job = {"person_id": ids["在家"], "employer_id": shop, "channel": "workshop", "place": "230826", "start": "2022-09-01"}
        village.add("employment", "工", **job)
        village.add("wage", "薪", employment_id=ids["工"], month="2023-05", paid_on="2023-05-31", amount=700_000)
        village.add("monitor_line", "线", village="230826", area="230000", year=2023, amount=600_000)
    with store.read() as session:
        found = screening.screen(session, on=ON, employer_id=shop)
    assert [(s.verdict.rule, s.verdict.outcome, s.verdict.amount) for s in found] == [("R15", Outcome.ELIGIBLE, 100_000)]


def test_screening_can_be_stopped_and_leaves_nothing(store: Store, ids: dict[str, str]) -> None:
    seen: list[tuple[int, int]] = []

    def stop(done: int, total: int, _what: str) -> None:
        seen.append((done, total))
        if len(seen) > 3:
            raise Stopped("停")

    with store.read() as session, pytest.raises(Stopped):
        screening.screen(session, on=ON, progress=stop)
    assert all(0 <= done <= total for done, total in seen)


def test_another_pack_is_compared_person_by_person(store: Store, ids: dict[str, str]) -> None:
    (pack,) = policies.in_use()
    rules = tuple(replace(r, params={**r.params, "cap": 80_000, "fare": "flat"}) if r.id == "R03" else r for r in pack.rules)
    with store.read() as session:
        found = screening.compare(session, [pack], [replace(pack, rules=rules)], on=ON)
        none = screening.compare(session, [pack], [pack], on=ON)
    assert none == []
    assert {change.difference for change in found} == {30_000}
    assert len(found) == 3


def test_what_a_successor_gives_is_one_line_beside_what_was_given(store: Store, ids: dict[str, str]) -> None:
    """Everybody was listed with 政策未生效 for the years before it, and what one person gets by the old and the new rule as two lines."""
    after = policies.in_use([load(SUCCESSOR.format(id="N3").encode())])
    with store.read() as session:
        found = screening.compare(session, policies.in_use(), after, on=ON)
    told = [(change.before, change.after) for change in found]
    assert told and all(old is not None and new is not None and (old.rule, new.rule) == ("R03", "N3") for old, new in told)
    assert len({(old.person_id, old.year) for old, _new in told if old}) == len(told)
    assert ids["符合未报"] in {change.after.person_id for change in found if change.after and change.difference == 30_000}


COUNTY_PACK = f"""{head("HC-2023", title="桦川县 2023 年补充规定")}
[[rules]]
id = "R03"
[rules.params]
cap = "800.00"
months = 2

[[leads]]
article = "（县）"
when = "lost_work"
policy = "县里的返乡帮扶"
text = "请到镇服务站问。"
"""


def publish(session: Session, content: str, key: SigningKey, trusted: SigningKey) -> None:
    """A pack as it arrives from a county that this station trusts."""
    local.set_meta(session, local.COUNTY_KEY, bytes(trusted.verify_key).hex())
    row = {"id": session.new_id(), "village": VILLAGE[:6], "pack": "HC-2023", "version": "1.0.0"}
    changes.insert(session, "policy_pack", [row | {"content": policies.sign(content.encode(), key).decode()}])


@pytest.mark.parametrize("trusted", [True, False])
def test_what_the_county_published_decides_claims_and_leads(store: Store, ids: dict[str, str], trusted: bool) -> None:
    key = SigningKey.generate()
    with store.write("两个月的人") as session:
        village = Village(session)
        village.ids = ids
        village.person("两个月")
        village.away("两个月", "2023-03-01", "2023-04-30")
        publish(session, COUNTY_PACK, key, key if trusted else SigningKey.generate())
        assert [pack.id for pack in policies.untrusted(session)] == ([] if trusted else ["HC-2023"])
    with store.write("申请") as session:
        enough = claims.standing(session, claims.judge_and_file(session, "R03", 2023, person_id=ids["符合未报"])).claim
        assert (enough.amount, "HC-2023" in enough.pack_version) == ((80_000, True) if trusted else (50_000, False))
        if trusted:
            assert claims.judge_and_file(session, "R03", 2023, person_id=ids["两个月"])
        else:
            with pytest.raises(DomainError, match="满 3 个月"):
                claims.judge_and_file(session, "R03", 2023, person_id=ids["两个月"])
        said = [lead.policy for lead in screening.leads(session, on="2023-08-20", person_id=ids["符合未报"])]
        assert ("县里的返乡帮扶" in said, "失业后优先服务" in said) == (trusted, True)


BY_YEAR = f"""{successor("NEW", "2023-01-01", rules=["R15"])}
[[rules]]
id = "N15"
kind = "carrier"
article = "（二）"
name = "吸纳奖励"
fund = "employment"
groups = ["lifted"]
params = {{amount = "1500", period_start = "01-01", recognitions = ["workshop"]}}
"""


def test_wages_and_income_are_summed_over_the_period_of_the_document_in_force(store: Store) -> None:
    key = SigningKey.generate()
    with store.write("车间") as session:
        village = Village(session)
        village.add("household", "户", number="2308260001")
        village.person("王芳", household_id=village.ids["户"])
        village.add("employer", "车间", name="服装车间", type="workshop", place="230826101202", state="running")
        spell = {"person_id": village.ids["王芳"], "employer_id": village.ids["车间"], "channel": "workshop", "place": "230826"}
        village.add("employment", "务工", start="2022-10-01", **spell)
        for month in ("2022-11", "2023-02"):
            village.add("wage", month, employment_id=village.ids["务工"], month=month, amount=100_000, paid_on=f"{month}-28")
        income = {"household_id": village.ids["户"], "start": "2023-01", "end": "2023-12", "persons": 1, "by": "李", "wages": 500_000}
        village.add("household_income", "收入", **income)
        october, january = ("2022-10-01", "2023-09-30"), ("2023-01-01", "2023-12-31")
        for start, period, counted, covered in (("10-01", october, 200_000, 3), ("01-01", january, 100_000, 12)):
            sheet = wage_sheet(session, village.ids["车间"], 2023, on=ON)
            assert (sheet.start, sheet.end, sheet.lines[0].counted) == (*period, counted)
            paper = workshop_wages(session, village.ids["车间"], 2023)
            assert paper.columns[3] == f"{int(start[:2])}月" and paper.rows[0][paper.columns.index("2月")] == yuan(100_000)
            page = person_page(session, village.ids["王芳"], 2023, on=ON)
            assert policies.income_start(session, ON) == start and page.wages[0].counted == counted
            assert page.income is not None and page.income.latest is not None and page.income.latest.months == covered
            if start == "10-01":
                publish(session, BY_YEAR, key, key)
        # the old document was in force then; the new one is the last there was
        assert [policies.income_start(session, day) for day in ("2022-12-31", "2027-06-01")] == ["10-01", "01-01"]


SUCCESSOR = f"""{successor("NEW", "2023-05-01", rules=["R03"])}
[[rules]]
id = "{{id}}"
kind = "travel"
article = "（一）"
name = "交通补助"
fund = "employment"
groups = ["lifted"]
params = {{{{cap = "800", fare = "flat", months = 2, aggregation = "cumulative", convention = "inclusive"}}}}
"""


def test_a_claim_filed_before_its_document_is_replaced_goes_on_and_nobody_is_paid_by_both(store: Store, ids: dict[str, str]) -> None:
    """The county publishes a successor that begins within the year, while claims by the old one are under way."""
    key = SigningKey.generate()
    with store.write("申请") as session:
        village = Village(session)
        village.ids = ids
        village.person("早")
        village.away("早", "2023-01-01", "2023-04-15")  # full before the new one begins
        early, both = (claims.judge_and_file(session, "R03", 2023, person_id=ids[word]) for word in ("早", "符合未报"))
        publish(session, SUCCESSOR.format(id="N3"), key, key)
    with store.write("办理") as session:
        assert steps.step(session, early, "village_reviewed").state == "village_reviewed"
        assert claims.standing(session, early).claim.amount == 50_000
        with pytest.raises(DomainError, match="自 2023-05-01 起改按《新文件》"):
            steps.step(session, both, "village_reviewed")
        with pytest.raises(DomainError, match="请先把那一笔撤回"):
            claims.judge_and_file(session, "N3", 2023, person_id=ids["符合未报"])
        new = next(one for one in screening.screen(session, person_id=ids["符合未报"], rule="N3", year=2023))
        assert (new.verdict.amount, new.claim_id, new.unclaimed) == (80_000, both, False)
        for state in (*PATH[1:8], "paid"):
            steps.write_step(session, claims.standing(session, both).claim, state)
        county = replace(session, role="county", user="赵")
        session.conn.execute(local.account.insert().values(name="赵", role="reviewer"))
        second = records.save(
            session, "claim", claim_values(person_id=ids["符合未报"], rule="N3", pack="NEW", amount=80_000)
        )  # another laptop's
        for state in PATH[1:7]:
            steps.write_step(session, claims.standing(session, second).claim, state)
        with pytest.raises(DomainError, match="已按前后衔接的另一份文件办过"):
            steps.step(county, second, "approved")


def test_a_claim_under_a_document_that_was_switched_off_passes_no_review(store: Store, ids: dict[str, str]) -> None:
    key, text = SigningKey.generate(), SUCCESSOR.format(id="N3")
    with store.write("申请") as session:
        publish(session, text, key, key)
        filed = claims.judge_and_file(session, "N3", 2023, person_id=ids["符合未报"])
        off = text.replace('version = "1.0.0"', 'version = "1.0.1"\nactive = false')
        publish(session, off, key, key)
        with pytest.raises(DomainError, match="《新文件》县里已经停用"):
            steps.step(session, filed, "village_reviewed")
        publish(session, SUCCESSOR.format(id="N9").replace("1.0.0", "1.0.2"), key, key)
        with pytest.raises(DomainError, match="版里没有这一项了"):
            steps.step(session, filed, "village_reviewed")
        publish(session, off.replace("1.0.1", "1.0.3").replace("active = false", ""), key, key)
        assert steps.step(session, filed, "village_reviewed").state == "village_reviewed"


@pytest.mark.parametrize("id", ["N3", "R03"])
def test_the_no_of_another_document_is_not_about_a_claim(store: Store, ids: dict[str, str], id: str) -> None:
    """With a successor every claim stood under 不符合却已申请: the new document starts later, the old one is over."""
    key, text = SigningKey.generate(), SUCCESSOR.format(id=id).replace("2023-05-01", "2024-01-01")
    with store.write("申请") as session:
        old = claims.judge_and_file(session, "R03", 2023, person_id=ids["符合未报"])
        publish(session, text, key, key)
        village = Village(session)
        village.ids = ids
        village.away("符合未报", "2024-02-01", "2024-06-30")
        new = claims.judge_and_file(session, id, 2024, person_id=ids["符合未报"])
        found = screening.screen(session, on="2024-12-01", person_id=ids["符合未报"])
        told = {(each.verdict.pack, each.verdict.year): each.claim_id for each in found if each.claim_id}
    assert told == {("HLJ-2021-16", 2023): old, ("NEW", 2024): new} and not [each for each in found if each.unentitled]


def test_arbitration_settles_claims_by_documents_that_follow_each_other(store: Store, ids: dict[str, str]) -> None:
    """One of the old document that was paid and one of the new, filed and approved on laptops that did not know of each other."""
    key = SigningKey.generate()
    with store.write("申请") as session:
        publish(session, SUCCESSOR.format(id="N3"), key, key)
        old, new = (
            records.save(session, "claim", claim_values(person_id=ids["符合未报"], **more)) for more in ({}, {"rule": "N3", "pack": "NEW"})
        )
        for state in (*PATH[1:8], "paid"):
            steps.write_step(session, claims.standing(session, old).claim, state)
        for state in PATH[1:8]:
            steps.write_step(session, claims.standing(session, new).claim, state)
        (ruling,) = arbitration.rulings(session, 2023, policies.used_here(session))
        assert (ruling.winner, [loser.claim_id for loser in ruling.losers]) == (old, [new])


def test_a_draft_takes_up_what_the_successor_of_the_same_name_gives(store: Store, ids: dict[str, str]) -> None:
    key = SigningKey.generate()
    with store.write("申请") as session:
        draft = claims.judge_and_file(session, "R03", 2023, person_id=ids["符合未报"])
        publish(session, SUCCESSOR.format(id="R03"), key, key)
        steps.step(session, draft, "village_reviewed")
        claim = claims.standing(session, draft).claim
        assert (claim.amount, claim.pack, claim.pack_version) == (80_000, "NEW", "1.0.0")


def test_a_claim_keeps_article_fund_and_text_of_the_document_it_was_judged_by(store: Store, ids: dict[str, str]) -> None:
    """A successor that gives its rule the same id lent its article and its fund to claims of the old document."""
    key = SigningKey.generate()
    with store.write("申请") as session:
        old = claims.judge_and_file(session, "R03", 2023, person_id=ids["符合未报"])
        publish(session, SUCCESSOR.format(id="R03"), key, key)
        new = records.save(session, "claim", claim_values(person_id=ids["符合已报"], pack="NEW", amount=80_000))
        for id in (old, new):
            steps.write_step(session, claims.standing(session, id).claim, "approved")
            steps.write_step(session, claims.standing(session, id).claim, "paid")
        old_claim, new_claim = (claims.standing(session, id).claim for id in (old, new))
        subjects = Subjects(session, [old_claim, new_claim])
        assert subjects.basis(old_claim) == "黑人社发〔2021〕16号（三）（HLJ-2021-16 1.0.0）"
        assert subjects.basis(new_claim) == "新文件（一）（NEW 1.0.0）"
        county = replace(session, role="county")
        year = {"year": funds.year_of(session)}
        for fund in ("bridging", "employment"):
            row = year | {"id": session.new_id(), "area": VILLAGE[:6], "village": VILLAGE[:6], "indicator": FUND_OF[fund], "value": 9000}
            changes.insert(session, "target", [row])
        told = {one.fund: one.recorded for one in funds.balances(county)}
        assert told == {"bridging": 50_000, "employment": 80_000}


def test_facts_read_once_serve_verdicts_and_leads(store: Store, ids: dict[str, str]) -> None:
    with store.read() as session:
        person, packs = ids["符合未报"], policies.used_here(session)
        facts = screening.about(session, person_id=person)
        own = screening.judge(facts, screening.question_about(session, person, ON), packs)
        assert own == screening.screen(session, on=ON, person_id=person) != []
        leads = screening.leads(session, on="2023-08-20", person_id=person)
        assert screening.leads(session, on="2023-08-20", person_id=person, packs=packs, facts=facts) == leads != []


def test_others_on_a_post_count_without_what_hangs_on_them(store: Store, ids: dict[str, str]) -> None:
    with store.write("岗位") as session:
        village = Village(session)
        village.ids = ids
        village.add("post", "岗", name="保洁员", type="cleaner", quota=2, developer="hrss", fund="solar", standard=50_000)
        for word in ("符合未报", "快满"):
            held = village.add("appointment", f"{word} 聘", post_id=ids["岗"], person_id=ids[word], start="2023-01-01")
            village.add("attendance", f"{word} 勤", appointment_id=held, month="2023-02", days=20)
    with store.read() as session:
        facts = screening.about(session, person_id=ids["快满"])
        assert len(facts.all(Appointment)) == 2 and len(facts.all(Attendance)) == 1


def test_a_warning_that_a_claim_comes_near_is_the_rules_word(store: Store, ids: dict[str, str]) -> None:
    with store.write("后来") as session:
        village = Village(session)
        village.ids = ids
        village.person("政策到期以后")
        village.away("政策到期以后", "2026-07-30", None)
        for word, category in (("消除了风险的脱贫户", "lifted_unstable"), ("消除了风险的边缘户", "marginal")):
            person = village.person(word, None)
            span = {"start": "2021-01-01", "end": "2023-04-30", "source": "import"}
            village.add("category_span", f"{word} span", person_id=person, category=category, **span)
            village.away(word, "2023-07-30", None)
    with store.read() as session:
        near = {a.person_id for a in alerts(session, ON) if a.alert == "A10"}
        assert near == {ids["快满"], ids["消除了风险的脱贫户"]}
        assert "A10" not in {a.alert for a in alerts(session, "2026-10-20")}  # three months come near, but nothing is paid for them
    key = SigningKey.generate()
    with store.write("县里的规定") as session:
        publish(session, COUNTY_PACK, key, key)  # two months are enough
        village.session = session
        village.person("快满两个月")
        village.away("快满两个月", "2023-08-31", None)
    with store.read() as session:
        told = [a for a in alerts(session, ON) if a.alert == "A10"]
        assert [(a.person_id, a.due) for a in told] == [(ids["快满两个月"], "2023-10-30")] and "满 2 个月" in told[0].message


UNRELATED = f"""{head("OTHER", base="", start="2022-01-01")}
[[rules]]
id = "R03"
kind = "%s"
article = "（三）"
name = "县里的办法"
fund = "employment"
groups = ["lifted"]
params = {{%s}}
"""
"""This pack gives the id of a claimed benefit of the shipped pack to a rule of another kind."""


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("post", "age_min = 16, age_remark = 70"),  # only counts, nothing is claimed
        ("carrier", 'amount = "1500", period_start = "01-01", recognitions = ["workshop"]'),
    ],
)
def test_a_rule_of_another_pack_with_the_same_id_changes_nothing(store: Store, ids: dict[str, str], kind: str, params: str) -> None:
    def told(session: Session) -> tuple[set[screening.Subject], set[str | None]]:
        found = screening.screen(session, on=ON)
        return {one.verdict.subject for one in found if one.unclaimed}, {a.person_id for a in alerts(session, ON) if a.alert == "A10"}

    key = SigningKey.generate()
    with store.read() as session:
        before, base = told(session), policies.draft_base(policies.used_here(session))
    with store.write("另一个包") as session:
        publish(session, UNRELATED % (kind, params), key, key)
        assert [pack.id for pack in policies.used_here(session)] == ["HLJ-2021-16"]
        (left_out,) = policies.unusable(session)
        assert left_out.id == "OTHER" and "R03，一个是" in left_out.why
        assert told(session) == before == ({("R03", 2023, ids[word], "", "") for word in ("符合未报", "撤回的")}, {ids["快满"]})
        assert policies.draft_base(policies.used_here(session)) == base


def test_who_is_near_a_claim_of_a_successor_is_told_by_the_groups_it_names(store: Store, ids: dict[str, str]) -> None:
    """Nobody of 2026's 防止返贫致贫对象 was: the warning knew the groups of 2021 only."""
    key = SigningKey.generate()
    with store.write("新对象") as session:
        publish(session, SUCCESSOR.format(id="N3").replace('groups = ["lifted"]', 'groups = ["prevention_target"]'), key, key)
        village = Village(session)
        village.ids = ids
        for word, category in (("新对象", "prevention_target"), ("低收入", "low_income"), ("原脱贫", "lifted"), ("一般", "ordinary")):
            person = village.person(word, None)
            village.add("category_span", f"{word} span", person_id=person, category=category, start="2023-01-01", source="import")
            village.away(word, "2023-08-31", None)
    with store.read() as session:
        assert [a.person_id for a in alerts(session, ON) if a.alert == "A10"] == [ids["新对象"]]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2025-10-31", []),
        ("2025-11-01", ["2025-12-31"]),
        ("2025-12-31", ["2025-12-31"]),
        ("2026-01-01", []),
        ("2021-11-15", ["2021-12-31", "2021-12-31"]),  # （九） and （十七） run out before the document
    ],
)
def test_a_policy_that_runs_out_within_sixty_days_is_told(store: Store, day: str, expected: list[str]) -> None:
    with store.read() as session:
        told = [a for a in alerts(session, day) if a.alert == "A13"]
    assert [a.due for a in told] == expected and all("到期" in a.message for a in told)


def test_the_countys_own_rules_run_out_too(store: Store) -> None:
    key = SigningKey.generate()
    with store.write("县里的规定") as session:
        publish(session, COUNTY_PACK, key, key)
    with store.read() as session:
        told = [a.message for a in alerts(session, "2025-12-01") if a.alert == "A13"]
    assert len(told) == 2 and any("桦川县 2023 年补充规定" in one for one in told)


def test_a_claim_is_judged_again_when_it_is_approved(store: Store, ids: dict[str, str]) -> None:
    """By the facts as they are by then: cut short, corrected upwards, open, or not there at all."""
    with store.write("申请") as session:
        filed = claims.judge_and_file(session, "R03", 2023, person_id=ids["符合未报"])
        village = Village(session)
        village.ids = ids
        bare = records.save(session, "claim", claim_values(person_id=village.person("没有记录")))
        claim = claims.standing(session, filed).claim
        for to in PATH[1:7]:
            for each in (claim, claims.standing(session, bare).claim):
                steps.write_step(session, each, to)
    with store.write("改") as session:
        county = replace(session, role="county", user="赵")
        session.conn.execute(local.account.insert().values(name="赵", role="reviewer"))
        changes.update(session, "claim", filed, {"amount": 60_000})
        with pytest.raises(DomainError, match=r"应为 500\.00 元，申请的是 600\.00 元"):
            steps.step(county, filed, "approved")
        changes.update(session, "claim", filed, {"amount": 50_000})
        (work,) = session.select("employment", table("employment").c.person_id == ids["符合未报"])
        records.save(session, "employment", {"end": work.start}, work.id)
        with pytest.raises(DomainError, match="按现在登记的事实不能往下办"):
            steps.step(county, filed, "approved")
        records.save(session, "employment", {"end": None}, work.id)
        for id in (filed, bare):
            assert steps.step(county, id, "approved").state == "approved"


def test_what_was_approved_by_a_wrong_sum_of_a_pack_is_listed_and_not_paid(store: Store, ids: dict[str, str]) -> None:
    """8000 instead of 800, put right after the approval: no review was left to judge the claim again, and nobody heard of it."""
    key = SigningKey.generate()
    with store.write("下发") as session:
        publish(session, COUNTY_PACK.replace("800.00", "8000.00"), key, key)
        filed = claims.judge_and_file(session, "R03", 2023, person_id=ids["符合未报"])
        for state in PATH[1:8]:
            steps.write_step(session, claims.standing(session, filed).claim, state)
        session.conn.execute(table("claim").update().values(created_by="赵文书@别处"))
        (before,) = screening.screen(session, on=ON, rule="R03", year=2023, person_id=ids["符合未报"])
        publish(session, COUNTY_PACK.replace('version = "1.0.0"', 'version = "1.0.1"'), key, key)
    with store.write("拨付") as session:
        (one,) = screening.screen(session, on=ON, rule="R03", year=2023, person_id=ids["符合未报"])
        county = replace(session, role="county")
        with pytest.raises(DomainError, match=r"应为 800\.00 元，申请的是 8,000\.00 元"):
            payments.pay(county, [filed], "bridging")
        steps.write_step(session, claims.standing(session, filed).claim, "returned", "金额")
        (back,) = screening.screen(session, on=ON, rule="R03", year=2023, person_id=ids["符合未报"])
        steps.step(session, filed, "village_reviewed")
        (after,) = screening.screen(session, on=ON, rule="R03", year=2023, person_id=ids["符合未报"])
    assert [(each.unentitled, each.too_much) for each in (before, one, back, after)] == [
        (False, 0),
        (True, 720_000),
        (False, 0),  # sent back: no longer approved
        (False, 0),
    ]
    assert "批的是 8,000.00 元" in one.verdict.reasons[-1].text


def test_after_a_rise_for_earlier_years_who_got_less_is_listed(store: Store, ids: dict[str, str]) -> None:
    """What was approved or paid by the old amount showed nowhere; too much had a list."""
    key = SigningKey.generate()

    def screened(session: Session) -> screening.Screened:
        (one,) = screening.screen(session, on=ON, rule="R03", year=2023, person_id=ids["符合已报"])
        return one

    with store.write("办理") as session:
        claim = claims.standing(session, ids["符合已报 claim"]).claim
        steps.write_step(session, claim, "village_reviewed")
        publish(session, COUNTY_PACK, key, key)
        assert not screened(session).underpaid, "a claim under review takes the amount of the day"
        for state in PATH[2:9]:
            steps.write_step(session, claim, state)
        one = screened(session)
        assert (one.underpaid, one.too_little, one.too_much, one.unentitled) == (True, 30_000, 0, False)
        assert "批的是 500.00 元" in one.verdict.reasons[-1].text and "应为 800.00 元" in one.verdict.reasons[-1].text
        assert set(one.to_json()) == {*one.verdict.to_json(), "claim_id"}
        said = _screened(session, [one])
        assert said.startswith("少发（1）") and "应为 800.00 元" in said


def test_an_overlay_that_was_published_by_mistake_is_ended_by_another_version(store: Store, ids: dict[str, str]) -> None:
    """As docs/packs.md says: `active = false` in a higher version; then the base decides as before, and claims follow."""
    key = SigningKey.generate()
    one, two = ids["符合未报"], ids["符合已报"]
    off = COUNTY_PACK.replace('version = "1.0.0"', 'version = "1.0.1"\nactive = false')

    def due(session: Session, person: str) -> screening.Screened:
        (found,) = screening.screen(session, on=ON, rule="R03", year=2023, person_id=person)
        return found

    with store.write("发错") as session:
        publish(session, COUNTY_PACK, key, key)
        draft = claims.judge_and_file(session, "R03", 2023, person_id=one)
        session.conn.execute(table("claim").update().where(table("claim").c.id == ids["符合已报 claim"]).values(amount=80_000))
        assert [due(session, person).verdict.amount for person in (one, two)] == [80_000, 80_000]
        for state in PATH[1:8]:
            steps.write_step(session, claims.standing(session, str(ids["符合已报 claim"])).claim, state)
        session.conn.execute(table("claim").update().values(created_by="赵文书@别处", pack_version="1.0.0+HC-2023@1.0.0"))
    with store.write("收回") as session:
        publish(session, off, key, key)
        assert [(due(session, person).verdict.amount, due(session, person).too_much) for person in (one, two)] == [
            (50_000, 0),
            (50_000, 30_000),
        ]
        with pytest.raises(DomainError, match=r"应为 500\.00 元"):
            payments.pay(replace(session, role="county"), [str(ids["符合已报 claim"])], "bridging")
        assert steps.step(session, draft, "village_reviewed").claim.amount == 50_000
    with store.write("停错了") as session:
        publish(session, off.replace("1.0.1", "1.0.2").replace("active = false\n", ""), key, key)
        assert due(session, two).verdict.amount == 80_000
    with store.write("早结束") as session:
        publish(session, COUNTY_PACK.replace('version = "1.0.0"', 'version = "1.0.3"').replace("2025-12-31", "2023-06-30"), key, key)
        assert due(session, two).verdict.amount == 50_000, "the last day of the year decides"


def claim_values(**values: Any) -> dict[str, Any]:
    return {"rule": "R03", "pack": "HLJ-2021-16", "pack_version": "1.0.0", "year": 2023, "outcome": "review", "amount": 50_000, **values}


def test_a_county_owes_more_of_the_promise_by_its_own_rule(store: Store, ids: dict[str, str]) -> None:
    """Lights, the day's figures and warnings count by the rule in force here, as its verdicts do."""
    key, wanted = SigningKey.generate(), "2023-07-01"
    with store.write("推荐三个岗位") as session:
        village = Village(session)
        village.ids = ids
        village.add("employer", "厂", name="某厂", type="enterprise")
        village.add("job_wish", "求职", person_id=ids["符合未报"], opened_on=wanted)
        for n in range(3):
            job = village.add("vacancy", f"岗{n}", employer_id=ids["厂"], title=f"岗位{n}", place="230826", headcount=1)
            village.add("service", f"推{n}", person_id=ids["符合未报"], type="job", on=wanted, vacancy_id=job)

    def told() -> tuple[tuple[int, ...], bool, int, list[str | None]]:
        with store.read() as session:
            (line,) = employment_services.lines(session, [ids["求职"]], ON)
            short = [alert.person_id for alert in alerts(session, ON) if alert.alert == "A14"]
            return line.needed, line.promise.owes(line.needed)["job"], today.today(session, ON).services.jobs, short

    assert told() == ((1, 3, 1), False, 1, [])
    with store.write("县里的规定") as session:
        publish(session, COUNTY_PACK.partition("[[rules]]")[0] + '[[rules]]\nid = "R29"\n[rules.params]\njobs = 5\n', key, key)
    assert told() == ((1, 5, 1), True, 0, [ids["符合未报"]])
    with store.write("以前的程序发的") as session:
        less = COUNTY_PACK.partition("[[rules]]")[0].replace('version = "1.0.0"', 'version = "1.0.1"')
        publish(session, less + '[[rules]]\nid = "R29"\n[rules.params]\njobs = 2\n', key, key)
    assert told() == ((1, 3, 1), False, 1, [])


def test_a_claim_whose_facts_are_gone_is_one_without_entitlement(store: Store, ids: dict[str, str]) -> None:
    """No rule finds what nothing is on file about, and a claim left over was told to nobody."""
    with store.write("申请") as session:
        filed = claims.judge_and_file(session, "R03", 2023, person_id=ids["符合未报"])
        changes.delete(session, "employment", ids["符合未报 away"])
        changes.delete(session, "employment", ids["符合已报 away"])  # its claim came without facts
    asked: tuple[dict[str, Any], ...] = ({}, {"rule": "R03"}, {"person_id": ids["符合未报"]})
    with store.read() as session:
        for how in asked:
            found = [each for each in screening.screen(session, on=ON, **how) if each.claim_id == filed]
            assert [(each.verdict.outcome, each.unentitled) for each in found] == [(Outcome.NOT_ELIGIBLE, True)]
            assert "所据的事实现在没有登记了" in found[0].verdict.reasons[0].text
        assert not [each for each in screening.screen(session, on=ON) if each.claim_id == ids["符合已报 claim"]]
        for other in ({"rule": "R15"}, {"year": 2022}, {"person_id": ids["快满"]}):
            assert filed not in {each.claim_id for each in screening.screen(session, on=ON, **other)}
