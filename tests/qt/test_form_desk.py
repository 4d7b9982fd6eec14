"""Forms laid out and written off the GUI thread, as in the program; Qt has nothing to complain of."""

import gc
from pathlib import Path

import pytest
from PySide6.QtCore import qInstallMessageHandler
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.jobs import Jobs
from desktop.paper import document
from desktop.paper.document import Paper, write_pdf
from desktop.paper.forms import FormPrinter
from desktop.widgets.form_preview import FormPreview
from domain.errors import Stopped
from services.forms import CATALOGUE, Form
from tests.qt.village import MONTH, settle


@pytest.fixture
def complaints():
    """What Qt says meanwhile."""
    said: list[str] = []
    before = qInstallMessageHandler(lambda _sort, _where, text: said.append(text))
    yield said
    qInstallMessageHandler(before)


@pytest.fixture
def threads(frame):
    """The frame with the lanes of the program instead of work done at once."""
    frame.jobs.close()
    frame.jobs = Jobs()
    return frame


def test_a_long_table_that_cannot_be_written_is_told_without_a_warning(qtbot, threads, complaints, tmp_path) -> None:
    """The error goes to the window's thread; what was laid out stays behind."""
    table = Form("名册", {"填报单位": "解放村"}, columns=("序号", "姓名", "金额（元）"), rows=[(n, "张<三>", 500.0) for n in range(1, 121)])
    file = tmp_path / "没有这个文件夹" / "名册.pdf"
    threads.jobs.run(lambda: write_pdf(Paper(table), file), threads.messages.append, threads.errors.append)
    qtbot.waitUntil(lambda: len(threads.errors) == 1)
    threads.errors.clear()
    gc.collect()
    assert complaints == []


def save(preview: FormPreview, file: Path, monkeypatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_given: (str(file), ""))
    preview.saves[".pdf"].click()


def test_a_form_is_shown_saved_and_refused_without_a_warning(qtbot, threads, station, complaints, tmp_path, monkeypatch) -> None:
    settle(station.store)
    shown: list[FormPreview] = []
    monkeypatch.setattr(FormPreview, "run", lambda preview: shown.append(preview))
    parent = QWidget()
    qtbot.addWidget(parent)
    FormPrinter(threads, station).show(parent, "monthly", month=MONTH)
    qtbot.waitUntil(lambda: bool(shown or threads.errors))
    (preview,) = shown
    save(preview, tmp_path / "月报.pdf", monkeypatch)
    qtbot.waitUntil(lambda: threads.messages == ["已保存到 月报.pdf"])
    assert (tmp_path / "月报.pdf").read_bytes().startswith(b"%PDF")
    save(preview, tmp_path / "没有这个文件夹" / "月报.pdf", monkeypatch)
    qtbot.waitUntil(lambda: len(threads.errors) == 1)
    threads.errors.clear()  # with its traceback goes what it held
    shown.clear()
    preview.deleteLater()
    del preview
    gc.collect()
    qtbot.waitUntil(lambda: not threads.jobs.busy)
    threads.jobs.close()
    assert complaints == []


@pytest.mark.parametrize(("name", "laid_out"), [("quality", False), ("quality_list", False), ("quality_list", True)])
def test_a_form_is_stopped_while_it_is_made_or_laid_out(
    qtbot, threads, station, complaints, monkeypatch, name: str, laid_out: bool
) -> None:
    """The checks of a township take half a minute, and the list of what they find has two hundred pages."""
    settle(station.store)
    told: list[str] = []

    def run_long(what, work, done, failed=None, *, lane="db") -> None:
        def progress(done: int, _total: int, doing: str) -> None:
            told.append(doing)
            if laid_out == (doing == what) and done:
                raise Stopped("已停止")

        threads.jobs.run_long(lambda _progress: work(progress), done, threads.show_error, report=lambda report: None)

    monkeypatch.setattr(threads, "run_long", run_long)
    monkeypatch.setattr(FormPreview, "run", lambda preview: told.append("shown"))
    monkeypatch.setattr(document, "_ROWS", 1)
    parent = QWidget()
    qtbot.addWidget(parent)
    FormPrinter(threads, station).show(parent, name)
    qtbot.waitUntil(lambda: bool(threads.errors) or "shown" in told)
    assert [type(error) for error in threads.errors] == [Stopped]
    assert set(told) == ({CATALOGUE[name].title, "排版"} if laid_out else {CATALOGUE[name].title})
    threads.errors.clear()
    gc.collect()
    threads.jobs.close()
    assert complaints == []


def test_a_preview_that_is_closed_leaves_memory_with_its_pictures(qtbot, threads, station, monkeypatch) -> None:
    settle(station.store)
    closed: list[str] = []
    monkeypatch.setattr(FormPreview, "exec", lambda preview: closed.append(preview.paper.title))
    parent = QWidget()
    qtbot.addWidget(parent)
    FormPrinter(threads, station).show(parent, "monthly", month=MONTH)
    qtbot.waitUntil(lambda: bool(closed or threads.errors))
    qtbot.waitUntil(lambda: not parent.findChildren(FormPreview))
    threads.jobs.close()
