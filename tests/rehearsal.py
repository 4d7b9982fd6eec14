"""Plays a clerk's day through the real window: what `make run` shows, without a screen. Fields are filled in and buttons pressed as by a
user; the store is only reached through the widgets. A picture of every page is saved."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, QEventLoop, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPixmap
from PySide6.QtWidgets import QApplication, QLabel

from desktop.app import App
from desktop.benefits.page import BenefitsPage
from desktop.benefits.presenting import UNCLAIMED
from desktop.importing.page import ImportPage
from desktop.main_window import MainWindow
from desktop.page import Page
from desktop.register.page import RegisterPage
from desktop.registry import entries
from desktop.service.page import ServicePage
from desktop.service.presenting import PEOPLE
from desktop.sync.page import SyncPage
from desktop.training.page import TrainingPage
from desktop.widgets.editors import PickEditor
from desktop.widgets.picker import Picker
from desktop.widgets.record_form import RecordForm
from desktop.workshop.page import WorkshopPage
from domain import clock
from domain.identity import check_digit
from domain.periods import add_days

QUIET = 160
"""Milliseconds without work, twice in a row, after which the window counts as settled; longer than the delay before pages reload."""
WATCH = 100
"""Milliseconds between checks for an unexpected dialog."""
PATIENCE = 60.0
"""Seconds after which the window counts as hanging."""

_P = TypeVar("_P", bound=Page)
PERSON = {
    "name": "单晓梅",
    "phone": "13845400001",
    "relation": "户主",
    "labour": "ordinary",
    "education": "初中",
    "nation": "汉族",
}
HOUSEHOLD = {"group": "3组", "address": "横头山镇解放村3组"}
SPAN = {"category": "lifted"}
FIRST17 = "23082619880606102"
COURSE = {"title": "家政服务培训班", "trade": "家政服务", "place": "村部会议室"}
COURSE_DAYS = 5
STUDENTS = ("wang", "zhang", "liu")


class Rehearsal:
    """The window of one station, and what is done in it; `say` is called with each step and its figures."""

    def __init__(self, home: Path, user: str, password: str, pictures: Path, say: Callable[[str], None]) -> None:
        self._qt = QApplication.instance() or QApplication(["cunzhan"])
        self._say, self._pictures = say, pictures
        self._taken = 0
        self._unexpected: list[str] = []
        self._watch = QTimer(interval=WATCH)
        self._watch.timeout.connect(self._answer)
        self._watch.start()
        self.registered = ""
        """Name of the person registered in `register`."""
        pictures.mkdir(parents=True, exist_ok=True)
        for old in pictures.glob("*.png"):
            old.unlink()
        self.gate(home / "first-use", "first-use")
        self.gate(home, "unlock")
        began = time.monotonic()
        self.program = App(home)
        self.program.preferences.keep("sync_minutes", 0)  # no automatic exchange
        self.program.start(user, password)
        assert self.program.window is not None
        self.window: MainWindow = self.program.window
        self.window.resize(1366, 768)
        self.settle()
        say(f"窗口打开，用了 {time.monotonic() - began:.2f} 秒")

    def gate(self, home: Path, name: str) -> None:
        """Take a picture of what is shown before the main window: first use of an empty folder, or unlocking."""
        program = App(home)
        program.start()
        assert program.gate is not None
        self.program = program
        self.settle()
        self.keep(program.gate.grab(), name)
        program.close()

    def close(self) -> None:
        """Close window and store."""
        self.program.close()

    # -- the day ------------------------------------------------------------------------------------

    def work(self, rosters: Sequence[Path]) -> None:
        """Import the rosters, register, hire, pay, train, recommend and claim; then open every page."""
        self.take_in(rosters)
        self.register()
        self.hire()
        self.pay()
        self.train()
        self.serve()
        self.claim()
        self.look_around()

    def take_in(self, files: Sequence[Path]) -> None:
        """导入: drop the files on the window, preview and import each."""
        page = self.open("importing", ImportPage, files=[str(file) for file in files])
        self.picture("importing")
        while page.model.file is not None and page.model.file.state == "ready":
            file = page.model.file
            page.go.click()
            self.settle()
            result = file.result
            assert result is not None, file.path.name
            line = "导入 {file}：新增 {added} 条，变更 {changed} 条，拒收 {rejected} 行，待确认 {questions} 行"
            counts = {"rejected": len(result.rejected), "questions": len(result.questions)}
            self._say(line.format(file=file.path.name, added=result.added, changed=result.changed, **counts))
            page.model.next()
            self.settle()

    def register(self) -> None:
        """登记: register a person by ID number, in a new household."""
        page = self.open("register", RegisterPage)
        page.form.take_number(FIRST17 + check_digit(FIRST17))
        for part in page.form.person_parts:
            fill(part, {name: value for name, value in PERSON.items() if name in part.editors})
        page.form.house.chips.choose("new")
        fill(page.form.house.form, HOUSEHOLD)
        fill(page.form.span, SPAN)
        self.settle()
        self.picture("register")
        page.save()
        self.settle()
        self.registered = PERSON["name"]
        self._say(f"登记 {self.registered}：性别和出生日期由证件号码得出")
        self.picture("person")

    def hire(self) -> None:
        """车间 → 入职: hire the person just registered."""
        page = self.workshop("roster")
        page.roster.hire()
        panel = page.stack.form
        assert panel is not None
        fill(panel.forms[0], {"start": clock.today(), "job": "缝纫工", "contract": "labour", "monthly_wage": 200000})
        self.pick(panel.forms[0], "person_id", self.registered)
        self.picture("hire")
        panel.ask()
        self.settle()
        self._say("{name} 到 {workshop} 入职".format(name=self.registered, workshop=page.model.facts.name if page.model.facts else ""))
        self.picture("workshop-roster")

    def pay(self) -> None:
        """车间 → 工资: type a month's wages of everybody into the grid."""
        page = self.workshop("wages")
        month = clock.today()[:7]
        grid = page.wages.grid.model()
        column = next(n for n, each in enumerate(grid.columns) if each.key == month)
        for line in range(grid.rowCount()):
            grid.setData(grid.index(line, column), str(1900 + 5 * line))
        self.settle()
        self.picture("wages-typed")
        count = len(page.wages_model.pending)
        page.wages.save_button.click()
        self.settle()
        self._say(f"{month} 工资：{count} 人，已保存")
        self.picture("workshop-wages")

    def train(self) -> None:
        """培训: create a course, add people found by pinyin, and sign them in."""
        page = self.open("training", TrainingPage)
        page.new()
        panel = page.stack.form
        assert panel is not None
        days = {"start": add_days(clock.today(), 1 - COURSE_DAYS), "end": clock.today()}
        fill(panel.forms[0], {**COURSE, **days})
        panel.ask()
        self.settle()
        self._watch.stop()  # the dialog that follows is expected
        page.add_people()
        for text in (self.registered, *STUDENTS):
            self.choose(page.adding.picker, text)
        self.keep(page.adding.grab(), "training-add")
        page.adding.done_button.click()
        self._watch.start()
        self.settle()
        page.one.tabs.choose("sign_in")
        page.sign_in.everyone.click()
        grid = page.sign_in.grid.model()
        grid.setData(grid.index(0, grid.columnCount() - 1), "缺")
        self.settle()
        page.sign_in.save_button.click()
        self.settle()
        students = page.roster_model.students
        self._say(
            "培训班「{title}」：{n} 人签到 {days} 天".format(title=COURSE["title"], n=len(students), days=page.roster_model.lessons())
        )
        self.picture("training-sign-in")

    def serve(self) -> None:
        """服务: recommend the best matching vacancy to the person who has looked for work longest."""
        page = self.open("service", ServicePage)
        page.match(PEOPLE, page.lights.table.model.ids[0])
        self.settle()
        pair = page.matches.pair()
        assert pair is not None
        self.picture("service-match")
        self._watch.stop()  # the dialog that follows is expected
        page.matches.recommend()
        self.settle()
        page.entry.finish()
        self._watch.start()
        self.settle()
        self._say(f"求职 {len(page.lights.table.model.ids)} 人；推荐 {pair.title}")

    def claim(self) -> None:
        """补助: screen everybody, and file a claim for the first who is entitled."""
        page = self.open("benefits", BenefitsPage)
        found = len(page.screening.model.of(UNCLAIMED))
        self.picture("benefits-screening")
        page.screening.table.table.selectRow(0)
        page.screening.go.click()
        self.settle()
        page.tabs.choose("path")
        self.settle()
        self._say(f"筛查：应享未享 {found} 件；提出申请 {len(page.path.model.claims)} 笔")
        self.picture("benefits-path")

    def sync_away(self) -> None:
        """同步 without a reachable county: the page says so, and nothing is lost."""
        page = self.open("sync", SyncPage)
        page.now.click()
        self.settle()
        if not page.model.trouble:
            raise RuntimeError("县服务器没有开，同步却没有说")
        self._say(f"同步：{page.model.trouble}")
        self.picture("sync-away")

    def sync(self) -> None:
        """同步 with a reachable county."""
        page = self.open("sync", SyncPage)
        began = time.monotonic()
        page.now.click()
        self.settle()
        if page.model.trouble:
            raise RuntimeError(page.model.trouble)
        self._say(f"窗口里同步，用了 {time.monotonic() - began:.2f} 秒")
        self.picture("sync-done")

    def look_around(self) -> None:
        """Open every page once and take a picture."""
        for entry in entries("village"):
            self.open(entry.key, Page)
            self.picture(entry.key)

    # -- helpers -----------------------------------------------------------------------------

    def open(self, key: str, kind: type[_P], **args: object) -> _P:
        """Open a page as its navigation button does, and wait until it has settled."""
        self.window.open(key, **args)
        self.settle()
        page = self.window.page(key)
        assert isinstance(page, kind), key
        return page

    def workshop(self, tab: str) -> WorkshopPage:
        """Open the first workshop of the list, on one of its tabs."""
        page = self.open("workshop", WorkshopPage)
        if not page.model.employer_id:
            page.model.open(page.table.model.ids[0])
            self.settle()
        page.tabs.tabs.choose(tab)
        self.settle()
        return page

    def pick(self, form: RecordForm, field: str, text: str) -> None:
        """Type into a picker of a form and pick the first suggestion."""
        editor = form.editors[field]
        assert isinstance(editor, PickEditor)
        self.choose(editor.picker, text)
        assert editor.picker.id, text

    def choose(self, picker: Picker, text: str) -> None:
        """Type into a picker and pick the first suggestion."""
        picker.setText(text)
        picker.find_now()
        self.settle()
        enter = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(picker, enter)

    def settle(self) -> None:
        """Process events until the window has been quiet for a moment."""
        deadline = time.monotonic() + PATIENCE
        quiet = 0
        while quiet < 2:  # twice, because pages reload a moment after a result
            loop = QEventLoop()
            QTimer.singleShot(QUIET, loop.quit)
            loop.exec()
            quiet = 0 if self.program.jobs.busy else quiet + 1
            if self._unexpected:
                raise RuntimeError(self._unexpected[0])
            if time.monotonic() > deadline:
                raise TimeoutError("the window does not settle")

    def _answer(self) -> None:
        """Record and close an unexpected dialog."""
        dialog = QApplication.activeModalWidget()
        if dialog is not None:
            self._unexpected.append("　".join(label.text() for label in dialog.findChildren(QLabel) if label.text()))
            dialog.close()

    def picture(self, name: str) -> None:
        """Save a picture of the window as NN-name.png."""
        self.keep(self.window.grab(), name)

    def keep(self, shot: QPixmap, name: str) -> None:
        """Save a picture under the next number."""
        self._taken += 1
        shot.save(str(self._pictures / f"{self._taken:02d}-{name}.png"))


def fill(form: RecordForm, values: Mapping[str, object]) -> None:
    """Fill fields of a form."""
    for name, value in values.items():
        form.editors[name].set_value(value)
