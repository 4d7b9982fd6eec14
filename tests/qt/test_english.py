"""The whole window in English at 125 % text: every page, its forms, menus and dialogs, without a Chinese word but names of places, and
without a word cut off. And the same room for the words in Chinese."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, Qt
from PySide6.QtGui import QPainter
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFileDialog,
    QGroupBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QWidget,
)

from desktop.app import App
from desktop.importing.page import ImportPage
from desktop.jobs import InlineJobs
from desktop.widgets import dialogs
from desktop.widgets.form_preview import FormPreview
from domain import clock, divisions
from domain.fields import KINDS
from domain.periods import add_months
from domain.words import LANGUAGES
from services import records, registration, work
from services.forms.form import CODE_WORDS
from services.policies import shipped
from tests.conftest import PASSWORD
from tests.qt.fitting import misfits, visible

VILLAGE = "230826101202"
MONTH = clock.this_month()
PLACES = (VILLAGE, "230826101", "230826", "230800", "230000", "210200", "210000")
CHINESE = re.compile(r"[\u3400-\u9fff\u3001-\u303f\uff01-\uff65]+")
"""Characters and wide punctuation; the wide blank only keeps things apart."""
ARTICLE = re.compile(r"（[一二三四五六七八九十]+）")
"""The number of a policy's article, in tool tips."""


def settle(app: App) -> dict[str, str]:
    """A household of three with work, wages, checks, a visit; a wrong ID number and a person nobody looked after: much to be said."""
    assert app.station
    ids: dict[str, str] = {}
    with app.station.store.write("Prepare") as session:

        def save(kind: str, **values: Any) -> str:
            return records.save(session, kind, values)

        wang = {"name": "Wang", "document": "resident_id", "id_number": "230826197908178768", "labour": "ordinary", "relation": "户主"}
        home = registration.register(
            session, registration.NewPerson(wang, household={"group": "3", "number": "0826"}, span={"category": "lifted"})
        )
        li = {"name": "Li", "document": "resident_id", "id_number": "230826197805050956", "labour": "weak", "relation": "配偶"}
        husband = registration.register(
            session, registration.NewPerson(li, home.household_id, span={"category": "marginal", "start": "2023-01-05"})
        )
        save("person", name="Sun", document="resident_id", id_number="230826199804199440", labour="ordinary", phone="13845550217")
        shop = save("employer", name="Sewing shop", type="workshop", place=VILLAGE)
        spell = save("employment", person_id=home.id, employer_id=shop, channel="workshop", place="230826", start=add_months(MONTH, -6))
        save(
            "employment", person_id=husband.id, employer_name="Port", channel="migrant", place="210200", start=f"{add_months(MONTH, -3)}-10"
        )
        for back in (5, 4):
            save("wage", employment_id=spell, month=add_months(MONTH, -back), paid_on=add_months(MONTH, -back), amount=52000)
        work.save_checks(session, add_months(MONTH, -1), {home.id: {"status": "workshop", "method": "phone"}})
        save("visit", household_id=home.household_id, person_id=home.id, on=f"{add_months(MONTH, -1)}-08", by="Lee", content="Well")
        save("job_wish", person_id=home.id, opened_on=f"{add_months(MONTH, -3)}-01")
        save("service", person_id=home.id, type="guidance", on=f"{add_months(MONTH, -1)}-02")
        course = save("course", title="Sewing", trade="Sewing", type="skills", start=f"{MONTH}-01", end=f"{MONTH}-05", place=VILLAGE)
        save("enrolment", course_id=course, person_id=home.id, days_present=3)
        ids |= {"person": home.id, "household": home.household_id or "", "employer": shop, "course": course}
    return ids


