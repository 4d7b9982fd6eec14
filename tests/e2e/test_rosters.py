"""Rosters in and out through the command line: answers, refusals, undo, round trips, whose roster."""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from db.store import Store
from tests.conftest import PASSWORD, VILLAGE
from tests.e2e.conftest import SAMPLES, Run
from tests.pdf_text import texts

ROSTERS = ("registry.xlsx", "work.xlsx", "workshop.xlsx", "wages.xlsx", "training.xlsx", "posts.xlsx", "survey.csv")
OTHER = "230826101203"
PLAIN = ("--plain", "--reason", "核对")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the station with every sample roster is kept once it was made."""
    return tmp_path_factory.mktemp("model") / "home"


@pytest.fixture
def village(run: Run, home: Path, model: Path) -> Path:
    """A station with every sample roster."""
    if not model.exists():
        for name in ROSTERS:
            assert run("--home", home, "import", SAMPLES / name, "--json").code in (0, 1)
        shutil.copytree(home, model)
    return Path(shutil.copytree(model, home, dirs_exist_ok=True))


def test_the_answer_of_an_import(run: Run, home: Path) -> None:
    preview = run("--home", home, "import", SAMPLES / "registry.xlsx", "--dry-run", "--json")
    assert preview.code == 1
    assert preview.value["batch"] is None
    assert "认作人员信息表" in preview.err and "末位小写 x" in preview.err  # what no row of the answer shows
    assert run("--home", home, "export", "all", "-").out == ""
    ended = run("--home", home, "import", SAMPLES / "registry.xlsx", "--json")
    assert ended.code == 1
    assert {**ended.value, "batch": None} == preview.value
    assert [r["row"] for r in ended.value["rejected"]] == [46, 80, 263, 265, 319, 379, 405]
    assert [r["row"] for r in ended.value["questions"]] == [418, 433, 438, 439]
    assert set(ended.value["rejected"][0]) >= {"row", "column", "value", "message"}
    again = run("--home", home, "import", SAMPLES / "registry.xlsx", "--json")
    assert (again.value["batch"], again.value["added"], again.value["changed"]) == (None, 0, 0)


def test_columns_with_other_headings_are_assigned_on_the_command_line(run: Run, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "人员.csv"
    file.write_text("户编号,姓名,证件号码,与户主关系,常打的号\n1001,田玉华,230826197908178768,户主,13900139000\n", encoding="utf-8")
    for wrong, said in (("常打的号", "表头=字段"), ("常打的号=person.no", "没有「person.no」")):
        refused = run("--home", home, "import", file, "--column", wrong)
        assert refused.code == 2 and said in refused.err
    assert run("--home", home, "import", file, "--column", "常打的号=person.phone", "--json").value["added"] == 2
    (person,) = [json.loads(line) for line in run("--home", home, "export", "person", "-", *PLAIN).out.splitlines()]
    assert person["phone"] == "13900139000"
    file.write_text(file.read_text(encoding="utf-8").replace("13900139000", "13700137000"), encoding="utf-8")
    assert run("--home", home, "import", file, "--json").value["changed"] == 1, "the assignment is remembered"


def test_a_list_that_is_not_recognised_names_the_option(run: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("姓名,花费,颜色\n甲,1,红\n", "utf-8")
    told = run("--home", home, "import", tmp_path / "a.csv")
    assert told.code == 3 and "--kind attendance" in told.err
    assert "--kind attendance" not in run("--home", home, "import", tmp_path / "a.csv", "--kind", "wage").err


def test_the_answer_for_a_person(run: Run, home: Path) -> None:
    ended = run("--home", home, "import", SAMPLES / "registry.xlsx")
    assert ended.code == 1
    assert "405  与户主关系  亲戚" in ended.out
    assert "cunzhan undo " in ended.out
    assert "230826" not in ended.out  # numbers stay masked


def test_undo_takes_everything_back(run: Run, village: Path) -> None:
    before = run("--home", village, "export", "all", "-").out
    people = '{"kind": "person", "name": "张三", "document": "other", "id_number": "x1", "labour": "ordinary"}'
    batch = run("--home", village, "import", "-", "--json", stdin=people).value["batch"]
    assert run("--home", village, "export", "all", "-").out != before
    assert run("--home", village, "undo", batch, "--json").value == {"restored": 0, "removed": 1, "kept": 0}
    assert run("--home", village, "export", "all", "-").out == before
    assert run("--home", village, "undo", batch).code == 3
    assert run("--home", village, "undo", 99999).code == 3


def test_undo_says_what_it_took_back_or_that_there_was_nothing(run: Run, village: Path) -> None:
    """It said 恢复 0 条 of an act that had touched no record."""

    def undo(batch: int) -> str:
        done = run("--home", village, "undo", batch)
        assert done.code == 0
        return done.out.partition("」")[2].strip()

    people = '{"kind": "person", "name": "张三", "document": "other", "id_number": "x1", "labour": "ordinary"}'
    batch = run("--home", village, "import", "-", "--json", stdin=people).value["batch"]
    (person,) = run("--home", village, "search", "张三", "--json").value
    with closing(Store.open(village, user="李文书", password=PASSWORD)) as store:
        store.keep_act("增加用户 王主任")
    bare = run("--home", village, "audit", "acts", "--json").value[0]
    assert (bare["rows"], bare["label"]) == (0, "增加用户 王主任")
    assert undo(bare["id"]) == undo(bare["id"]) == "没有改过记录，没有可撤销的。什么都没有改动。"
    assert run("--home", village, "delete", "person", person["id"]).code == 0
    deleted = run("--home", village, "audit", "acts", "--json").value[0]["id"]
    assert run("--home", village, "undelete", "person", person["id"]).code == 0
    assert undo(deleted).startswith("改过的 1 条记录现在就是改动以前的样子")
    assert undo(batch).startswith("一条也没有撤销。有 1 条之后又改过")
    batch = run("--home", village, "import", "-", "--json", stdin=people.replace("x1", "x2")).value["batch"]
    assert undo(batch) == "：删除 1 条。"


def test_undo_takes_back_an_import_with_the_steps_of_its_claims(run: Run, village: Path) -> None:
    """What another store held: the history of a record refuses steps of claims, an import is taken back whole."""
    person, claim = f"{uuid4()}", f"{uuid4()}"
    lines = [
        {"kind": "person", "id": person, "name": "李四", "document": "other", "id_number": "x2", "labour": "ordinary"},
        {"kind": "claim", "id": claim, "person_id": person, "rule": "R03", "pack": "HLJ-2021-16", "year": 2023, "outcome": "review"}
        | {"pack_version": "1.0.0", "amount": 500},
        {"kind": "claim_step", "claim_id": claim, "to_state": "village_reviewed", "by": "李文书", "at": "2023-06-05T01:00:00Z"},
    ]
    taken = run("--home", village, "import", "-", "--json", stdin="\n".join(map(json.dumps, lines))).value
    assert taken["added"] == 3, taken
    assert run("--home", village, "undo", taken["batch"], "--json").value == {"restored": 0, "removed": 3, "kept": 0}


@pytest.mark.parametrize("suffix", [".jsonl", ".xlsx"])
def test_what_goes_out_comes_in_and_changes_nothing(run: Run, village: Path, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"all{suffix}"
    out = run("--home", village, "export", "all", file, *PLAIN, "--json")
    assert out.value == {"rows": len(run("--home", village, "export", "all", "-").out.splitlines()), "file": str(file)}
    again = run("--home", village, "import", file, "--json")
    assert again.code == 0
    assert again.value == {"batch": None, "added": 0, "changed": 0, "unchanged": out.value["rows"], "rejected": [], "questions": []}


def test_nothing_goes_out_and_comes_in(run: Run, home: Path, tmp_path: Path) -> None:
    assert run("--home", home, "export", "all", tmp_path / "a.jsonl").code == 0
    for ended in (run("--home", home, "import", tmp_path / "a.jsonl", "--json"), run("--home", home, "import", "-", "--json", stdin="")):
        assert (ended.code, ended.value) == (0, {"batch": None, "added": 0, "changed": 0, "unchanged": 0, "rejected": [], "questions": []})


def test_standard_output_is_canonical_json_lines(run: Run, village: Path) -> None:
    lines = [json.loads(line) for line in run("--home", village, "export", "all", "-", *PLAIN).out.splitlines()]
    assert [(r["kind"], r["id"]) for r in lines] == sorted((r["kind"], r["id"]) for r in lines)
    assert not any("deleted_at" in r for r in lines)
    wages = [r for r in lines if r["kind"] == "wage"]
    assert len(wages) == 192
    assert all(isinstance(r["amount"], str) for r in wages)


def test_masked_unless_plain_and_looking_is_logged(run: Run, village: Path) -> None:
    masked = [json.loads(line) for line in run("--home", village, "export", "person", "-").out.splitlines()]
    plain = [json.loads(line) for line in run("--home", village, "export", "person", "-", *PLAIN).out.splitlines()]
    assert all(not r["id_number"][:14].isdigit() for r in masked)
    assert all(r["id_number"][:14].isdigit() for r in plain)
    assert (
        run("--home", village, "import", "-", stdin="\n".join(json.dumps(r) for r in masked)).code == 0
    )  # a mask of the stored value is no change


def test_delete_undelete_history(run: Run, village: Path) -> None:
    found = run("--home", village, "search", "8768", "--json").value[0]
    assert run("--home", village, "delete", "person", found["id"], "--json").value == {"id": found["id"]}
    assert run("--home", village, "search", "8768", "--json").value == []
    assert run("--home", village, "delete", "person", found["id"]).code == 3
    assert run("--home", village, "undelete", "person", found["id"].upper(), "--json").value == {"id": found["id"]}
    assert run("--home", village, "search", "8768", "--json").value == [found]
    history = run("--home", village, "history", "person", found["id"], "--json").value
    assert {"at", "by", "device", "field", "old", "new"} == set(history[0])
    assert [(h["field"], h["old"], h["new"]) for h in history[-2:]] == [("deleted", False, True), ("deleted", True, False)]
    number = next(h["new"] for h in history if h["field"] == "id_number")
    assert number.endswith("8768")
    assert not number[:14].isdigit()
    told = run("--home", village, "history", "person", found["id"], *PLAIN).out
    assert "230826" in told
    home = next(h["new"] for h in history if h["field"] == "household_id")
    assert home not in told  # people are told 田玉华 户
    assert f"{found['title']} 户" in told


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"kind": "nothing"}', 1),
        ('{"kind": "person", "name": "张三", "shoe": 1}', 1),
        ('{"kind": "person", "name": "张三", "document": "resident_id", "id_number": "1", "labour": "strong"}', 1),
    ],
)
def test_refused_lines(run: Run, home: Path, line: str, code: int) -> None:
    ended = run("--home", home, "import", "-", "--json", stdin=line)
    assert ended.code == code
    assert ended.value["rejected"][0]["row"] == 1
    assert run("--home", home, "export", "all", "-").out == ""


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02 not a workbook", b"PK\x03\x04 torn", "这只是一段话。\n".encode()])
@pytest.mark.parametrize("name", ["a.xlsx", "a.csv", "a.xls"])
def test_not_a_roster(run: Run, home: Path, tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    ended = run("--home", home, "import", tmp_path / name, "--json")
    assert ended.code == 3
    assert len(ended.err.splitlines()) == 1
    assert list((home / "crash").glob("*")) == []


def test_no_such_file(run: Run, home: Path, tmp_path: Path) -> None:
    assert run("--home", home, "import", tmp_path / "none.xlsx").code == 3


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere file names are always text")
def test_a_file_name_from_an_old_disc(run: Run, home: Path, tmp_path: Path) -> None:
    name = tmp_path / "培训.xlsx".encode("gb18030").decode(errors="surrogateescape")
    shutil.copy(SAMPLES / "registry.xlsx", name)
    ended = run("--home", home, "import", name, "--json")
    assert (ended.code, ended.value["added"]) == (1, 1000)


def test_another_villages_roster(run: Run, make_store, tmp_path: Path) -> None:
    store = make_store(OTHER)
    store.close()
    registry = ("--home", store.home, "import", SAMPLES / "registry.xlsx", "--json")
    ended = run(*registry)
    assert ended.code == 3
    assert "解放村" in ended.err
    assert run(*registry, "--village", VILLAGE).code == 5  # not this station's to write
    assert run(*registry, "--village", OTHER).value["added"] == 1000


def test_ledgers(run: Run, village: Path, tmp_path: Path) -> None:
    names = [entry["name"] for entry in run("--home", village, "report", "list", "--json").value]
    assert {"person", "wage", "employment", "course"} <= set(names)
    assert len(set(names)) == len(names), "the second table of a name could not be asked for"
    done = run("--home", village, "report", "wage", tmp_path / "wages.xlsx", "--month", "2023-06", "--json")
    assert done.value == {"rows": 16, "file": str(tmp_path / "wages.xlsx")}
    assert run("--home", village, "report", "wage", tmp_path / "wages.docx").code == 2
    assert run("--home", village, "report", "nothing", tmp_path / "a.xlsx").code == 2


@pytest.mark.parametrize(("name", "words"), [("wage", "金额"), ("wages", "工资发放表"), ("person", "证件号码"), ("registry", "横头山镇")])
def test_printed_ledgers(run: Run, village: Path, tmp_path: Path, name: str, words: str) -> None:
    file = tmp_path / "a.pdf"
    done = run("--home", village, "report", name, file, "--json")
    said = texts(file.read_bytes())
    assert done.value == {"file": str(file), "pages": len(said)}
    assert all(words in text for text in said)
    assert "230826197908178768" not in "".join(said)
    if name != "wage":
        assert "**************8768" in "".join(said)
        assert run("--home", village, "report", name, file, "--plain", "--reason", "存档", "--json").code == 0
        assert "230826197908178768" in "".join(texts(file.read_bytes()))


def test_a_printed_ledger_that_cannot_be_written(run: Run, village: Path, tmp_path: Path) -> None:
    assert run("--home", village, "report", "person", tmp_path / "nowhere" / "a.pdf").code == 3
    assert run("--home", village, "report", "person", tmp_path / "a.pdf", "--month", "2023-06").code == 2
    assert not list(tmp_path.glob("*.pdf"))


@pytest.mark.parametrize(
    "words",
    [
        ["export", "nothing", "-"],
        ["export", "person", "-", "--where", "shoe=1"],
        ["export", "person", "-", "--where", "labour"],
        ["export", "person", "-", "--where", "labour=strong"],
        ["delete", "nothing", "1"],
        ["history", "nothing", "1"],
        ["import", "-", "--kind", "nothing"],
        ["import", SAMPLES / "registry.xlsx", "--village", "解放村"],
        ["report", "wage", "wages.xlsx", "--month", "六月"],
        ["report", "claim_roster", "claims.xlsx", "--month", "2026-06"],
        ["report", "monthly", "monthly.xlsx", "--year", "2026"],
        ["report", "wage", "wages.xlsx", "--corrections"],
        ["report", "list", "--id", "1"],
        ["claim", "list", "--rule", "R03"],
        ["notice", "close", "1", "--result", "clear", "--days", "7"],
        ["policy", "list", "--year", "2023"],
        ["household", "show", "1", "--head", "2"],
        ["enrol", "--server", "http://127.0.0.1:1"],
        ["notice", "make", "--level", "village", "--start", "2023-02-30", "--days", "7"],
        ["notice", "make", "--level", "village", "--start", "2023-02-03", "--days", "0"],
    ],
)
def test_words_that_mean_nothing_are_wrong_usage(run: Run, village: Path, words: list[object]) -> None:
    ended = run("--home", village, *words)
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(("typed", "told"), [("persn", "是不是：person"), ("人员表", "person"), ("zzz", "可以写：")])
def test_a_wrong_kind_is_answered_with_what_may_be_written(run: Run, village: Path, typed: str, told: str) -> None:
    refused = run("--home", village, "export", typed, "-")
    assert refused.code == 2 and told in refused.err and "person" in refused.err


def test_what_a_list_lacks_is_given_for_all_its_rows(run: Run, home: Path, tmp_path: Path) -> None:
    assert run("--home", home, "import", SAMPLES / "registry.xlsx", "--json").code == 1
    (tmp_path / "a.jsonl").write_text(run("--home", home, "export", "person", "-", *PLAIN).out, encoding="utf-8")
    people = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()]
    names = [one["name"] for one in people]
    one = next(one for one in people if names.count(one["name"]) == 1)
    file = tmp_path / "名单.csv"
    file.write_text(f"2025年外出务工人员名单\n姓名,身份证号,务工地点\n{one['name']},{one['id_number']},大连市\n", encoding="utf-8")
    assert len(run("--home", home, "import", file, "--json").value["questions"]) == 1
    assert run("--home", home, "import", file, "--since", "2025.13").code == 2
    assert run("--home", home, "import", file, "--since", "2025年3月", "--json").value["added"] == 1
    made = json.loads(run("--home", home, "export", "employment", "-", *PLAIN).out)
    assert made["start"] == "2025-03"
