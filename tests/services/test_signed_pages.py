"""Printed pages that come back signed: printed by the program, photographed, and found again at the record they belong to."""

from pathlib import Path
from random import Random

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QImageIOHandler, QImageWriter, QPainter, QTransform

from db import changes
from db.store import Store
from desktop.paper import page_marks, scans
from desktop.paper.document import Paper, write_pdf
from domain import page_codes
from domain.attachments import is_whole
from domain.errors import InputUnusable, Stopped
from services import attachments, forms, records, signed_pages
from services.claims import claims, materials
from services.forms import CATALOGUE, Form
from tests.services.test_forms import filed

MARKS = {
    "application": "A",
    "delegation": "B",
    "work_proof": "C",
    "work_statement": "D",
    "notice_form": "E",
    "notice_report": "F",
    "workshop_roster": "G",
    "workshop_wages": "H",
    "employer_application": "I",
    "refusal_note": "J",
    "recovery_note": "K",
    "service_card": "L",
}


def printed(store: Store, id: str, name: str = "application") -> Paper:
    with store.read() as session:
        return Paper(forms.make(session, name, id))


def photographed(paper: Paper, file: Path, *, width: int = 1240, turned: float = 0, page: int = 0) -> Path:
    """As a telephone does it: on a dark table, a little askew."""
    sheet = paper.picture(page, width).transformed(QTransform().rotate(turned), Qt.TransformationMode.SmoothTransformation)
    image = QImage(sheet.width() + 200, sheet.height() + 160, QImage.Format.Format_RGB32)
    image.fill(QColor("#5b4a3a"))
    painter = QPainter(image)
    painter.drawImage(90, 70, sheet)
    painter.end()
    assert image.save(str(file))
    return file


def read(*files: Path) -> list[scans.Scanned]:
    return scans.pages(files, lambda *_told: None)


def test_a_photograph_whose_turn_stands_beside_it_is_turned(store: Store, tmp_path: Path) -> None:
    """Kept as it was it lay on its side wherever it was shown."""
    image = printed(store, filed(store)).picture(0, 1240).transformed(QTransform().rotate(-90))
    writer = QImageWriter(str(tmp_path / "IMG.jpg"))
    writer.setTransformation(QImageIOHandler.Transformation.TransformationRotate90)
    assert writer.write(image)
    [page] = read(tmp_path / "IMG.jpg")
    kept = QImage.fromData(page.data)
    assert page.codes and kept.height() > kept.width()


def test_what_other_telephones_make_is_told_how_to_be_sent(tmp_path: Path) -> None:
    (tmp_path / "IMG.HEIC").write_bytes(b"\0\0\0\x18ftypheic")
    assert "HEIC 格式的照片读不了：用微信发" in read(tmp_path / "IMG.HEIC")[0].trouble


def taken_back(store: Store, *files: Path) -> int:
    pages = read(*files)
    with store.write("收回") as session:
        sheets = signed_pages.known(session, [code for page in pages for code in page.codes]).sheets
        return signed_pages.keep(session, [(sheets[code], "jpg", page.data) for page in pages for code in page.codes])


@pytest.mark.parametrize("turned", [0, 90, 180, 270, 4, 176])
def test_a_photograph_is_turned_upright_and_its_code_read(store: Store, tmp_path: Path, turned: float) -> None:
    id = filed(store)
    [page] = read(photographed(printed(store, id), tmp_path / "a.jpg", turned=turned))
    code = page_codes.parse(page.codes[0])
    assert code is not None and (code.record, code.mark, code.page, code.pages) == (id, "A", 1, 1)
    image = QImage.fromData(page.data)
    again, upright = page_marks.find(image)
    assert image.height() > image.width() and list(again) == list(page.codes) and upright is image, "it stands upright now"


def test_what_a_chat_made_of_a_photograph_is_read_too() -> None:
    """A sheet of a thousand dots across: two dots a square, blurred, with grain. None of them was read."""
    code = page_codes.text("4f6e2c3b-6522-89dc-6b5e-ac0000000001", "A", page=1, pages=1)
    sheet = QImage(260, 260, QImage.Format.Format_Grayscale8)
    sheet.fill(235)
    painter = QPainter(sheet)
    page_marks.draw(painter, code, QRectF(90.3, 90.6, 70, 70))
    painter.end()
    smooth = Qt.TransformationMode.SmoothTransformation
    blurred = sheet.scaled(195, 195, mode=smooth).scaled(260, 260, mode=smooth).convertToFormat(QImage.Format.Format_Grayscale8)
    grain = Random(1)
    dots = bytes(min(255, max(0, round(dot + grain.gauss(0, 20)))) for dot in bytes(blurred.constBits()))
    assert page_marks.find(QImage(dots, 260, 260, 260, QImage.Format.Format_Grayscale8))[0] == [code]