class Reader:
    """Notes every Chinese word of the widgets and pictures it is shown, with where it stood."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._seen: set[str] = set()  # the same headings and cells stand on page after page
        self.cut: dict[str, str] = {}
        self.allowed = [name for code in PLACES if (name := divisions.name(code))] + list(LANGUAGES.values())
        self.allowed.append(CODE_WORDS)  # on the pages of forms, which stay Chinese
        self.allowed += KINDS["job_wish"].by_name["close_reason"].suggestions  # stored in the ledger's language
        for pack in shipped():  # official documents are quoted as they were issued
            self.allowed += [
                pack.title,
                pack.source,
                divisions.name(pack.area) or pack.id,
                *(rule.text for rule in pack.rules if rule.text),
            ]

    def read(self, text: object, where: str) -> None:
        """Note what is Chinese in a text, names of places and of the language itself aside."""
        said = str(text or "")
        if said in self._seen:
            return
        self._seen.add(said)
        rest = ARTICLE.sub("", said)
        for name in self.allowed if CHINESE.search(rest) else ():
            rest = rest.replace(name, "")
        if CHINESE.search(rest):
            self.found[said] = where

    def look(self, root: QWidget, where: str, *, hidden: bool = True) -> None:
        """Read a widget and all within, shown or still hidden."""
        self.read(root.windowTitle(), where)
        for widget in (root, *root.findChildren(QWidget)) if hidden else visible(root):
            at = f"{where}: {type(widget).__name__}"
            for text in (widget.accessibleName(), widget.toolTip(), *self._own(widget)):
                self.read(text, at)
        for _n in range(3):
            QApplication.processEvents()  # what changed takes its place before it is painted
        root.grab()
        for cut in misfits(root):
            self.cut.setdefault(cut, where)

    def nothing(self) -> None:
        """Fail with what was found; and this reader does find."""
        assert not self.cut, "\n".join(f"{text} at {where}" for text, where in self.cut.items())
        assert not self.found, "\n".join(f"{text!r} at {where}" for text, where in self.found.items())
        self.read("a 名", "here")
        assert self.found

    def _own(self, widget: QWidget) -> Iterator[str]:
        if isinstance(widget, QLabel | QAbstractButton):
            yield widget.text()
        elif isinstance(widget, QLineEdit | QPlainTextEdit):
            yield widget.placeholderText()
        elif isinstance(widget, QComboBox):
            yield from (widget.itemText(n) for n in range(widget.count()))
        elif isinstance(widget, QAbstractSpinBox):
            yield from (widget.text(), widget.specialValueText())
        elif isinstance(widget, QMenu):
            yield from (action.text() for action in widget.actions())
        elif isinstance(widget, QGroupBox):
            yield widget.title()
        elif isinstance(widget, QAbstractItemView) and widget.model() is not None:
            yield from _cells(widget.model())


def _cells(model: QAbstractItemModel) -> Iterator[str]:
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(QModelIndex())
    for column in range(columns):
        for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            yield str(model.headerData(column, Qt.Orientation.Horizontal, role) or "")
        for line in range(min(model.rowCount(QModelIndex()), 60)):
            yield str(model.index(line, column).data() or "")


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    """A reader who also sees what is painted, and who closes every dialog after reading it."""
    made = Reader()
    draw: Any = QPainter.drawText

    def drawn(painter: QPainter, *given: object) -> object:
        for text in given:
            if isinstance(text, str):
                made.read(text, "painted")
        return draw(painter, *given)

    def run(dialog: dialogs.Dialog) -> bool:
        made.look(dialog, f"dialog {dialog.windowTitle()}")
        return False

    monkeypatch.setattr(QPainter, "drawText", drawn)

    def preview(shown: FormPreview) -> None:
        """A form stays Chinese; what can be done with it does not."""
        for one in shown.findChildren(QPushButton):
            made.read(one.text(), "preview")

    monkeypatch.setattr(dialogs.Dialog, "run", run)
    monkeypatch.setattr(FormPreview, "run", preview)
    monkeypatch.setattr(QPrintDialog, "exec", lambda _dialog: 0)

    def asked(_parent: object, title: str, name: str = "", *_more: object) -> tuple[str, str]:
        made.read(f"{title} {name}", "files")
        return "", ""

    for name in ("getOpenFileName", "getOpenFileNames", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, name, asked)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *given: asked(*given)[0])
    return made


@pytest.fixture
def english(make_store, monkeypatch: pytest.MonkeyPatch, qtbot) -> Iterator[App]:
    """A fresh village on a computer that speaks English, its window open."""
    store = make_store(user="Lee")
    home = store.home
    store.close()
    (home / "desktop.json").write_text('{"language": "en", "text_size": 1.25}', encoding="utf-8")
    for name in ("practise", "switch_user", "rebuild"):
        monkeypatch.setattr(App, name, lambda _app: None)
    made = App(home, jobs=InlineJobs())
    made.start("Lee", PASSWORD)
    assert made.window
    made.window.resize(1366, 768)
    yield made
    made.close()


def press_everything(app: App, reader: Reader, key: str, **args: object) -> None:
    """Press every button of a page once; what comes up is read, and the page opened anew."""
    window = app.window
    assert window
    seen: set[str] = set()
    for _n in range(80):
        window.open(key, **args)
        page = window.page(key)
        assert page
        buttons = [*page.findChildren(QPushButton), *page.findChildren(QToolButton)]
        buttons.sort(key=lambda one: one.objectName() == "tab")  # last: what they hide is pressed first
        shown = (one for one in buttons if one.isVisibleTo(page) and one.isEnabled())
        fresh = next((one for one in shown if _mark(one) not in seen), None)
        if fresh is None:
            return
        seen.add(_mark(fresh))
        fresh.click()
        reader.look(window, f"{key} after {_mark(fresh)}", hidden=False)  # the rest was read when its page was opened


def _mark(made: QAbstractButton) -> str:
    return made.text() or made.accessibleName()


def test_qt_speaks_the_language_of_the_window(app: App, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Qt's own dialogs follow every choice, also when another window was built in Chinese before."""

    def said() -> str:
        return QApplication.translate("QPlatformTheme", "Cancel")

    assert said() == "取消"
    app.preferences.keep("language", "en")
    app.rebuild()
    assert said() == "Cancel"
    app.preferences.keep("language", "zh")
    app.rebuild()
    assert said() == "取消"
    (tmp_path / "desktop.json").write_text('{"language": "en"}', encoding="utf-8")
    App(tmp_path, jobs=InlineJobs()).close()
    assert said() == "Cancel"


