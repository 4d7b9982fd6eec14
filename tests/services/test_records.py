"""Saving, deleting and undoing entries."""

from __future__ import annotations

import pytest

from db import acts, changes, local
from db.county import County
from db.mapping import table
from domain.errors import ChangedUnderneath, DomainError, FieldError, NotFound, Refused
from domain.identity import unnumbered
from services import records
from services.claims import steps
from services.quality import quality
from services.records import save
from tests.numbers import number

ON = "2023-06-05"


def person(**values):
    return {"name": "张三", "document": "resident_id", "id_number": number(), "labour": "ordinary", **values}


def work(person_id, **values):
    return {"person_id": person_id, "channel": "migrant", "place": "210211", "start": "2023-03", **values}


def test_a_new_person_gets_sex_and_birth_from_the_number(session):
    made = session.get("person", save(session, "person", person()))
    assert (made.sex, made.birth, made.village) == ("male", "1980-05-05", "230826101202")
    assert (made.created_by, made.updated_by) == (session.author, session.author)


def test_what_was_entered_wins_over_the_number(session):
    made = session.get("person", save(session, "person", person(sex="female", birth="1980-05-06")))
    assert (made.sex, made.birth) == ("female", "1980-05-06")


def test_numbers_of_fifteen_and_twenty_are_kept_as_they_came(session):
    old = "230826800505011"
    made = session.get("person", save(session, "person", person(id_number=old)))
    assert (made.id_number, made.original_number) == (number(), old)
    disabled = number(serial=13) + "41"
    other = session.get("person", save(session, "person", person(id_number=disabled, document="disability")))
    assert (other.id_number, other.original_number) == (number(serial=13), disabled)


def test_correcting_the_number_moves_sex_and_birth_that_came_from_it(session):
    id = save(session, "person", person())
    save(session, "person", {"id_number": number("1981-06-06", 12)}, id)
    made = session.get("person", id)
    assert (made.sex, made.birth) == ("female", "1981-06-06")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (person(name=None), "required"),
        (person(labour=None), "required"),
        (person(labour="超人"), "choice"),
        (person(id_number=number()[:17] + "0"), "checksum"),
        (person(id_number="1234"), "length"),
        (person(birth="1980-13-01"), "date"),
        (person(name=5), "text"),
        (person(name=5.5), "text"),
        (person(health="健康"), "type"),
        (person(died_on="1970-01-01"), "order"),
        (person(id_number="**************0010"), "masked"),
        (person(nonsense=1), "field"),
    ],
)
def test_wrong_values_are_refused_in_a_sentence(session, values, code):
    with pytest.raises(FieldError) as caught:
        save(session, "person", values)
    assert caught.value.code == code
    assert session.count("person") == 0


def test_other_documents_may_carry_any_number(session):
    assert save(session, "person", person(document="other", id_number="E12345678"))


def test_the_same_number_twice_is_refused(session):
    save(session, "person", person())
    with pytest.raises(DomainError, match="张三"):
        save(session, "person", person(name="李四", id_number=number() + "41"))
    assert [p.name for p in records.duplicates(session, number().lower())] == ["张三"]
    assert records.duplicates(session, "") == []


def test_the_numbers_of_two_people_are_put_right_as_the_refusal_says(session):
    """A number is required and nobody else may have it: without a number in between, a swap had no way back."""
    right, wrong = number(), number(serial=13)
    one, other = save(session, "person", person(id_number=wrong)), save(session, "person", person(name="李四", id_number=right))
    with pytest.raises(DomainError, match="填反了，先把「李四」的证件类型改成「其他」"):
        save(session, "person", {"id_number": right}, one)
    save(session, "person", {"document": "other", "id_number": "临时1"}, other)
    save(session, "person", {"id_number": right}, one)
    save(session, "person", {"document": "resident_id", "id_number": wrong}, other)
    assert [session.get("person", id).id_number for id in (one, other)] == [right, wrong]


def test_a_deleted_twin_does_not_count(session):
    records.delete(session, "person", save(session, "person", person()))
    assert save(session, "person", person())


def test_references_must_exist(session):
    with pytest.raises(NotFound):
        save(session, "employment", work("00000000-0000-0000-0000-000000000000"))
    id = save(session, "person", person())
    records.delete(session, "person", id)
    with pytest.raises(NotFound):
        save(session, "employment", work(id))


def test_dates_stand_in_order(session):
    id = save(session, "person", person())
    with pytest.raises(FieldError):
        save(session, "employment", work(id, end="2023-02"))
    job = save(session, "employment", work(id, end="2023-03"))
    with pytest.raises(FieldError):
        save(session, "employment", {"start": "2023-04"}, job)