def test_a_signed_application_is_a_document_the_claim_lacks_no_more(store: Store, tmp_path: Path) -> None:
    id = filed(store)
    assert taken_back(store, photographed(printed(store, id), tmp_path / "IMG_0001.jpg")) == 1
    with store.read() as session:
        claim = claims.standing(session, id).claim
        found = {one.document: [file.name for file in one.files] for one in materials.materials(session, claim, ["申请表", "身份证"])}
    assert found == {"申请表": ["申请表.jpg"], "身份证": []}


def test_the_same_photograph_twice_is_kept_once_and_another_beside_it(store: Store, tmp_path: Path) -> None:
    paper = printed(store, id := filed(store))
    first = photographed(paper, tmp_path / "a.jpg")
    taken_back(store, first, first)
    taken_back(store, photographed(paper, tmp_path / "b.jpg", width=1000))
    with store.read() as session:
        assert [one.name for one in attachments.attachments(session, [id])] == ["申请表.jpg", "申请表 2.jpg"]


def test_a_scan_of_many_sheets_is_taken_apart(store: Store, tmp_path: Path) -> None:
    ids = [filed(store, name) for name in ("王强", "李梅")]
    for n, id in enumerate(ids):
        write_pdf(printed(store, id), tmp_path / f"{n}.pdf")
    assert taken_back(store, tmp_path / "0.pdf", tmp_path / "1.pdf") == 2
    with store.read() as session:
        assert [[one.name for one in attachments.attachments(session, [id])] for id in ids] == [["申请表.jpg"], ["申请表.jpg"]]


def test_two_sheets_on_one_photograph_go_to_both(store: Store, tmp_path: Path) -> None:
    ids = [filed(store, name) for name in ("王强", "李梅")]
    both = QImage(1400, 990, QImage.Format.Format_RGB32)
    both.fill(QColor("gray"))
    painter = QPainter(both)
    for n, id in enumerate(ids):
        painter.drawImage(n * 700, 0, printed(store, id).picture(0, 690))
    painter.end()
    both.save(str(tmp_path / "both.png"))
    assert taken_back(store, tmp_path / "both.png") == 2


def test_pages_of_a_long_form_are_numbered_and_those_still_to_come_told(store: Store, tmp_path: Path) -> None:
    with store.write("车间") as session:
        workshop = records.save(session, "employer", {"name": "解放木耳车间", "type": "workshop", "place": "230826"})
        people = [{"id": session.new_id(), "village": store.scope, "name": f"人{n}", "labour": "ordinary"} for n in range(60)]
        work = {"employer_id": workshop, "channel": "workshop", "start": "2023-01-01", "place": "230826", "village": store.scope}
        changes.insert(session, "person", people)
        changes.insert(session, "employment", [{**work, "id": session.new_id(), "person_id": one["id"]} for one in people])
    paper = printed(store, workshop, "workshop_roster")
    assert paper.pages > 1
    second = read(photographed(paper, tmp_path / "b.jpg", page=1))
    with store.read() as session:
        found = signed_pages.known(session, second[0].codes)
        [sheet], [told] = found.sheets.values(), found.lacking
        assert (sheet.stem, sheet.kind, found.unknown) == ("吸纳花名册 第2页", "employer", {})
        missing = [n for n in range(1, paper.pages + 1) if n != 2]
        assert told == f"解放木耳车间　车间吸纳就业花名册：还缺第 {'、'.join(map(str, missing))} 页"
    taken_back(store, tmp_path / "b.jpg")
    with store.read() as session:
        first = page_codes.text(workshop, "G", page=1, pages=paper.pages)
        assert all("、2" not in one and "第 2" not in one for one in signed_pages.known(session, [first]).lacking), "it came earlier"


def test_a_page_that_another_level_files_does_not_keep_out_the_others(store: Store) -> None:
    """A sheet of the township's notice among a village's forms: nothing of the batch was filed, and no page was named."""
    own = filed(store)
    with store.write("别村的") as session:
        claim = session.existing("claim", own)
        values = {f.name: claim[f.name] for f in claim.KIND.fields if claim[f.name] is not None}
        other = session.new_id()
        changes.insert(session, "claim", [{**values, "id": other, "village": "230826101203"}])
    codes = [page_codes.text(id, "A", page=1, pages=1) for id in (own, other)]
    with store.read() as session:
        known = signed_pages.known(session, codes)
        assert [sheet.record for sheet in known.of(codes)[0]] == [own] and known.of(codes)[1] == ""
        assert known.of(codes[1:])[0] == [] and "归 230826101203 的电脑收" in known.of(codes[1:])[1]
        assert set(known.sheets) == set(codes), "a code that is scanned still opens the record"


