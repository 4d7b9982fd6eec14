"""What was posted and what was signed stays as it was, whatever becomes of the records (decision 064)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from db import changes
from domain.notices import NoticeItem
from services import forms
from services.claims import claims, notices, posted, steps
from services.dossier.doubts import doubts
from services.records import save
from tests.services.test_claims import START, objected, on, person, verdict

_AWAY = {"channel": "migrant", "place": "330100", "start": "2023-02-10"}


def file(session):
    """Files the claim of somebody who worked away; answers its id."""
    who = person(session)
    save(session, "category_span", {"person_id": who, "category": "lifted", "start": "2014-01-01"})
    save(session, "employment", {"person_id": who, **_AWAY, "end": "2023-11-20"})
    return claims.judge_and_file(session, "R03", 2023, person_id=who)


@pytest.fixture
def filed(session):
    return file(session)


def owner(session, id):
    return claims.standing(session, id).claim.person_id


def row(session, notice):
    return forms.make(session, "notice_form", notice).rows[0][1:]


def text(session, notice):
    return "".join(forms.make(session, "notice_form", notice).text)


def put_up(session, id, level="village", start=START):
    if level == "village":
        steps.step(session, id, "village_reviewed")
    return notices.make(session, level, start, 7, claim_ids=[id])


def at_the_county(session, id):
    """The session as the county's, which reviews the claim."""
    for state in ("village_reviewed", "village_notice"):
        steps.step(session, id, state)
    county = replace(session, role="county")
    for state in ("township_reviewed", "county_review"):
        steps.write_step(county, claims.standing(session, id).claim, state)
    return county


def correct(session, id):
    """What was found after the objection: another name, less work and less money."""
    save(session, "person", {"name": "张山"}, owner(session, id))
    for spell in session.select("employment"):
        save(session, "employment", {"end": "2023-06-30"}, spell.id)
    save(session, "travel", {"person_id": owner(session, id), "year": 2023, "outward": 19025, "homeward": 19025})


def test_a_notice_reprints_what_was_posted_and_says_what_is_different(session, filed):
    """Both notices, before and after the objection, printed the sum of the day, and a renamed person everywhere."""
    first = put_up(session, filed)
    hung = row(session, first)
    assert (hung[0], hung[3], hung[4:], text(session, first)) == ("张三", 500.0, ("浙江省", "2023-02—2023-11"), "")
    objected(session, first)
    steps.step(session, filed, "returned", "金额不对")
    correct(session, filed)
    later = on(session, "2023-07-01")
    session.conn.exec_driver_sql("UPDATE control SET at = ?", (on(session, "2100-07-01").at,))  # all that a test writes is one act
    second = put_up(on(session, "2100-07-01"), filed, start="2100-07-01")
    assert row(later, first) == hung
    assert [row(later, second)[n] for n in (0, 3, 5)] == ["张山", 380.5, "2023-02—2023-06"]
    changed = "姓名 张三，现在 张山，金额 500.00，现在 380.50，起止 2023-02—2023-11，现在 2023-02—2023-06"
    assert text(later, first) == f"以上是当时公示的内容，与现在的登记不同：张三：{changed}。"
    assert text(later, second) == ""
    report = forms.make(later, "notice_report", first)
    assert dict(cell for boxes in report.boxes for cell in boxes)["公示金额（元）"] == "500.00"
    assert any("与现在的登记不同" in line for line in report.text)


def test_what_was_changed_of_the_notice_itself_is_told(session, filed):
    """A notice of seven days was made one of a single day, and closed: nothing showed it."""
    steps.step(session, filed, "village_reviewed")
    notice = notices.make(session, "village", session.today, 7, claim_ids=[filed], place="村务公开栏", phone="0454-1234567")
    save(session, "notice", {"days": 1, "place": "村委会"}, notice)
    save(session, "notice", {"phone": "0454-7654321"}, notice)
    save(session, "notice", {"phone": "0454-1234567"}, notice)
    said = text(session, notice)
    assert f"公示发出以后，{session.today} 改过：公示天数由 7 改为 1；{session.today} 改过：公示地点由 村务公开栏 改为 村委会。" == said
    told = doubts(session, claims.standing(session, filed), [session.get("notice", notice)], ())
    assert any(f"发出以后{session.user}于 {session.today} 改过：公示天数由 7 改为 1" in one for one in told)