def test_natural_keys_make_saving_again_a_change(session):
    who = save(session, "person", person())
    first = save(session, "monthly_check", {"person_id": who, "month": "2023-05", "status": "away"})
    again = save(session, "monthly_check", {"person_id": who, "month": "2023-05", "status": "unemployed"})
    assert first == again
    assert session.get("monthly_check", first).status == "unemployed"
    records.delete(session, "monthly_check", first)
    assert save(session, "monthly_check", {"person_id": who, "month": "2023-05", "status": "school"}) == first
    assert session.get("monthly_check", first).status == "school"
    with pytest.raises(DomainError):
        save(session, "monthly_check", {"month": "2023-06"}, first)


def test_a_natural_key_must_be_whole(session):
    with pytest.raises(FieldError):
        save(session, "monthly_check", {"month": "2023-05", "status": "away"})


def test_what_is_append_only_never_changes(session):
    job = save(session, "employment", work(save(session, "person", person())))
    wage = save(session, "wage", {"employment_id": job, "month": "2023-05", "paid_on": "2023-06", "amount": 50_000})
    with pytest.raises(DomainError, match="只增不改"):
        save(session, "wage", {"amount": 60_000}, wage)
    save(session, "wage", {"proof": True, "amount": 50_000}, wage)  # an empty field may be filled once
    with pytest.raises(DomainError):
        save(session, "wage", {"proof": False}, wage)
    assert session.get("wage", wage).amount == 50_000


def test_only_what_changed_is_written(store):
    with store.write("登记") as session:
        id = save(session, "person", person())
    with store.write("原样保存") as session:
        save(session, "person", person(), id)
        save(session, "person", {"name": "张三"}, id)
    with store.read() as session:
        assert len({change.at for change in changes.history(session, "person", id)}) == 1
        assert [act.label for act in acts.latest(session)] == ["登记"]


def test_a_form_notices_what_changed_underneath(session):
    id = save(session, "person", person(phone="13812340001", note="旧"))
    opened = {"phone": "13812340001", "note": "旧", "name": "张三"}
    save(session, "person", {"phone": "13812340002"}, id)
    with pytest.raises(ChangedUnderneath) as caught:
        save(session, "person", {**opened, "phone": "13812340003"}, id, base=opened)
    assert caught.value.fields == {"phone": "13812340002"}
    save(session, "person", {**opened, "note": "新"}, id, base=opened)  # another field: both changes stay
    made = session.get("person", id)
    assert (made.phone, made.note) == ("13812340002", "新")
    save(session, "person", {**opened, "phone": "13812340002"}, id, base=opened)  # the same change twice is none


def test_a_masked_secret_means_unchanged(session):
    id = save(session, "person", person(phone="13812340001"))
    save(session, "person", {"phone": "138****0001", "note": "x"}, id)
    assert session.get("person", id).phone == "13812340001"
    with pytest.raises(FieldError):
        save(session, "person", {"phone": "138****0002"}, id)


def test_records_live_with_their_person(make_store):
    town = make_store("230826101")
    with town.write("试") as session:
        with pytest.raises(FieldError):
            save(session, "person", person())  # which village?
        who = save(session, "person", {**person(), "village": "230826101203"})
        job = save(session, "employment", work(who))
        wage = save(session, "wage", {"employment_id": job, "month": "2023-05", "paid_on": "2023-06", "amount": 1})
        shop = save(session, "employer", {"name": "车间", "type": "workshop"})
        finding = save(session, "finding", {"code": "A1", "record_id": wage, "state": "verified"})
        villages = [session.get(k, i).village for k, i in (("employment", job), ("wage", wage), ("employer", shop), ("finding", finding))]
    assert villages == ["230826101203", "230826101203", "230826101", "230826101203"]


def test_a_station_writes_its_own_scope_only(session):
    with pytest.raises(Refused):
        save(session, "person", {**person(), "village": "230826101203"})
    changes.insert(session, "employer", [{"id": session.new_id(), "village": "230826", "name": "县公司", "type": "enterprise"}])
    (employer,) = session.select("employer")
    with pytest.raises(Refused):
        save(session, "employer", {"name": "改名"}, employer.id)
    with pytest.raises(Refused):
        records.delete(session, "employer", employer.id)


def test_deleting_says_what_remains_and_the_bin_gives_back(session):
    who = save(session, "person", person())
    save(session, "employment", work(who))
    said = records.delete(session, "person", who)
    assert "务工就业 1 条" in said
    with pytest.raises(NotFound):
        records.delete(session, "person", who)
    (thrown,) = records.bin(session)
    assert (thrown.kind, thrown.id, thrown.title) == ("person", who, "张三")
    records.undelete(session, "person", who)
    assert records.bin(session) == []
    with pytest.raises(NotFound):
        records.undelete(session, "person", who)


