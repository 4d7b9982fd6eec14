"""Reports handed in: what is kept, what has changed since and why, and what a file proves."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from nacl.signing import SigningKey

from cli import seals
from cli.console import Console
from cli.program import Answer, Call
from db import changes, contents
from db.mapping import table
from db.session import Session
from db.store import Store
from domain.attachments import REPORT
from domain.divisions import called
from domain.errors import DomainError, InputUnusable, NotFound
from services import attachments, records
from services.reports import completeness, monthly, sealed, sealing
from services.reports.sealed import Signer
from services.reports.sealed_since import reasons
from tests.fresh import taken_back

ONE, OTHER = "230826101202", "230826101203"
MONTH = "2023-06"
KEY = SigningKey(b"k" * 32)


@pytest.fixture
def session(township: Store) -> Iterator[Session]:
    """A writing session of an empty township; nothing of it is kept."""
    with taken_back(township) as session:
        yield session


def person(session: Session, name: str, village: str = ONE, start: str | None = "2023-01-05") -> str:
    values = {"name": name, "document": "other", "id_number": f"n{name}", "labour": "ordinary", "village": village}
    id = records.save(session, "person", values)
    if start:
        records.save(session, "employment", {"person_id": id, "channel": "migrant", "place": "210200", "start": start})
    return id


def seal(session: Session, tmp_path: Path, month: str = MONTH, *, correcting: bool = False) -> str:
    return sealing.seal(session, month, home=tmp_path, signer=Signer(KEY, b""), correcting=correcting)


def test_figures_and_people_are_those_of_the_report(session: Session, tmp_path: Path) -> None:
    for n in range(3):
        person(session, f"甲{n}")
    person(session, "乙", OTHER, start=None)
    one, _data = sealing.opened(session, seal(session, tmp_path))
    made = monthly.report(session, MONTH)
    assert one.signed
    for line in (*made.lines, made.total):
        for name in monthly.MEASURES:
            assert one.figure(line.area, name) == line.figures[name]
            assert one.people(line.area, name) == set(monthly.ids(session, MONTH, line.area, name))
    assert sealing.compared(session, one) == []


def test_why_a_figure_is_another(session: Session, tmp_path: Path) -> None:
    stays, ends, gone, late = (person(session, name) for name in ("留", "停", "删", "晚"))
    spell = session.select("employment", table("employment").c.person_id == ends)[0]
    other = session.select("employment", table("employment").c.person_id == gone)[0]
    records.delete(session, "employment", session.select("employment", table("employment").c.person_id == late)[0].id)
    id = seal(session, tmp_path)
    one, _data = sealing.opened(session, id)
    records.save(session, "employment", {"end": "2023-06-10"}, spell.id)
    records.delete(session, "employment", other.id)
    records.save(session, "employment", {"person_id": late, "channel": "migrant", "place": "210200", "start": "2023-02-01"})
    found = {(d.area, d.measure): d for d in sealing.compared(session, one)}
    working = found[ONE, "working"]
    assert (working.reported, working.now) == (3, 2)
    assert (working.came, set(working.went)) == ([late], {ends, gone})
    assert stays not in {*working.came, *working.went}
    why = {who: reasons(session, one, id, who) for who in (ends, gone, late)}
    assert [text.partition("（")[0] for text in why[ends]] == ["改了务工就业：结束时间 空 改为 2023-06-10"]
    assert [text.partition("（")[0] for text in why[gone]] == ["删除务工就业"]
    assert [text.partition("（")[0] for text in why[late]] == ["补记务工就业"]


def test_an_earlier_month_is_corrected_once(session: Session, tmp_path: Path) -> None:
    person(session, "甲")
    seal(session, tmp_path)
    person(session, "乙", start="2023-06-01")
    told = sealing.corrections(session, "2023-07")
    assert {(c.area, c.measure, c.reported, c.now) for c in told} >= {(ONE, "working", 1, 2), (ONE, "started", 0, 1)}
    one, _data = sealing.opened(session, seal(session, tmp_path, "2023-07", correcting=True))
    assert any("补报、更正" in text and "2023年6月" in text for text in sealing.form_of(one).text)
    assert sealing.corrections(session, "2023-08") == []
    person(session, "丙", start="2023-06-02")
    assert {(c.month, c.measure, c.reported, c.now) for c in sealing.corrections(session, "2023-08")} >= {("2023-06", "working", 2, 3)}


def test_a_month_reported_once_more_is_told_anew(session: Session, tmp_path: Path) -> None:
    """What a later month said of it before was taken for the last word, and the next report corrected a figure that had been told."""
    june, july, again = (replace(session, at=f"2023-08-0{n}T08:00:00Z") for n in (1, 2, 3))
    person(session, "甲")
    seal(june, tmp_path)
    person(session, "乙", start="2023-06-01")
    seal(july, tmp_path, "2023-07", correcting=True)
    person(session, "丙", start="2023-06-02")
    seal(again, tmp_path)
    assert MONTH not in {c.month for c in sealing.corrections(session, "2023-08")}
    person(session, "丁", start="2023-06-03")
    assert {(c.measure, c.reported, c.now) for c in sealing.corrections(session, "2023-08") if c.month == MONTH} >= {("working", 3, 4)}


def test_the_paper_says_the_day_of_the_clerk(session: Session, tmp_path: Path) -> None:
    """Handed in before eight in the morning, it was dated the day before."""
    one, _data = sealing.opened(session, seal(replace(session, at="2023-06-30T23:30:00Z"), tmp_path))
    assert sealing.form_of(one).note.startswith("2023-07-01 报出")


def test_a_file_that_was_saved_again_still_proves_it(session: Session, tmp_path: Path) -> None:
    person(session, "甲")
    id = seal(session, tmp_path)
    _one, data = sealing.opened(session, id)
    assert sealing.prove(session, data).state == "same"
    assert sealing.prove(session, saved(data)).state == "content"
    changed = sealing.prove(session, saved(data, 5, 3, 99))
    assert changed.state == "changed"
    assert len(changed.cells) == 1
    assert changed.cells[0][2] == "99"
    records.delete(session, "attachment", id)  # withdrawn: still in the list of those who ask, and the file is what it was
    assert [one.state for one in sealing.handed(session, withdrawn=True)] == ["withdrawn"]
    assert sealing.handed(session) == []
    assert sealing.prove(session, data).ok


def test_another_of_that_month_that_is_damaged_bars_no_proof(session: Session, tmp_path: Path) -> None:
    person(session, "甲")
    _one, data = sealing.opened(session, seal(session, tmp_path))
    attachments.put(session, sealing.record_id(session.scope, MONTH), f"务工监测月报 {MONTH} 报出.xlsx", b"PK\x03\x04 spoilt")
    assert sealing.prove(session, saved(data)).state == "content"


def saved(data: bytes, row: int = 0, column: int = 0, value: int = 0) -> bytes:
    """As a spreadsheet program saves it, with one cell changed."""
    book = openpyxl.load_workbook(BytesIO(data))
    if row:
        book.worksheets[0].cell(row, column).value = value
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_what_was_not_handed_in_proves_nothing(session: Session, tmp_path: Path) -> None:
    person(session, "甲")
    one, data = sealing.opened(session, seal(session, tmp_path))
    book = openpyxl.load_workbook(BytesIO(data))
    last = book[sealed.SHEET].cell(book[sealed.SHEET].max_row, 1)
    last.value = str(last.value).replace("2023-06-30", "2023-06-29", 1)
    out = BytesIO()
    book.save(out)
    assert sealing.prove(session, out.getvalue()).state == "none"
    bare = BytesIO()
    del (book := openpyxl.load_workbook(BytesIO(data)))[sealed.SHEET]
    book.save(bare)
    forged, other = sealed.made({**one.facts, "by": "别人"}, bare.getvalue(), None)
    assert not forged.signed
    assert sealing.prove(session, other).state == "foreign"
    assert sealing.prove(session, b"%PDF-1.7 x").state == "none"
    plain = BytesIO()
    openpyxl.Workbook().save(plain)
    assert sealing.prove(session, plain.getvalue()).state == "none"


@pytest.mark.parametrize(
    "forged",
    [
        {"form": {}},
        {"form": None},
        {"at": 5},
        {"corrections": [{"month": MONTH, "now": 1}]},
        {"ids": []},
        {"villages": {ONE: {"figures": {}, "people": {"working": [-1]}}}},
        {"villages": {str(n): {"figures": {}, "people": {}} for n in range(sealed._MOST_VILLAGES + 1)}},
    ],
    ids=lambda forged: next(iter(forged)),
)
def test_forged_facts_are_not_read(session: Session, tmp_path: Path, forged: dict[str, object]) -> None:
    person(session, "甲")
    one, data = sealing.opened(session, seal(session, tmp_path))
    assert sealed.of(sealed.made({**one.facts, **forged}, data_of(data), None)[1]) is None


def test_forged_cells_are_not_read(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    person(session, "甲")
    one, data = sealing.opened(session, seal(session, tmp_path))
    monkeypatch.setattr(sealed, "_cells", lambda _data: [1, 2])
    forged = sealed.made(one.facts, data_of(data), None)[1]
    monkeypatch.undo()
    assert sealing.prove(session, forged).state == "none"


def data_of(data: bytes) -> bytes:
    """A workbook without what was sealed in it."""
    bare = BytesIO()
    del (book := openpyxl.load_workbook(BytesIO(data)))[sealed.SHEET]
    book.save(bare)
    return bare.getvalue()


def test_twice_in_a_month_both_are_kept(session: Session, tmp_path: Path) -> None:
    person(session, "甲")
    first = seal(session, tmp_path)
    person(session, "乙")
    second = seal(session, tmp_path)
    assert [one.id for one in sealing.handed(session, MONTH)] == [first, second]
    assert sealing.last(session, MONTH).id == second
    with pytest.raises(DomainError):
        seal(session, tmp_path, "2099-01")


def test_a_damaged_file_is_told(session: Session, tmp_path: Path) -> None:
    person(session, "甲")
    book = BytesIO()
    openpyxl.Workbook().save(book)
    id = attachments.put(session, sealing.record_id(session.scope, MONTH), f"务工监测月报 {MONTH} 报出.xlsx", book.getvalue())
    with pytest.raises(InputUnusable):
        sealing.opened(session, id)
    assert sealing.handed(session)[0].id == id
    assert sealing.corrections(session, "2023-07") == []  # and the next month is reported all the same
    seal(session, tmp_path, "2023-07", correcting=True)


def test_a_village_does_not_fetch_the_files_of_those_above(store: Store) -> None:
    with taken_back(store) as session:
        for village, sha in ((store.scope, "a" * 64), (store.scope[:9], "b" * 64)):
            values = {"record_id": session.new_id(), "name": "a.pdf", "media_type": "application/pdf", "sha256": sha, "size": 9}
            changes.insert(session, "attachment", [{"id": session.new_id(), "village": village, **values}])
        assert contents.to_fetch(session) == [("a" * 64, 9)]
        contents.want(session, "b" * 64)
        assert len(contents.to_fetch(session)) == 2


@pytest.mark.parametrize(
    ("name", "size", "fetched"), [(f"{REPORT}2023-06 报出.xlsx", 9, True), ("a.pdf", 9, False), (f"{REPORT}x", 2**21, False)]
)
def test_a_township_fetches_the_reports_of_its_villages(township: Store, name: str, size: int, fetched: bool) -> None:
    """They were 还没传到本机 for ever: whoever compared a closed month had to ask for each file first."""
    with taken_back(township) as session:
        values = {"record_id": session.new_id(), "name": name, "media_type": "application/pdf", "sha256": "a" * 64, "size": size}
        changes.insert(session, "attachment", [{"id": session.new_id(), "village": ONE, **values}])
        assert bool(contents.to_fetch(session)) == fetched


def test_a_township_sees_which_villages_handed_in(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    person(session, "甲")
    person(session, "乙", OTHER)
    village = seal(replace(session, scope=ONE, role="village"), tmp_path)
    found = completeness.of_villages(session, MONTH)
    assert [(one.scope, one.last and one.last.id) for one in found] == [(ONE, village), (OTHER, None)]
    told = f"{MONTH} 月报：应报 2 个村，已报 1 个。没报：{called(OTHER)}。"
    assert completeness.sentence(session, MONTH) == told
    assert told in listed(session, monkeypatch, month=MONTH).text, "nothing handed in by the township itself"
    seal(session, tmp_path)
    assert told in listed(session, monkeypatch, month=MONTH).text
    assert completeness.sentence(replace(session, scope=ONE, role="village"), MONTH) == ""


def listed(session: Session, monkeypatch: pytest.MonkeyPatch, **given: str) -> Answer:
    """`report sealed` as a user calls it, on this session."""
    monkeypatch.setattr(seals, "opened", lambda _call: nullcontext(Namespace(read=lambda: nullcontext(session))))
    return seals.sealed(Call(Namespace(**{"file": None, "month": None, "id": None, **given}), Console(), Path()))


def test_of_several_reports_of_a_month_the_last_is_told(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    person(session, "甲")
    times = [replace(session, at=f"2023-07-0{n}T08:00:00Z") for n in (1, 2, 3)]
    withdrawn, first, second = (seal(each, tmp_path) for each in times)
    records.delete(session, "attachment", withdrawn)
    answer = listed(session, monkeypatch)
    assert {one["id"]: one["last"] for one in answer.value} == {withdrawn: False, first: False, second: True}
    assert "第 1 次，后来又报过" in answer.text
    assert "第 2 次，最后一次" in answer.text
    assert "这是第 1 次，后来又报过" in listed(session, monkeypatch, id=first).text


def test_a_report_that_repeats_the_one_before_is_said_to_be_unchanged(session: Session, tmp_path: Path) -> None:
    person(session, "甲")
    times = [replace(session, at=f"2023-07-0{n}T08:00:00Z") for n in (1, 2, 3)]
    assert [sealing.same_as_before(session, seal(each, tmp_path)) for each in times[:2]] == ["", "2023-07-01T08:00:00Z"]
    person(session, "乙")
    assert sealing.same_as_before(session, seal(times[2], tmp_path)) == ""


def test_a_report_written_out_without_a_month_is_the_last(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    person(session, "甲")
    last = seal(replace(session, at="2023-07-01T08:00:00Z"), tmp_path)
    call = Call(Namespace(file=str(tmp_path / "a.xlsx"), month=None, id=None), Console(), tmp_path)
    assert seals._which(session, call).id == last


def test_who_is_brought_a_report_is_told_what_became_of_it(session: Session, tmp_path: Path) -> None:
    """One that was withdrawn, or handed in once more, was said to be the one handed in, without a word."""
    person(session, "甲")
    times = [replace(session, at=f"2023-07-0{n}T08:00:00Z") for n in (1, 2, 3)]
    ids = [seal(each, tmp_path) for each in times]
    files = [attachments.content(session, id)[1] for id in ids]
    records.delete(session, "attachment", ids[0])
    told = [sealing.prove(session, data) for data in files]
    assert [(one.state, one.sentence.partition("。")[2]) for one in told] == [
        ("same", "但这一份后来撤回了。"),
        ("same", "但这是第 1 次报出的，后来又报过。"),
        ("same", ""),
    ]
    first = next(one for one in sealing.handed(session) if one.id == ids[1])
    sealing.keep_paper(session, first, b"%PDF-1.7 paper")
    assert sealing.prove(session, b"%PDF-1.7 paper").sentence.endswith("后来又报过。")
    again = openpyxl.load_workbook(BytesIO(files[1]))
    saved = BytesIO()
    again.save(saved)
    proof = sealing.prove(session, saved.getvalue())
    assert proof.state == "content" and proof.sentence.endswith("后来又报过。")


def test_what_villages_handed_in_is_shown_where_the_township_has_not(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--month` said that nothing was handed in, beside a list in which the villages' reports stood."""
    person(session, "甲")
    village = seal(replace(session, scope=ONE, role="village"), tmp_path)
    answer = listed(session, monkeypatch, month=MONTH)
    assert [one["id"] for one in answer.value] == [village]
    assert "本站还没有报出。别处报出的：" in answer.text
    with pytest.raises(NotFound, match="本站还没有报出，别处报出的有 1 份"):
        sealing.last(session, MONTH)
    mine = seal(session, tmp_path)
    assert listed(session, monkeypatch, month=MONTH).value["id"] == mine
    with pytest.raises(NotFound, match=r"2023-05 的月报还没有报出。"):
        sealing.last(session, "2023-05")
