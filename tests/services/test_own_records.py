"""What a person is shown of what is on record about them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from db import changes
from db.store import Store
from db.unmasked import views
from domain.errors import NotFound
from services import attachments, forms, records
from services.claims import steps
from tests.services.test_forms import NUMBER, PHONE, cells, worked


def told(store: Store, person: str, reason: str | None = None) -> list[tuple[object, ...]]:
    with store.write("查询") as session:
        return [tuple(row) for row in forms.make(session, "own_records", person, reason=reason).rows]


def test_everything_about_a_person_is_listed_and_nobody_elses(store: Store) -> None:
    claim, _workshop_claim, _workshop = worked(store)
    with store.write("别人") as session:
        person = session.get("claim", claim).person_id
        spell = next(one for one in session.select("employment") if one.person_id == person)
        records.save(session, "wage", {"employment_id": spell.id, "month": "2023-05", "paid_on": "2023-06-02", "amount": 410000})
        other = records.save(session, "person", {"name": "李别人", "document": "other", "id_number": "A1", "labour": "ordinary"})
        home = records.save(session, "household", {"head_id": other})
        records.save(
            session, "visit", {"household_id": home, "person_id": other, "on": "2023-05-06", "by": "王干部", "content": "了解情况"}
        )
        records.save(
            session, "visit", {"household_id": home, "person_id": person, "on": "2023-05-07", "by": "王干部", "content": "了解情况"}
        )
    rows = told(store, person)
    kinds = [row[1] for row in rows]
    assert kinds[0] == "人员" and {"务工就业", "劳动报酬", "补助申请", "走访"} <= set(kinds)
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    text = "\n".join(str(row[2]) for row in rows)
    assert "4,100.00" in text and "2023-05-07" in text and "大连港" in text
    assert "补助项目：跨省务工" in text
    assert "2023-05-06" not in text and "李别人" not in text


def test_numbers_are_masked_unless_there_is_a_reason_which_is_logged(store: Store, tmp_path: Path) -> None:
    claim, *_others = worked(store)
    with store.read() as session:
        person = session.get("claim", claim).person_id
    masked, plain = told(store, person), told(store, person, reason="本人要求查看")
    assert not any(secret in str(masked) for secret in (NUMBER, PHONE))
    assert NUMBER in str(plain)
    with store.read() as session:
        assert any("own_records" in one.what and one.reason == "本人要求查看" for one in views(session))
        with pytest.raises(NotFound):
            forms.make(session, "own_records", "nobody")
        form = forms.make(session, "own_records", person)
    assert any("第四十五条" in str(value) for value, _type in cells(form, tmp_path / "a.xlsx"))


def test_what_became_of_a_claim_is_listed_too(store: Store) -> None:
    """Steps and payments of a claim, and files of it, were left out: claims were looked for after them."""
    claim, *_others = worked(store)
    with store.write("办理") as session:
        person = session.get("claim", claim).person_id
        records.save(session, "category_span", {"person_id": person, "category": "lifted"})
        steps.step(session, claim, "village_reviewed")
        paid = {"claim_id": claim, "amount": 50000, "fund": "bridging"}
        changes.insert(session, "payment", [{"id": session.new_id(), "village": session.scope, **paid}])
        attachments.put(session, claim, "申请表.pdf", b"%PDF-1.4")
        other = records.save(session, "person", {"name": "李别人", "document": "other", "id_number": "A1", "labour": "ordinary"})
        attachments.put(session, other, "别人.pdf", b"%PDF-1.5")
    rows = told(store, person)
    kinds = [row[1] for row in rows]
    assert {"补助申请", "办理记录", "拨付", "附件"} <= set(kinds)
    assert "别人" not in str(rows)
    (step,) = [str(row[2]) for row in rows if row[1] == "办理记录"]
    assert not re.search(r"T\d\d:|@", step)  # the villager reads a time and a name
    assert kinds == sorted(kinds, key=kinds.index)  # each kind together


def test_the_notice_names_what_is_collected(store: Store) -> None:
    with store.read() as session:
        text = "\n".join(str(line) for line in forms.make(session, "privacy_notice").text)
    assert all(word in text for word in ("第十七条", "第三十五条", "健康状况", "社保卡账号", "文化程度", "解放村"))
    assert "{" not in text