def test_what_a_code_may_say_that_means_nothing_here(store: Store) -> None:
    id = filed(store)
    code = page_codes.text(id, "A", page=1, pages=1)
    other = page_codes.text("0193b3a0-0000-7000-8000-000000000001", "A", page=1, pages=1)
    later = page_codes.text(id, "Z", page=1, pages=1)
    wrong = page_codes.text(id, "E", page=1, pages=1)
    with store.write("删") as session:
        told = signed_pages.known(session, [code, other, later, wrong, "https://example.org"])
        strange = told.unknown
        assert list(told.sheets) == [code]
        assert "没有这条" in strange[other] and "升级后" in strange[later] and "没有这条" in strange[wrong]
        assert strange["https://example.org"] == "不是本程序打印的表"
        records.delete(session, "claim", id)
        assert signed_pages.known(session, [code]).sheets == {}


def test_files_that_are_no_pages_are_told_one_by_one(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff" + b"x" * 100)
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7\nnothing")
    (tmp_path / "c.txt").write_text("text")
    blank = QImage(300, 300, QImage.Format.Format_RGB32)
    blank.fill(QColor("white"))
    blank.save(str(tmp_path / "d.png"))
    found = read(*(tmp_path / name for name in ("a.jpg", "b.pdf", "c.txt", "d.png", "gone.png", "gone.pdf")))
    assert [bool(page.trouble) for page in found] == [True] * 6
    assert not any(page.codes for page in found)
    assert all("找不到" in page.trouble for page in found[-2:]), "deleted since it was chosen"


def test_half_a_photograph_is_none(tmp_path: Path) -> None:
    """It opens, grey below; the small picture within has an end of its own, and a telephone may write more behind the end."""
    picture = QImage(300, 300, QImage.Format.Format_RGB32)
    picture.fill(QColor("red"))
    picture.save(str(tmp_path / "a.jpg"))
    data = (tmp_path / "a.jpg").read_bytes()
    small = b"\xff\xe1" + (len(data) + 2).to_bytes(2) + data
    whole = data[:2] + small + data[2:]
    assert is_whole(data) and is_whole(whole) and is_whole(whole + b"video\xff\xda") and is_whole(b"%PDF-1.7")
    assert is_whole(data[:2] + b"\xff\xff" + data[2:])  # a marker filled up, as the format allows
    assert not any(is_whole(whole[:end]) for end in (3, 5, len(small) + 2, len(whole) - 2))
    (tmp_path / "a.jpg").write_bytes(whole[:-20])
    assert "没有拷完整" in read(tmp_path / "a.jpg")[0].trouble


def test_more_pages_than_can_be_held_are_refused_before_any_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "MOST", 2)
    with pytest.raises(InputUnusable, match="2 页"):
        read(*(tmp_path / f"{n}.jpg" for n in range(3)))


def test_a_large_photograph_becomes_small_and_a_small_one_stays_as_it_is(store: Store, tmp_path: Path) -> None:
    paper = printed(store, filed(store))
    small, large = photographed(paper, tmp_path / "a.jpg"), photographed(paper, tmp_path / "b.png", width=3600)
    kept, shrunk = read(small, large)
    assert kept.data == small.read_bytes() and kept.codes == shrunk.codes
    image = QImage.fromData(shrunk.data)
    assert max(image.width(), image.height()) == 2200 and page_marks.find(image)[0] == list(kept.codes)


def test_a_scan_of_many_pages_can_be_stopped_between_them(store: Store, tmp_path: Path) -> None:
    table = Form("名册", columns=("序号", "姓名"), rows=[(n, "张三") for n in range(150)])
    file = tmp_path / "扫描.pdf"
    assert write_pdf(Paper(table), file) > 2
    told: list[str] = []

    def progress(_done: int, _total: int, what: str) -> None:
        told.append(what)
        if len(told) == 3:
            raise Stopped

    with pytest.raises(Stopped):
        scans.pages([file], progress)
    assert told == ["扫描.pdf", "扫描.pdf 第 1 页", "扫描.pdf 第 2 页"]


def test_every_form_has_a_letter_of_its_own_or_none() -> None:
    marks = [entry.mark for entry in CATALOGUE.values() if entry.mark]
    assert len(set(marks)) == len(marks) and all(len(mark) == 1 and "A" <= mark <= "Z" for mark in marks)
    assert all(entry.about for entry in CATALOGUE.values() if entry.mark), "a page without a record has nowhere to go"
    given = {name: entry.mark for name, entry in CATALOGUE.items() if entry.mark}
    assert given == MARKS, "paper with these letters is out there: none changes, a new form gets a new one"
