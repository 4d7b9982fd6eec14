"""The application form that was signed stays as it was handed in, whatever becomes of the records (decision 064)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from db import changes
from db.capture import op
from domain import claims as path
from domain.records import Claim, ClaimStep
from services import forms, importing
from services.claims import claims, posted, steps, submitted
from services.claims.cautions import of_verdict
from services.records import save
from services.screening import screen
from tests.services.test_claims import on, person, verdict
from tests.services.test_posted import correct, file, owner


@pytest.fixture
def filed(session):
    return file(session)


def printed(session, id, reason=None):
    form = forms.make(session, "application", id, reason=reason)
    return {label: value for row in form.boxes for label, value in row}, [list(row) for row in form.rows], "".join(form.text)


def kept(session, id):
    found = submitted.of(claims.standing(session, id))
    assert found is not None
    return found


def test_the_signed_application_is_printed_again_as_it_was_handed_in(session, filed):
    save(session, "person", {"phone": "13800000001", "bank_account": "6222000000001234"}, owner(session, filed))
    signed = printed(session, filed)
    steps.step(session, filed, "village_reviewed")
    assert printed(session, filed) == signed
    correct(session, filed)
    save(session, "person", {"phone": "13900000002"}, owner(session, filed))
    boxes, rows, said = printed(session, filed)
    assert (boxes, rows) == signed[:2]
    assert said.startswith("以上是") and "与现在的登记不同" in said
    for part in ("姓名 张三，现在 张山", "联系电话 138****0001，现在 139****0002", "往返交通费 空，现在 去 190.25 元，返 190.25 元"):
        assert part in said, said
    assert "2023-02-10 至 2023-11-20" in said and "2023-02-10 至 2023-06-30" in said


def test_in_full_what_is_the_same_is_shown_and_what_changed_stays_masked(session, filed):
    save(session, "person", {"phone": "13800000001", "bank_account": "6222000000001234"}, owner(session, filed))
    steps.step(session, filed, "village_reviewed")
    save(session, "person", {"phone": "13900000002"}, owner(session, filed))
    boxes, _rows, said = printed(session, filed, "审计")
    assert boxes["社保卡账号"] == "6222000000001234" and boxes["联系电话"] == "138****0001"
    assert "13900000002" not in said
    kept = json.dumps(claims.standing(session, filed).claim.facts, ensure_ascii=False)
    assert not any(number in kept for number in ("13800000001", "6222000000001234", session.get("person", owner(session, filed)).id_number))


def test_a_returned_claim_is_signed_anew_and_both_forms_are_kept(session, filed):
    steps.step(session, filed, "village_reviewed")
    steps.step(session, filed, "returned", "车票不对")
    correct(session, filed)
    boxes, _rows, said = printed(session, filed)
    assert (boxes["姓名"], said) == ("张山", "")
    first = submitted.earlier(session, claims.standing(session, filed))
    assert [kept.boxes["姓名"] for kept in first] == ["张三"]
    session.conn.exec_driver_sql("UPDATE control SET at = ?", (on(session, "2100-07-01").at,))
    later = on(session, "2100-07-01")
    steps.step(later, filed, "village_reviewed")
    boxes, _rows, said = printed(later, filed)
    assert (boxes["姓名"], boxes["申请金额（元）"], said) == ("张山", "380.50", "")


def test_a_claim_of_an_earlier_program_says_that_nothing_was_kept(session, filed):
    steps.write_step(session, claims.standing(session, filed).claim, "village_reviewed")
    assert printed(session, filed)[2] == "没有留存报出时的内容，以上按现在的登记打印。"


def test_a_step_in_a_file_keeps_the_form_too(store, tmp_path):
    with store.write("申请") as session:
        id = claims.file(session, verdict(person(session)))
        line = {"kind": "claim_step", "claim_id": id, "to_state": "village_reviewed", "by": session.author, "at": session.at}
    file = tmp_path / "steps.jsonl"
    file.write_text(json.dumps(line), encoding="utf-8")
    with store.read() as session:
        plan = importing.plan(session, file)
    with store.write("导入") as session:
        importing.apply(session, plan)
        assert kept(session, id).boxes["姓名"] == "张三"
        written = session.conn.execute(select(op.c.kind, op.c.what).where(op.c.act == session.act).order_by(op.c.seq)).all()
    assert [tuple(one) for one in written] == [(Claim.KIND.number, "U"), (ClaimStep.KIND.number, "I")]  # the county takes no later change


def paper(session, name, id, reason=None):
    form = forms.make(session, name, id, reason=reason)
    boxes = [value for row in form.boxes for _label, value in row]
    return "".join([*form.opening, *boxes]), [list(row) for row in form.rows], "".join(form.text)


@pytest.mark.parametrize("name", ["delegation", "work_proof", "work_statement"])
def test_the_papers_beside_the_application_are_printed_again_as_they_were_handed_in(session, filed, name):
    """They showed today's name and work under the old signature."""
    save(session, "person", {"phone": "13800000001"}, owner(session, filed))
    signed = paper(session, name, filed)
    steps.step(session, filed, "village_reviewed")
    assert paper(session, name, filed) == signed
    correct(session, filed)
    save(session, "person", {"phone": "13900000002"}, owner(session, filed))
    head, rows, said = paper(session, name, filed)
    assert (head, rows) == signed[:2] and "张三" in head and said.startswith(signed[2])
    told = said.removeprefix(signed[2])
    assert "报出时的内容，与现在的登记不同：姓名 张三，现在 张山" in told
    assert ("联系电话 138****0001，现在 139****0002" in told, "2023-06-30" in told) == ((name == "delegation"), (name != "delegation"))
    number = session.get("person", owner(session, filed)).id_number
    assert number in paper(session, name, filed, "核对")[0]
    steps.step(session, filed, "returned", "写错了名字")
    head, _rows, said = paper(session, name, filed)
    assert "张山" in head and said == signed[2]