def test_an_empty_village(english: App, reader: Reader) -> None:
    assert english.window
    for key in english.window.page_keys:
        english.window.open(key)
        reader.look(english.window, key)
    reader.nothing()


def test_a_village_with_records(english: App, reader: Reader) -> None:
    window = english.window
    assert window
    ids = settle(english)
    window.records_changed()
    for key in window.page_keys:
        window.open(key)
        reader.look(window, key)
        press_everything(english, reader, key)
    for key, kind in (("people", "person"), ("workshop", "employer"), ("training", "course")):
        press_everything(english, reader, key, id=ids[kind], kind=kind)
    reader.nothing()


def test_a_roster_looked_at_and_taken_in(english: App, reader: Reader, tmp_path: Path) -> None:
    """Rows of every fate: new, refused for several reasons, questioned; then what became of them. And a file that is none."""
    window = english.window
    assert window
    settle(english)
    person = {"kind": "person", "name": "Zhao", "document": "other", "id_number": "X1", "labour": "ordinary"}
    twin = {**person, "name": "Other", "document": "resident_id", "id_number": "230826197908178768", "labour": "weak"}
    lines = [person, twin, {**person, "id_number": "X2", "phone": "12"}, {**person, "labour": "strong"}, {"kind": "nothing"}, {}]
    roster, damaged = tmp_path / "people.jsonl", tmp_path / "damaged.xlsx"
    roster.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    damaged.write_bytes(b"PK not a workbook")
    window.open("importing", files=[damaged, roster])
    page = window.page("importing")
    assert isinstance(page, ImportPage)
    for file in page.model.files:
        page.model.choose(page.model.files.index(file))
        reader.look(window, file.path.name)
        for number in range(page.preview.list.model().rowCount()):
            page.preview.list.selectRow(number)
            reader.look(window, f"row {number} of {file.path.name}")
    page.model.apply()
    assert [file.state for file in page.model.files] == ["bad", "done"]
    reader.look(window, "result")
    reader.nothing()


def test_every_ledger_and_its_form(english: App, reader: Reader) -> None:
    window = english.window
    assert window
    for kind in KINDS:
        window.open("ledgers", kind=kind, new=True)
        reader.look(window, kind)
    reader.nothing()


def test_first_use_and_unlocking(english: App, reader: Reader) -> None:
    english.first_use()
    assert english.gate
    reader.look(english.gate, "first use")
    gate: Any = english.gate
    for step, mark in gate.marks.items():
        gate.model.go(step)
        QApplication.processEvents()
        assert mark.width() >= mark.sizeHint().width(), step  # the one that is shown is bold
    english.unlock()
    reader.look(english.gate, "unlocking")
    reader.nothing()