def test_nobody_with_a_claim_under_way_is_deleted_and_the_missing_are_named(session):
    """The claim went on without its person, and the data check did not say whose it was."""
    who = save(session, "person", person())
    made = {"rule": "R03", "pack": "HLJ-2021-16", "pack_version": "1.0.0", "year": 2023, "amount": 50_000, "outcome": "eligible"}
    claim = save(session, "claim", {**made, "person_id": who})
    with pytest.raises(Refused, match=r"张三还有没办完的补助申请（.*，草稿），不能删除"):
        records.delete(session, "person", who)
    changes.delete(session, "person", who)
    said = [doubt.message for doubt in quality.check(session) if (doubt.rule, doubt.id) == ("W35", claim)]
    assert said == ["人员「张三」已删除"]
    with pytest.raises(DomainError, match="张三的记录已经删除了，这笔申请不能往下办"):
        steps.step(session, claim, "village_reviewed")
    records.undelete(session, "person", who)
    steps.step(session, claim, "withdrawn")
    records.delete(session, "person", who)


def test_nothing_refers_nothing_is_said(session):
    assert records.delete(session, "person", save(session, "person", person())) == ""


def test_undo_takes_the_last_act_back_again_and_again(store):
    with store.write("登记 张三") as session:
        id = save(session, "person", person())
    with store.write("改电话") as session:
        save(session, "person", {"phone": "13812340001"}, id)
    said = []
    for _n in range(3):
        with store.write("撤销") as session:
            undone = records.undo_last(session)
            said.append(undone and undone[0])
    assert said == ["改电话", "登记 张三", None]
    with store.read() as session:
        assert session.get("person", id) is None


def test_an_act_found_long_after_is_taken_back_and_what_was_done_since_stays(store):
    """Everybody's posts ended by mistake, and payrolls made since: 撤销 would have had to take back the payrolls first."""
    with store.write("登记") as session:
        people = [save(session, "person", person(name=f"张{n}", id_number=number(serial=n))) for n in (11, 13, 15)]
    with store.write("改劳动力") as session:
        act = session.act
        for id in people:
            records.save(session, "person", {"labour": "weak"}, id)
    with store.write("改一个") as session:
        records.save(session, "person", {"labour": "lost", "phone": "13845400001"}, people[0])
    with store.write("撤销") as session:
        assert records.take_back(session, act) == ("改劳动力", acts.Undone(2, 0, 1))
    with store.read() as session:
        found = [session.get("person", id) for id in people]
    assert [(one.labour, one.phone) for one in found] == [("lost", "13845400001"), ("ordinary", None), ("ordinary", None)]


def test_drafts_survive_closing(store, home):
    from db.store import Store

    with store.applying() as session:
        local.save_draft(session, "register", {"name": "张"})
        local.save_draft(session, "register", {"name": "张三"})
    store.close()
    again = Store.open(home, user=None, password="correct horse")
    with again.applying() as session:
        assert local.load_draft(session, "register") == {"name": "张三"}
        local.clear_draft(session, "register")
        assert local.load_draft(session, "register") is None
    again.close()


@pytest.mark.parametrize("amount", ["五百", 5.5, True, "5"])
def test_money_is_whole_fen(session, amount):
    job = save(session, "employment", work(save(session, "person", person())))
    with pytest.raises(FieldError):
        save(session, "wage", {"employment_id": job, "month": "2023-05", "paid_on": "2023-06", "amount": amount})


def test_the_county_saves_as_well(tmp_path):
    county = County(f"sqlite:///{tmp_path / 'county.db'}")
    with county.write() as session:
        id = save(session, "monitor_line", {"area": "230826", "year": 2023, "amount": 600_000})
        assert session.get("monitor_line", id).amount == 600_000
    county.close()


def test_a_word_for_no_number_is_refused_but_one_on_record_stays(session):
    with pytest.raises(FieldError, match="程序给他编一个"):
        save(session, "person", {**person(), "id_number": "不详"})
    for word in ("不详", "", None):
        made = save(session, "person", {**person(), "document": "other", "id_number": word})
        assert unnumbered(session.get("person", made).id_number)
    id = save(session, "person", {**person(), "document": "other", "id_number": "B7"})
    session.conn.execute(table("person").update().where(table("person").c.id == id).values(id_number="无"))  # as an older version took it
    save(session, "person", {"id_number": "无", "phone": "13812340001"}, id)
    assert session.get("person", id).phone == "13812340001"
