"""Targets of a year by command: as a table, as JSON, on paper."""

from __future__ import annotations

import json
from pathlib import Path

from python_calamine import CalamineWorkbook

from tests.conftest import VILLAGE
from tests.e2e.conftest import Run


def test_how_far_the_targets_of_a_year_are(run: Run, home: Path, tmp_path: Path) -> None:
    who = "11111111-1111-4111-8111-111111111111"
    rows = [
        {"kind": "person", "id": who, "name": "张三", "document": "other", "id_number": "x1", "labour": "ordinary"},
        {"kind": "employment", "person_id": who, "channel": "migrant", "place": "210200", "start": "2026-01-05"},
        {"kind": "target", "year": 2026, "area": VILLAGE, "indicator": "外出务工人数", "value": 3},
        {"kind": "target", "year": 2026, "area": VILLAGE, "indicator": "群众满意度", "value": 95},
    ]
    assert run("--home", home, "import", "-", stdin="\n".join(json.dumps(one, ensure_ascii=False) for one in rows)).code == 0
    found = run("--home", home, "report", "targets", "--year", "2026", "--json").value
    told = {one["indicator"]: (one["target"], one["done"], one["percent"], one["left"]) for one in found}
    assert told == {"外出务工人数": (3, 1, 33, 2), "群众满意度": (95, None, None, None)}
    shown = run("--home", home, "report", "targets", "--year", "2026").out
    assert "33%" in shown
    assert "无法自动计算" in shown
    file = tmp_path / "目标.xlsx"
    assert run("--home", home, "report", "targets", file, "--year", "2026").code == 0
    cells = [str(cell) for row in CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python() for cell in row]
    assert "33%" in cells


def test_who_was_not_in_touch_for_how_long(run: Run, home: Path, tmp_path: Path) -> None:
    who = "11111111-1111-4111-8111-111111111111"
    known = {"kind": "person", "document": "other", "labour": "ordinary", "birth": "1980-05-05", "phone": "13912345678"}
    rows = [
        {**known, "id": who, "name": "张三", "id_number": "x1"},
        {**known, "name": "李四", "id_number": "x2"},
        {"kind": "monthly_check", "person_id": who, "month": "2026-02", "status": "away"},
    ]
    assert run("--home", home, "import", "-", stdin="\n".join(json.dumps(one, ensure_ascii=False) for one in rows)).code == 0
    found = run("--home", home, "report", "contacts", "--month", "2026-06", "--json").value
    told = [(one["name"], one["last"], one["way"], one["months"], one["phone"]) for one in found]
    assert told == [("李四", None, None, None, "139****5678"), ("张三", "2026-02", "monthly_check", 4, "139****5678")]
    assert found[1]["times"] == {"2026-02": ["monthly_check"]}
    assert "13912345678" in run("--home", home, "report", "contacts", "--plain", "--reason", "打电话").out
    assert run("--home", home, "audit", "views", "--json").value[0]["reason"] == "打电话"
    (line,) = run("--home", home, "report", "contact_villages", "--month", "2026-06", "--json").value
    assert (line["area"], line["people"], line["late"], line["never"]) == (VILLAGE, 2, 1, 1)
    assert run("--home", home, "report", "contacts", "--month", "2026").code == 2
    assert run("--home", home, "report", "contacts", tmp_path / "联系.pdf").code == 0


def test_how_good_the_records_of_each_village_are(run: Run, home: Path, tmp_path: Path) -> None:
    known = {"kind": "person", "document": "other", "id_number": "x1", "labour": "ordinary", "birth": "1980-05-05"}
    assert run("--home", home, "import", "-", stdin=json.dumps({**known, "name": "张三"}, ensure_ascii=False)).code == 0
    (line,) = run("--home", home, "report", "quality", "--json").value
    assert (line["area"], line["people"], line["missing"]["phone"], line["rules"]["I10"]) == (VILLAGE, 1, 1, 1)
    assert line["rate"] == 100.0 * line["counts"]["error"]
    assert "没填电话" in run("--home", home, "report", "quality").out
    assert run("--home", home, "report", "quality_list", tmp_path / "清单.xlsx").code == 0
    assert run("--home", home, "report", "quality_list").code == 2
