"""收回签好的表: photographs chosen, looked at, kept, taken back."""

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QFileDialog, QLabel, QTableWidget

from desktop.paper.document import Paper
from desktop.widgets import dialogs, writing
from desktop.widgets.basics import Button
from desktop.window_uses import WindowUses
from domain import page_codes
from services import forms, records
from services.claims import claims
from tests.qt.benefits_page import file_all, ids, listed, page, station

__all__ = ["ids", "page", "station"]


@pytest.fixture
def photographs(page, station, answers, tmp_path, monkeypatch):
    """Two applications as they were printed, and something else; chosen when files are asked for."""
    file_all(page)
    with station.store.read() as session:
        filed = sorted(each.claim.id for each in claims.listing(session))
        for n, id in enumerate(filed):
            Paper(forms.make(session, "application", id)).picture(0, 1240).save(str(tmp_path / f"IMG_{n}.jpg"))
    other = QImage(400, 300, QImage.Format.Format_RGB32)
    other.fill(QColor("white"))
    other.save(str(tmp_path / "IMG_8.png"))
    other.setPixelColor(200, 150, QColor("black"))
    other.save(str(tmp_path / "IMG_9.png"))
    files = sorted(str(file) for file in tmp_path.glob("IMG_*"))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_given: (files, ""))
    return files


@pytest.fixture
def shown(photographs, monkeypatch) -> list[dialogs.Dialog]:
    """Dialogs are answered with yes, and remembered."""
    seen: list[dialogs.Dialog] = []

    def run(dialog: dialogs.Dialog) -> bool:
        seen.append(dialog)
        return bool(dialog.findChildren(QTableWidget))

    monkeypatch.setattr(dialogs.Dialog, "run", run)
    return seen


def there(page) -> dict[str, list[str]]:
    """The documents of the claim under the cursor with their files."""
    return {one.document: [file.name for file in one.files] for one in page.path.model.materials.found}


def test_photographs_find_their_claims_by_themselves(page, photographs, shown, frame) -> None:
    page.tabs.choose("path")
    assert there(page)["申请表"] == []
    assert [row["signed"] for row in listed(page.path.table)] == ["未收回", "未收回"]
    page.take_back.click()
    [table] = shown[-1].findChildren(QTableWidget)
    told = [table.item(n, 0).text() for n in range(4)]
    assert "没有认出" in told[0], "what has to be photographed again is not looked for among two hundred"
    assert sorted(one.split(" ")[0] for one in told[1:3]) == ["孙玉梅", "王秀兰"] and all("补助申请表" in one for one in told[1:3])
    assert told[3] == "空白页，不用收"
    assert any(label.pixmap() and label.pixmap().height() > 100 for label in shown[-1].findChildren(QLabel)), "the page is seen"
    assert frame.messages[-1] == "已归档 2 页"
    assert there(page)["申请表"] == ["申请表.jpg"]
    assert [row["signed"] for row in listed(page.path.table)] == ["已收回", "已收回"]


def test_the_same_photographs_once_more_are_told_and_offer_no_undo(page, photographs, shown, frame) -> None:
    """已归档 2 页 it said, and 撤销 beside it took back the two of before."""
    page.take_back.click()
    page.take_back.click()
    [table] = shown[-1].findChildren(QTableWidget)
    told = [table.item(n, 0).text() for n in range(4)]
    assert sum("补助申请表" in one and "以前收过" in one for one in told) == 2
    assert frame.messages[-1] == "这些页以前都收过，没有重复归档。"


def test_what_was_taken_back_goes_away_again_as_one_act(page, photographs, shown, station) -> None:
    page.take_back.click()
    with station.store.write("撤销") as session:
        records.undo_last(session)
    with station.store.read() as session:
        assert session.count("attachment") == 0


def test_files_without_any_code_change_nothing_and_say_why(page, photographs, shown, station, monkeypatch) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_given: (photographs[-1:], ""))
    page.take_back.click()
    words = " ".join(label.text() for label in shown[-1].findChildren(QLabel))
    assert "一页也没有认出" in words
    with station.store.read() as session:
        assert session.count("attachment") == 0


def test_who_may_only_look_is_told_before_anything_dropped_is_read(page, photographs, shown) -> None:
    """Two hundred photographs were read for half a minute and shown with 归档, which then was refused."""
    said: list[str] = []
    writing.forbid("您的用户只能看，不能改。", said.append)
    page.opened(files=photographs)
    assert said == ["您的用户只能看，不能改。"]
    assert not shown


def test_a_page_that_came_back_is_looked_at_without_being_written_anywhere(page, photographs, shown, monkeypatch) -> None:
    """Whoever decides on seventy claims had to write seventy files to see their signatures."""
    page.tabs.choose("path")
    page.take_back.click()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_given: pytest.fail("asked where to write it"))
    link = [one for one in page.path.materials.findChildren(Button) if one.text() == "申请表.jpg"][-1]
    link.click()
    [picture] = [one.pixmap() for one in shown[-1].findChildren(QLabel) if not one.pixmap().isNull()]
    assert 200 < picture.height() <= shown[-1].screen().availableSize().height()


def test_a_scanned_code_finds_the_record_of_the_page(page, station, answers) -> None:
    """A bar code scanner types the code into the search box."""
    file_all(page)
    search = WindowUses(station).search
    with station.store.read() as session:
        claim = claims.listing(session)[0].claim
    code = page_codes.text(claim.id, "A", page=1, pages=2)
    for found in (*search(code), *search(f" {code.lower()} ")):
        assert (found.page, found.args["claim"]) == ("benefits", claim.id) and found.detail == "补助申请表（含承诺书）"
    page.opened(**search(code)[0].args)
    assert page.tabs.key == "path" and page.path._shown_id == claim.id
    with station.store.write("登记") as session:
        employer = records.save(session, "employer", {"name": "解放村制衣车间", "type": "workshop"})
    (found,) = search(page_codes.text(employer, "H", page=1, pages=1))
    assert (found.page, found.title, found.args["id"]) == ("workshop", "解放村制衣车间", employer)
    assert search(page_codes.text("00000000-0000-4000-8000-000000000000", "A", page=1, pages=1)) == []
