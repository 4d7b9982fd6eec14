"""修改记录: what was done to a record, and where a value came from."""

from __future__ import annotations

from db.mapping import table
from db.store import Store
from domain.records import Claim
from domain.words import lazy
from services import history
from services.claims import claims, steps
from services.importing.applying import LABEL
from services.person import person_page
from services.records import save
from tests.numbers import number


def test_a_value_from_a_file_says_so(store: Store) -> None:
    """It said only who had pressed the key."""
    with store.write(lazy(LABEL, file="花名册.csv")) as session:
        save(session, "person", {"name": "赵强", "document": "resident_id", "id_number": number(), "labour": "ordinary"})
    with store.read() as session:
        (who,) = session.conn.execute(table("person").select()).mappings().all()
        found = history.lines(session, "person", who["id"])
        assert {line.deed for line in found} == {"导入 花名册.csv"}
        assert person_page(session, who["id"], 2023, on="2023-12-01").imported == "导入 花名册.csv"
    with store.write("改电话") as session:
        save(session, "person", {"phone": "13845670217"}, who["id"])
    with store.read() as session:
        last = history.lines(session, "person", who["id"])[-1]
        assert (last.what, last.deed, "13845670217" in last.new) == ("联系电话", "改电话", False)


def test_so_does_one_from_a_file_of_an_earlier_release(store: Store) -> None:
    """It stored the sentence as it was shown."""
    with store.write("导入 花名册.csv（1 行）") as session:
        id = save(session, "person", {"name": "张三", "document": "other", "id_number": "A1", "labour": "ordinary"})
        assert person_page(session, id, 2023, on="2023-12-01").imported == "导入 花名册.csv（1 行）"


def test_the_history_of_a_claim_has_its_way(store: Store) -> None:
    """It showed two fields, and none of the steps."""
    made = {"rule": "R03", "pack": "HLJ-2021-16", "pack_version": "1.0.0", "year": 2023, "amount": 50_000, "outcome": "eligible"}
    with store.write("申请") as session:
        who = save(session, "person", {"name": "赵强", "document": "other", "id_number": "X7", "labour": "ordinary"})
        id = save(session, "claim", {**made, "person_id": who})
        steps.step(session, id, "village_reviewed", "材料齐")
        claim = claims.standing(session, id).claim
        assert isinstance(claim, Claim)
        save(session, "notice", {"level": "village", "start": "2023-06-05", "days": 7, "claims": (id,)})
        for state in ("village_notice", "township_reviewed", "county_review", "county_notice", "approved"):
            steps.write_step(session, claim, state)
        save(session, "payment", {"claim_id": id, "amount": 50_000, "fund": "bridging", "paid_on": "2023-12-01", "bank_result": "ok"})
    with store.read() as session:
        said = [(line.what, line.new) for line in history.lines(session, "claim", id)]
    assert ("办理", "村初审；材料齐") in said and ("村公示", "2023-06-05 起 7 天") in said
    assert ("拨付", "500.00 元；2023-12-01；成功") in said
