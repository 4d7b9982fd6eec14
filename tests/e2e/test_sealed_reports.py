"""A month's report handed in: kept with who is behind it, proved years later, told of what has changed, by commands over a connection."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import openpyxl

from db.store import Store
from tests.conftest import PASSWORD, VILLAGE
from tests.e2e.conftest import Run
from tests.e2e.test_exchange import World

MONTH = "2026-03"


def register(run: Run, home: Path, name: str, start: str) -> None:
    who = str(uuid4())
    person = {"kind": "person", "id": who, "name": name, "document": "other", "id_number": f"x{start}", "labour": "ordinary"}
    work = {"kind": "employment", "person_id": who, "channel": "migrant", "place": "210200", "start": start}
    lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in (person, work))
    assert run("--home", home, "import", "-", stdin=lines).code == 0


def test_a_report_handed_in_stays_provable(run: Run, make_store: Callable[..., Store], tmp_path: Path) -> None:
    world = World(tmp_path, run, make_store)
    with world.serving():
        village, town = world.enrolled(VILLAGE), world.enrolled(VILLAGE[:9])
        register(run, village, "张三", "2026-01-05")
        sealed = run("--home", village, "report", "seal", "--month", MONTH, "--json")
        assert sealed.code == 0, sealed.err
        assert sealed.value["signed"]
        register(run, village, "李四", "2026-03-02")  # in May, of March

        found = run("--home", village, "report", "sealed", "--month", MONTH, "--json").value["differences"]
        working = next(one for one in found if one["measure"] == "working")
        assert (working["reported"], working["now"], working["difference"]) == (1, 2, 1)
        assert [one["name"] for one in working["came"]] == ["李四"]
        assert any("补记" in why for why in working["came"][0]["why"])
        shown = run("--home", village, "report", "sealed", "--month", MONTH).out
        assert "报出数" in shown
        assert "李四" in shown

        file, paper = tmp_path / "月报.xlsx", tmp_path / "月报.pdf"
        with closing(Store.open(village, user=None, password=PASSWORD)) as store:
            store.add_user("王主任", "readonly", PASSWORD)
        assert (
            run("--home", village, "--user", "王主任", "report", "sealed", paper, "--month", MONTH).code == 0
        )  # who only looks keeps no PDF
        for target in (file, paper):
            assert run("--home", village, "report", "sealed", target, "--month", MONTH).code == 0
        book = openpyxl.load_workbook(file)
        assert "李四" not in str([cell.value for row in book.worksheets[0].rows for cell in row])
        first = paper.read_bytes()
        assert run("--home", village, "report", "sealed", paper, "--month", MONTH).code == 0
        assert paper.read_bytes() == first

        for home in (village, town):
            assert run("--home", home, "sync").code == 0
        listed = run("--home", town, "report", "sealed", "--json").value
        assert [(one["scope"], one["month"], one["state"]) for one in listed] == [(VILLAGE, MONTH, "here")], "fetched unasked"
        found = run("--home", town, "report", "sealed", "--id", listed[0]["id"], "--json")
        assert (found.code, found.value["scope"]) == (0, VILLAGE)
        for target in (file, paper):
            proof = run("--home", town, "report", "verify", target, "--json")
            assert (proof.code, proof.value["state"]) == (0, "same")
        assert "县里认可" in run("--home", town, "report", "verify", file).out

        book.worksheets[0].cell(1, 1).value = "另一张"
        book.save(file)
        proof = run("--home", town, "report", "verify", file, "--json")
        assert (proof.code, proof.value["state"]) == (1, "changed")

        again = run("--home", village, "report", "seal", "--month", "2026-04", "--corrections", "--json")
        assert again.value["corrections"] > 0
        text = run("--home", village, "report", "sealed", tmp_path / "四月.xlsx", "--month", "2026-04")
        assert text.code == 0
        cells = [str(cell.value) for row in openpyxl.load_workbook(tmp_path / "四月.xlsx").worksheets[0].rows for cell in row]
        assert any("补报、更正" in cell and "已务工 原报 1、现为 2" in cell for cell in cells)
        once = run("--home", village, "report", "seal", "--month", "2026-05", "--corrections", "--json")
        assert once.value["corrections"] == 0
