"""Verdict cards on the page of a person and of a workshop, with a real store behind them; the claims they file."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from desktop.people.page import build as build_people
from desktop.widgets.layout import column, holder, scrolled, stacked
from desktop.widgets.reasons import Reason
from desktop.widgets.verdict_card import VerdictCard, VerdictCards, Verdicts, VerdictShown
from desktop.wiring.verdicts import VerdictSource
from desktop.workshop.page import WorkshopPage
from desktop.workshop.page import build as build_workshop
from domain.policy.leads import Lead
from services import records
from tests.qt.fitting import misfits

PLACE = "230826101202"


@pytest.fixture
def station(settled):
    return settled[0]


@pytest.fixture
def ids(station, settled):
    """孙玉梅 worked in 大连 from February to November 2023, 王秀兰 in a workshop that was never recognised."""
    found = settled[1]
    with station.store.write("准备") as session:
        away = {"channel": "migrant", "place": "210200", "start": "2023-02-10", "end": "2023-11-20", "employer_name": "大连港"}
        found["省外"] = records.save(session, "employment", {"person_id": found["孙玉梅"], **away})
        found["车间"] = session.get("employment", found["务工"]).employer_id
        here = {"channel": "workshop", "place": "230826", "start": "2022-10-01", "end": "2023-09-30", "employer_id": found["车间"]}
        spell = records.save(session, "employment", {"person_id": found["王秀兰"], **here})
        records.save(session, "wage", {"employment_id": spell, "month": "2023-03", "paid_on": "2023-03", "amount": 52000})
    return found


@pytest.fixture
def person(show, frame, station, ids):
    """The page of 孙玉梅."""
    return show(build_people(frame, station), id=ids["孙玉梅"])


def cards(page) -> dict[str, VerdictCard]:
    return {card.shown.rule: card for card in page.view.verdicts.cards}


def test_a_card_says_what_was_counted_and_what_is_missing(person) -> None:
    card = cards(person)["R03"]
    shown = card.shown
    assert (shown.outcome, shown.tone, shown.amount, shown.article, shown.year) == ("符合", "good", "500.00 元", "（三）", 2023)
    assert any("2023-02-10 至 2023-11-20，共 9 个月 11 天，满 3 个月" in one.text and one.met for one in shown.conditions)
    assert shown.missing and shown.fund == "衔接推进乡村振兴补助资金"
    names = [one.accessibleName() for one in card.findChildren(QWidget)]
    assert any(name.startswith("满足：") and "满 3 个月" in name for name in names)  # the sign is told in words too


def test_who_comes_to_claim_stands_on_the_button_and_stays_on_it(person, ids) -> None:
    """It was below the edge of a low screen, twenty Tabs from where the cursor was."""
    person.opened(id=ids["孙玉梅"], rule="R03")
    assert cards(person)["R03"].go.hasFocus()
    cards(person)["R03"].go.click()
    go = cards(person)["R03"].go
    assert go.text().startswith("看申请") and go.hasFocus()


def test_from_a_measure_the_cursor_begins_at_the_next_person(person, ids) -> None:
    """Its card goes, and with it the cursor: it came to rest on 返回."""
    person.opened(id=ids["孙玉梅"], rule="R03")
    person.opened(id=ids["王秀兰"])
    assert person.view.head.edit.hasFocus()


def test_the_clause_can_be_read(person) -> None:
    card = cards(person)["R03"]
    assert card.clause.isHidden()
    card.read.click()
    assert not card.clause.isHidden() and card.clause.text().startswith("对跨省稳定就业3个月以上")
    card.read.click()
    assert card.clause.isHidden()


def test_a_claim_is_filed_from_its_card_and_then_opened(person, station, frame, ids) -> None:
    cards(person)["R03"].go.click()
    with station.store.read() as session:
        (claim,) = session.select("claim")
    assert (claim.rule, claim.year, claim.person_id, claim.amount) == ("R03", 2023, ids["孙玉梅"], 50000)
    assert claim.facts["reasons"]
    assert "已提出申请" in frame.messages[-1]
    card = cards(person)["R03"]
    assert (card.shown.claim_state, card.shown.can_file) == ("草稿", False)
    card.go.click()
    assert frame.opened[-1] == ("benefits", {"claim": claim.id})


def test_a_refusal_is_told_in_words(person, station, frame, ids) -> None:
    """Somebody filed the same in the meantime."""
    VerdictSource(station).file(cards(person)["R03"].shown)
    cards(person)["R03"].go.click()
    assert "已经申请过" in str(frame.errors[-1])


def test_after_the_last_policy_ended_nobody_is_said_to_lack_records(person, ids) -> None:
    """All wages of the running income period were recorded, and its workshop was told to record them."""
    person.show_one(ids["赵雨桐"])
    assert cards(person) == {}
    assert "在用的文件到 2025-12-31 都已到期" in spoken(person.view.verdicts)


def test_somebody_without_facts_is_told_so(qtbot) -> None:
    made = VerdictCards("还没有可以按政策判定的事实", print, print)
    qtbot.addWidget(made)
    made.show_verdicts(Verdicts([]))
    assert spoken(made) == "还没有可以按政策判定的事实"


def test_cards_of_another_person_are_not_shown(person, ids) -> None:
    """What arrives late is about somebody else."""
    person.person.judged.emit(Verdicts([]))
    person.person.id = ids["王秀兰"]
    person.person._judge(ids["孙玉梅"], Verdicts([], [Lead("（七）", "甲", "乙")]))
    assert "甲" not in spoken(person.view.verdicts)


def test_leads_never_carry_an_amount(qtbot) -> None:
    made = VerdictCards("没有", print, print)
    qtbot.addWidget(made)
    made.show_verdicts(Verdicts([], [Lead("（二十二）", "安置到户", "请向乡镇咨询")]))
    assert "安置到户（二十二）" in spoken(made) and "元" not in spoken(made)


def test_a_workshop_has_a_card_for_each_worker(qtbot, frame, station, ids) -> None:
    page = build_workshop(frame, station)
    assert isinstance(page, WorkshopPage)
    qtbot.addWidget(page)
    page.show()
    page.opened(id=ids["车间"], tab="verdicts")
    shown: list[VerdictShown] = [card.shown for card in page.verdicts.cards if card.shown.rule == "R15"]
    assert {one.about for one in shown} == {"王秀兰"}
    assert all(one.employer_id == ids["车间"] and not one.can_file for one in shown)
    assert any("认定" in condition.text and not condition.met for condition in shown[0].conditions)


def test_reasons_have_room_where_the_page_is_wider_than_the_cards(qtbot, frame, station, ids) -> None:
    """Their height was asked for at the width of the page: the last lines of long reasons were cut off."""
    page = build_workshop(frame, station)
    assert isinstance(page, WorkshopPage)
    qtbot.addWidget(page)
    page.resize(1400, 700)
    page.show()
    page.opened(id=ids["车间"], tab="verdicts")
    shown = page.verdicts.cards[0].shown
    page.verdicts.show_verdicts(Verdicts([replace(shown, conditions=[Reason(None, "很长的理由" * 12)])] * 6))
    assert page.verdicts.isVisible()
    qtbot.waitUntil(lambda: not list(misfits(page.verdicts)))


def spoken(widget: QWidget) -> str:
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if one.text() and not one.isHidden())


def test_cards_are_never_painted_as_thin_bars(qtbot, monkeypatch) -> None:
    cards = VerdictCards("", print, print)
    area = stacked(QWidget(), scrolled(holder(column(cards, None))))
    qtbot.addWidget(area)
    area.resize(600, 300)
    with qtbot.waitExposed(area):
        area.show()
    area.setCurrentIndex(1)
    cards.show_waiting()
    qtbot.waitUntil(lambda: 0 < cards.height() < 100)
    painted: list[int] = []
    monkeypatch.setattr(VerdictCard, "paintEvent", lambda card, _event: painted.append(card.height() - card.minimumSizeHint().height()))
    one = VerdictShown("R03", 2023, "p", "", "", "务工补贴", "（三）", "", "符合", "good", missing=("银行账号",), notes=("按年发",))
    cards.show_verdicts(Verdicts([one] * 12))
    qtbot.waitUntil(lambda: bool(painted))
    assert min(painted) >= 0


def test_the_button_to_claim_is_above_the_reasons(person) -> None:
    """Below long reasons it was out of sight in a low window."""
    card = cards(person)["R03"]
    reason = next(one for one in card.findChildren(QWidget) if one.accessibleName().startswith("满足："))
    assert (
        card.go.text() == "申请" and card.go.mapTo(card, card.go.rect().bottomLeft()).y() < reason.mapTo(card, reason.rect().topLeft()).y()
    )
