"""What the dossier says of changes of the records that a claim is based on: values, who, when, and how far the claim was."""

from __future__ import annotations

from dataclasses import replace

from db.store import Store
from services.claims import claims, steps
from services.dossier import entered
from services.records import delete, save
from tests.services.test_claims import person, verdict


def test_old_and_new_values_are_told_with_how_far_the_claim_was(store: Store) -> None:
    """Only the last change of each record was told, without what it was before."""

    def at(day: str, work):
        with store.write("改") as session:
            session.conn.exec_driver_sql("UPDATE control SET at = ?", (f"{day}T08:00:00Z",))
            return work(replace(session, at=f"{day}T08:00:00Z"))

    who = at("2100-01-01", lambda session: person(session))
    id = at("2100-01-02", lambda session: claims.file(session, verdict(who)))
    travel = at("2100-01-03", lambda session: save(session, "travel", {"person_id": who, "year": 2023, "outward": 20000}))
    at("2100-01-04", lambda session: save(session, "travel", {"outward": 25000}, travel))
    at("2100-01-05", lambda session: steps.write_step(session, claims.standing(session, id).claim, "village_reviewed"))
    at("2100-01-06", lambda session: save(session, "person", {"phone": "13800000001"}, who))
    at("2100-01-07", lambda session: steps.write_step(session, claims.standing(session, id).claim, "village_notice"))
    at("2100-01-08", lambda session: delete(session, "travel", travel))
    for n, state in enumerate(("township_reviewed", "township_notice", "county_review", "county_notice", "approved")):
        at(f"2100-02-0{n + 1}", lambda session, to=state: steps.write_step(session, claims.standing(session, id).claim, to))
    at("2100-02-10", lambda session: save(session, "travel", {"person_id": who, "year": 2023, "homeward": 10000}))
    spelled = "就业渠道 外出务工；务工地 浙江省杭州市；开始时间 2023-02-10"
    spell = {"person_id": who, "channel": "migrant", "place": "330100", "start": "2023-02-10"}
    at("2100-02-12", lambda session: save(session, "employment", spell))
    at("2100-02-11", lambda session: save(session, "person", {"phone": "13900000002"}, who))
    with store.read() as session:
        now = claims.standing(session, id)
        about = entered.records(session, now.claim)
        told, late = entered.changed(session, now, about), entered.after_approval(session, now, about)
    assert all(len(line) == len(entered.changed_head()) for line in told)
    assert [(line[0], line[2][:10], *line[5:]) for line in told] == [
        ("往返交通", "2100-01-04", "去程金额", "200.00", "250.00", "批准前（草稿）"),
        ("人员", "2100-01-06", "联系电话", "", "13800000001", "批准前（村初审）"),
        ("往返交通", "2100-01-08", "删除", "人员 张三（0119）；年度 2023；去程金额 250.00", "", "批准前（村公示）"),
        ("往返交通", "2100-02-10", "恢复", "", "人员 张三（0119）；年度 2023；去程金额 250.00", "批准后（待拨付）"),
        ("往返交通", "2100-02-10", "返程金额", "", "100.00", "批准后（待拨付）"),
        ("人员", "2100-02-11", "联系电话", "13800000001", "13900000002", "批准后（待拨付）"),
        ("务工就业", "2100-02-12", "新增", "", f"人员 张三（0119）；{spelled}", "批准后（待拨付）"),
    ]
    assert late == 3
    assert all(line[3] and line[4] for line in told)