def test_a_paper_of_a_claim_of_an_earlier_program_says_that_nothing_was_kept(session, filed):
    steps.write_step(session, claims.standing(session, filed).claim, "village_reviewed")
    assert paper(session, "work_proof", filed)[2].endswith("没有留存报出时的内容，以上按现在的登记打印。")


def unit(session, people=("张三", "李四")):
    """Claims of a workshop for people who work there."""
    shop = save(session, "employer", {"name": "服装车间", "type": "workshop", "place": "230826101202", "head": "赵主任"})
    workers = [person(session, name, 11 + 2 * n) for n, name in enumerate(people)]
    job = {"employer_id": shop, "channel": "workshop", "place": "230826", "start": "2022-10-01"}
    for who in workers:
        save(session, "employment", {"person_id": who, **job})
    given = {"rule": "R15", "employer_id": shop, "amount": "1000.00", "pack": "P", "version": "1"}
    return shop, [claims.file(session, verdict(who, **given)) for who in workers]


def test_a_unit_signs_for_the_rows_that_were_handed_in(session):
    shop, made = unit(session)
    signed = forms.make(session, "employer_application", made[0])
    for id in made:
        submitted.keep(session, id)
        steps.write_step(session, claims.standing(session, id).claim, "village_reviewed")
        assert len(kept(session, id).rows) == 1 and len(str(kept(session, id).boxes)) < 500
    again = forms.make(session, "employer_application", made[0])
    assert (again.boxes, again.rows, list(again.text)) == (signed.boxes, signed.rows, [])
    save(session, "employer", {"head": "钱主任"}, shop)
    save(session, "person", {"name": "李思"}, owner(session, made[1]))
    changes.update(session, "claim", made[1], {"amount": 90000})
    again = forms.make(session, "employer_application", made[0])
    assert (again.boxes, again.rows, again.total) == (signed.boxes, signed.rows, signed.total)
    assert "负责人 赵主任，现在 钱主任；李四：姓名 李四，现在 李思，申请金额（元） 1,000.00，现在 900.00。" in "".join(again.text)


def test_what_is_kept_is_no_ground_of_the_claim(session):
    id = claims.file(session, verdict(person(session)))
    steps.step(session, id, "village_reviewed")
    claim = claims.standing(session, id).claim
    assert submitted.read(claim.facts) is not None
    assert not [each for each in screen(session, person_id=claim.person_id) if each.claim_id == id]
    assert list(of_verdict(session, claim)) == []


def test_what_is_kept_stays_when_the_county_judges_anew_and_goes_with_erasure(session, filed):
    steps.step(session, filed, "village_reviewed")
    county = replace(session, role="county")
    claim = claims.standing(session, filed).claim
    assert submitted.read(posted.judged(county, claim, [])) == submitted.read(claim.facts)
    changes.update(session, "claim", filed, {"facts": None})  # as erasure does
    assert printed(session, filed)[2] == "没有留存报出时的内容，以上按现在的登记打印。"


@pytest.mark.parametrize(
    "wrong",
    [
        {"rows": [["x"] * 3]},
        {"rows": [[]]},
        {"rows": [[True, None, {}, [], 5, 6]]},
        {"rows": [["x" * 20_000] * 25]},
        {"rows": [["\x1b[31m", "\u202e", "=cmd()", "<b>", "&", "{{姓名}}"]]},
        {"title": "T" * 100_000},
        {"boxes": [["姓名", "x" * 100_000], ["身份证号码", ["a"]], ["a"]]},
        {"on": "9999-99-99" * 1000},
        {"amount": -(10**12)},
    ],
)
def test_what_a_program_of_somebodys_own_kept_is_printed_all_the_same(session, filed, tmp_path, wrong):
    """A cell without a text or of many pages ended or stopped the printing of the whole batch at the county."""
    steps.step(session, filed, "village_reviewed")
    facts = claims.standing(session, filed).claim.facts
    changes.update(session, "claim", filed, {"facts": {**facts, path.SUBMITTED: {**facts[path.SUBMITTED], **wrong}}})
    for name in ("application", "delegation", "work_proof", "work_statement"):
        form = forms.make(session, name, filed)
        assert len(form.title) <= 200 and len(str([form.boxes, form.rows, form.text])) < 300_000
        for ending in (".xlsx", ".docx"):
            forms.write(form, tmp_path / f"{name}{ending}", name=name, own=None)


def test_each_employer_confirms_its_own_part_of_the_work(session, filed):
    """One had been asked to confirm 在我处 what the others had paid; with one employer it is as before."""
    alone = forms.make(session, "work_proof", filed)
    assert "在我处务工" in alone.opening[0] and not alone.opinions and alone.signatures
    job = {"person_id": owner(session, filed), "place": "370200", "channel": "migrant", "start": "2023-01-02", "end": "2023-02-01"}
    save(session, "employment", {**job, "employer_name": "青岛甲厂"})
    form = forms.make(session, "work_proof", filed)
    assert [one.label for one in form.opinions] == [row[3] or "其他雇主" for row in form.rows] and len(form.rows) == 2
    assert "在下列单位务工" in form.opening[0] and not form.signatures
