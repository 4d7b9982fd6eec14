"""What a policy pack would change, told before it is published."""

from __future__ import annotations

from pathlib import Path

from python_calamine import load_workbook

from db.store import Store
from domain.policy.pack import load
from services import policies, policy_trial
from services.records import save


def test_a_policy_is_tried_on_the_records_before_it_is_published(store: Store, tmp_path: Path) -> None:
    """An overlay from the middle of the year paid for work done before it, without a word."""
    text = (
        'format = 1\nid = "HC"\nversion = "1.0.0"\ntitle = "桦川〔2024〕7号"\nlevel = "county"\narea = "230826"\nbase = "HLJ-2021-16"\n'
        'from = {start}\nto = 2025-12-31\n[[rules]]\nid = "R03"\n[rules.params]\ncap = "800.00"\nfare = "flat"\n'
    )
    overlay, next_year = (load(text.format(start=start).encode()) for start in ("2024-07-01", "2025-01-01"))
    with store.write("登记") as session:
        who = save(session, "person", {"name": "赵强", "document": "other", "id_number": "X7", "labour": "ordinary"})
        save(session, "category_span", {"person_id": who, "category": "lifted"})
        work = {"channel": "migrant", "place": "110000", "start": "2024-02-01", "end": "2024-06-20"}
        save(session, "employment", {"person_id": who, **work})
    with store.read() as session:
        tried = policy_trial.trial(session, overlay, policies.here(session))
        assert [(one.after.person_id, one.difference) for one in tried.changes if one.after] == [(who, 30_000)]
        first, second = tried.sentences()
        assert "1 人的判定会变，合计多 300.00 元、少 0.00 元" in first and "2024-07-01 以前做完的也算在内" in second
        assert any(
            "标准按《桦川〔2024〕7号》（2024-07-01 起）执行" in reason.text
            for one in tried.changes
            if one.after
            for reason in one.after.reasons
        )
        assert policy_trial.save(session, tried, tmp_path / "名单.xlsx") == 1
        none = policy_trial.trial(session, next_year, policies.here(session))
        assert none.changes == [] and "没有人的判定会变" in none.sentences()[0]
    rows = load_workbook(tmp_path / "名单.xlsx").get_sheet_by_index(0).to_python()
    assert rows[-1][1:] == ["赵强", "跨省务工一次性交通补助", 2024.0, "符合", 500.0, "符合", 800.0, 300.0]