def test_a_notice_of_an_earlier_program_says_that_nothing_was_kept(session, filed):
    steps.step(session, filed, "village_reviewed")
    old = save(session, "notice", {"level": "village", "start": START, "days": 7, "claims": (filed,)})
    steps.step(session, filed, "village_notice")
    assert row(session, old)[3] == 500.0
    assert text(session, old) == "没有留存当时公示的内容，以上按现在的登记打印。"
    with_one = claims.file(session, verdict(person(session, "李四", 12)))
    steps.step(session, with_one, "village_reviewed")
    new = notices.make(session, "village", START, 7, claim_ids=[with_one])
    changes.update(session, "notice", new, {"claims": (filed, with_one)})
    assert text(session, new) == "其中 1 笔没有留存当时公示的内容，按现在的登记打印：张三。"


def test_a_notice_posted_again_without_a_review_shows_what_was_reviewed(session, filed):
    first = put_up(session, filed)
    objected(session, first)
    save(session, "person", {"name": "张山"}, owner(session, filed))
    seen = notices.preview(session, "village", START, 7, claim_ids=[filed])
    assert [line.name for line in seen.lines] == ["张三"] and "现在 张山" in seen.remarks[0]
    again = notices.make(session, "village", START, 7, claim_ids=[filed])
    assert row(session, again) == row(session, first)


def test_the_county_posts_again_what_it_corrected_and_both_stay(session, filed):
    county = at_the_county(session, filed)
    first = put_up(county, filed, "county")
    objected(county, first)
    changes.update(county, "claim", filed, {"amount": 38050})
    again = notices.make(county, "county", START, 7, claim_ids=[filed])
    changes.update(county, "claim", filed, {"amount": 20000})
    assert [row(county, one)[3] for one in (first, again)] == [500.0, 380.5]


def test_a_line_posted_again_stays_when_the_claim_is_judged_anew(session, filed):
    county = at_the_county(session, filed)
    objected(county, put_up(county, filed, "county"))
    changes.update(county, "claim", filed, {"amount": 40000})
    again = notices.make(county, "county", START, 7, claim_ids=[filed])
    objected(county, again)
    steps.write_step(county, claims.standing(session, filed).claim, "returned", "车票不对")
    correct(session, filed)
    steps.step(session, filed, "village_reviewed")
    assert claims.standing(session, filed).claim.amount != 40000
    assert row(county, again)[3] == 400.0


def test_a_kept_line_names_nobody_who_was_erased(session, filed):
    notice = put_up(session, filed)
    for step in claims.standing(session, filed).steps:
        session.conn.exec_driver_sql("UPDATE claim_step SET opinion = NULL WHERE id = ?", (step.id,))  # as erasure does
    assert text(session, notice) == "没有留存当时公示的内容，以上按现在的登记打印。"


def test_what_the_wall_hides_is_hidden_in_what_is_kept(session):
    for serial in (11, 13):
        claims.file(session, verdict(person(session, "张三", serial)))
    for each in claims.listing(session):
        steps.step(session, each.claim.id, "village_reviewed")
    notice = notices.make(session, "village", START, 7)
    assert [line.name for line in notices.sheet(session, notice).lines] == [f"张三（{tail}）" for tail in tails(session, notice)]
    kept = "".join(step.opinion or "" for step in session.select("claim_step"))
    assert "张三（" in kept and not any(who.id_number in kept for who in session.select("person"))


def tails(session, notice):
    return [session.get("person", owner(session, id)).id_number[-4:] for id in session.get("notice", notice).claims]


@pytest.mark.parametrize(
    "line",
    [
        NoticeItem(0, "张三（户主 张大）", "前进村二组", "交通补助", 123456789, "浙江省、江苏省", "2023-02—2023-11、2023至今"),
        NoticeItem(0, "", "", "R03", 5, "", ""),
    ],
)
def test_a_kept_line_is_read_as_it_was_written(line):
    assert posted.read(posted.text(line)) == line
    assert posted.read(posted.text(replace(line, name="张｜三\n四"))) == replace(line, name="张|三 四")


@pytest.mark.parametrize("said", [None, "", "同意", "公示内容：张三", "公示内容：a｜b｜c｜x 元｜e｜f"])
def test_other_opinions_are_no_lines(said):
    assert posted.read(said) is None
