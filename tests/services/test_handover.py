"""交接清单: what whoever takes over is handed."""

from pathlib import Path

from db import exchange, local
from db.store import Store
from services import forms, records
from services.claims import claims, steps
from services.forms import Form
from tests.numbers import number
from tests.services.test_forms import cells, filed


def listed(form: Form) -> dict[str, tuple[object, str]]:
    return {str(item): (count, str(words)) for _number, item, count, words in form.rows}


def test_the_list_says_what_there_is_what_is_under_way_and_how_copies_stand(store: Store) -> None:
    filed(store, "王强")
    reviewed, withdrawn = filed(store, "李梅", number(serial=21)), filed(store, "赵六", number(serial=31))
    with store.write("办理") as session:
        steps.step(session, reviewed, "village_reviewed")
        steps.step(session, withdrawn, "withdrawn", "本人不办了")
        person = session.select("person")[0].id
        records.save(session, "employment", {"person_id": person, "channel": "migrant", "place": "210200", "start": "2023-02-01"})
    store.add_user("接班人", "admin", "another password")
    store.disable_user("接班人")
    with store.applying() as session:
        local.save_draft(session, "register", {"name": "半张表"})
    with store.read() as session:
        made = forms.make(session, "handover")
        found, unsent = listed(made), exchange.unsent(session)
    assert found["在册人员"][0] == 3 and found["正在务工"][0] == 1
    assert found["补助申请：草稿"] == (1, "王强") and found["补助申请：村初审"] == (1, "李梅")
    assert found["补助申请：撤回"] == (1, ""), "what is over is counted and names nobody"
    assert found["还没有上传的改动"] == (unsent, "上次同步：还没有") and unsent > 0
    assert found["备份"] == ("", "上次备份：还没有")
    assert found["这台电脑的用户"][0] == 2 and "接班人（管理员，已停用）" in found["这台电脑的用户"][1]
    assert found["填了一半没有保存的"][0] == 1 and "李文书 1" in found["填了一半没有保存的"][1]
    assert made.signatures == ("移交人", "接收人", "监交人")
    assert [row[0] for row in made.rows] == list(range(1, len(made.rows) + 1))


def test_many_names_are_counted_and_no_number_of_anybody_stands_in_it(store: Store) -> None:
    for n in range(42):
        filed(store, f"人{n}")
    with store.read() as session:
        made = forms.make(session, "handover")
    count, words = listed(made)["补助申请：草稿"]
    assert count == 42 and words.endswith("等") and words.count("、") == 39
    assert not any("1380000" in str(cell) or "230826198" in str(cell) for row in made.rows for cell in row)


def test_a_workshop_with_many_claims_is_named_once_and_who_signs_stands_in_one_line(store: Store, tmp_path: Path) -> None:
    """Its name beside each of forty people made a row of two pages, of which a sheet shows the middle."""
    with store.write("申请") as session:
        unit = records.save(session, "employer", {"name": "星火车间", "type": "workshop", "place": "230826101202"})
        for n in range(3):
            person = records.save(
                session, "person", {"name": f"人{n}", "document": "other", "id_number": f"W{n}234567", "labour": "ordinary"}
            )
            verdict = {"rule": "R15", "year": 2023, "person_id": person, "employer_id": unit, "record_id": None, "outcome": "eligible"}
            claims.file(session, {**verdict, "amount": "1000.00", "pack": "P", "version": "1", "missing": [], "reasons": []})
        made = forms.make(session, "handover")
    count, words = listed(made)["补助申请：草稿"]
    assert count == 3 and sorted(words.split("、")) == ["人0", "人1", "人2", "星火车间"]
    signed = next(str(value) for value, _type in cells(made, tmp_path / "a.xlsx") if "接收人：" in str(value))
    assert signed.split() == ["移交人：", "接收人：", "监交人："]
