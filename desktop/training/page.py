"""The page 培训: courses and schooling (学籍, 雨露计划), or one course with its roster and sign-in sheet. 添加学员 finds people by name,
pinyin or last digits, collects them in a list and adds them all at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from desktop import theme
from desktop.jobs import Jobs
from desktop.page import Frame, Page
from desktop.paper import lists
from desktop.station import Station
from desktop.training.course_tabs import RosterTab, SignInTab
from desktop.training.view_model import RosterModel, TrainingModel
from desktop.widgets import dialogs
from desktop.widgets.basics import Chip, EmptyState, bind, button, label
from desktop.widgets.dialogs import Dialog
from desktop.widgets.editors import Tools
from desktop.widgets.form_panel import FormPanel, FormStack, edit_panel
from desktop.widgets.inputs import choices, offer
from desktop.widgets.layout import column, holder, row
from desktop.widgets.ledger_table import LedgerTable
from desktop.widgets.picker import Option, Picker
from desktop.widgets.record_form import RecordForm, all_fields
from desktop.widgets.records_tab import RecordsTab
from desktop.widgets.tabs import Later, TabStack
from desktop.wiring.forms import form_tools
from domain.fields import Record
from domain.periods import term_words
from domain.records import Course, Schooling
from domain.words import N_, _

_ID = Qt.ItemDataRole.UserRole


class AddPeople(Dialog):
    """The dialog; `add` is called with the ids in the list."""

    def __init__(self, parent: QWidget, jobs: Jobs, find: Callable[[str], Sequence[Option]], add: Callable[[Sequence[str]], None]) -> None:
        super().__init__(parent, _("添加学员"), _("输入姓名、拼音或证件尾号，回车选中；选好几个后一起添加。"))
        self.setMinimumSize(theme.px(520), theme.px(420))
        self._add, self._find = add, find
        self._found: dict[str, Option] = {}
        self.picker = Picker(jobs, self._remember, name=_("找人"), kind="person")
        self.picker.picked.connect(self._picked)
        self.list = QListWidget()
        self.list.setAccessibleName(_("要添加的人"))
        self.count = label("", "muted")
        self.body.addWidget(self.picker)
        self.body.addWidget(self.list, 1)
        self.body.addLayout(row(self.count, None, button(_("去掉这一个"), self._drop, kind="small", hint="Del")))
        self.add_button(_("取消"), accept=False)
        self.done_button = button(_("添加"), self._finish, kind="primary", hint="Ctrl S", within=self, writes=True)
        self.done_button.setAutoDefault(False)
        self.buttons.addWidget(self.done_button)
        shortcut = bind(self.list, "Del", self._drop)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        self.picker.setFocus()
        self._show_count()

    def chosen(self) -> list[str]:
        """The ids of the people in the list, in the order they were picked."""
        return [str(self.list.item(n).data(_ID)) for n in range(self.list.count())]

    def _remember(self, text: str) -> Sequence[Option]:
        found = self._find(text)
        self._found |= {one.id: one for one in found}
        return found

    def _picked(self, id: str) -> None:
        if not id:
            return
        option = self._found[id]
        if id not in self.chosen():
            item = QListWidgetItem(f"{option.title}　{option.detail}" if option.detail else option.title)
            item.setData(_ID, id)
            self.list.addItem(item)
            self.list.setCurrentItem(item)
        self.picker.set_choice("", "")
        self._show_count()

    def _drop(self) -> None:
        if self.list.currentRow() >= 0:
            self.list.takeItem(self.list.currentRow())
            self._show_count()

    def _show_count(self) -> None:
        count = self.list.count()
        self.count.setText(_("已选 {n} 人").format(n=count))
        self.done_button.setText(_("添加 {n} 人").format(n=count) if count else _("添加"))
        self.done_button.setEnabled(count > 0)

    def reject(self) -> None:
        """Ask before discarding the list."""
        text = _("已选的 {n} 人还没有添加。").format(n=self.list.count())
        if not self.chosen() or dialogs.ask(self, _("不添加就关掉吗？"), text, yes=_("不添加"), no=_("接着选"), danger=True):
            super().reject()

    def _finish(self) -> None:
        if self.chosen():
            self._add(self.chosen())
            self.accept()


class SchoolingTab(RecordsTab[TrainingModel]):
    """The list; the page shows its forms through `show_form`."""

    kind, changing = Schooling.KIND, N_("修改学籍")

    def __init__(self, frame: Frame, model: TrainingModel, tools: Tools, show_form: Callable[[FormPanel], None]) -> None:
        super().__init__(frame, model, tools, show_form)
        self.term = choices(_("学期"), {"": _("全部学期")})
        empty = EmptyState(
            _("还没有学籍记录"),
            _("脱贫家庭和农村低收入家庭的中职、高职、技工院校学生，每学期记一条（三十二）。"),
            button(_("新增学籍"), self.new, kind="primary", hint="Ins", writes=True),
            icon="school",
        )
        self.table = LedgerTable(frame, model.schooling, key="schooling", empty=empty, title=_("学籍"))
        self.search = self.table.add_search(_("姓名、拼音"), 150, name=_("在学籍里找"))
        self.table.bar.insertWidget(0, self.term)
        self.table.add(
            button(_("记下一学期"), self._next, hint="F7", within=self, writes=True),
            button(_("修改"), self.change, hint="F2", writes=True),
            rows=True,
        )
        self.table.add(button(_("新增学籍"), self.new, kind="primary", icon="plus", hint="Ins", within=self, writes=True))
        self.setLayout(column(self.table, spacing=0))
        self.term.currentIndexChanged.connect(lambda _n: self.table.set_filter("term", self.term.currentData() or None))
        self.listen(_("删除 {n} 条学籍记录？"), _("删除后可以撤销，也可以在回收站找回。"))
        model.terms_found.connect(self._show_terms)

    def new(self) -> None:
        """Show the form of a new term."""
        values = {"state": "enrolled", "term": self.term.currentData() or None}
        note = _("学期写 2023年春季、2023年秋季，也可写成 2023春、2023秋。")
        self.enter(_("新增学籍"), values, draft="schooling:", note=note)

    def _next(self) -> None:
        if ids := self.marked(_("请先选中学生，按住 Ctrl 可选几个。")):
            self._model.next_terms(ids)

    def _show_terms(self, terms: Sequence[str]) -> None:
        offer(self.term, {"": _("全部学期"), **{term: term_words(term) for term in terms}})


FIELDS = all_fields(Course.KIND, "title", "type", "trade", "level", "start", "end", "hours", "seats", "place")


CHIP_FROM = 720
"""From this width of the page (px at 100 % text size) there is room for the type beside the name."""


class TrainingPage(Page):
    """Two lists, one course, or a form in their place."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, _("培训"))
        self.model, self.roster_model = self.own(TrainingModel(frame, station)), self.own(RosterModel(frame, station))
        self.tools = form_tools(frame, station)
        self.lists = TabStack({"courses": (_("培训班"), self._courses()), "schooling": (_("学籍（雨露计划）"), lambda: self.schooling)})
        self.stack = FormStack(frame, self.lists)
        self.body.addWidget(self.stack, 1)
        self._head_buttons()
        self._connect()
        self._show_header()

    # -- parts --------------------------------------------------------------------------------------

    @Later
    def schooling(self) -> SchoolingTab:
        """The tab of terms at school."""
        made = SchoolingTab(self.frame, self.model, self.tools, self.stack.show_form)
        made.reload()
        return made

    @Later
    def one(self) -> TabStack:
        """The tabs of one course."""
        self.roster = RosterTab(self.frame, self.roster_model, self.add_people, lambda ids: self.model.delete("enrolment", ids))
        self.sign_in = SignInTab(self.frame, self.roster_model, button(_("添加学员"), self.add_people, kind="primary", writes=True))
        made = TabStack({"roster": (_("花名册"), self.roster), "sign_in": (_("签到考勤"), self.sign_in)})
        bind(made, "Escape", self.close_one)
        bind(made, "Ctrl+F2", self._edit)
        bind(made, "Ctrl+P", lambda: lists.show(self.frame, self, self._sheet()))
        bind(made, "Ctrl+E", lambda: lists.save(self.frame, self, self._sheet()))
        return made

    def _sheet(self) -> lists.Listing:
        """The roster or the sign-in sheet, as shown: empty days are for signatures."""
        tab, word = (self.sign_in, _("签到表")) if self.one.tabs.key == "sign_in" else (self.roster, _("花名册"))
        title = self.model.course.title if self.model.course is not None else ""
        return lists.of_grid(f"{title}{word}", tab.grid.model())

    def _courses(self) -> QWidget:
        empty = EmptyState(
            _("还没有培训班"),
            _("先建一个班，再添加学员、按天签到、录成绩和证书。"),
            button(_("新建培训班"), self.new, kind="primary", hint="Ins", writes=True),
            button(_("导入培训花名册"), lambda: self.frame.open("importing"), hint="Ctrl I"),
            icon="school",
        )
        self.table = LedgerTable(self.frame, self.model.courses, key="courses", empty=empty, title=_("培训班"))
        self.search = self.table.add_search(_("按班名或拼音找"), 190)
        self.table.opened.connect(self.model.open)
        self.table.edit_asked.connect(lambda id: self.model.edit("course", id))
        self.table.ask_to_delete(
            "course", _("删除这个培训班？"), _("名册、出勤和证书会留着。删除后可以撤销，也可以在回收站找回。"), self.model.delete
        )
        self.totals = label("", "small")
        made = holder(column(self.table, self.totals))
        made.setFocusProxy(self.table)
        return made

    def _head_buttons(self) -> None:
        self.type_chip = Chip("", "good")
        self.header.add_left(self.type_chip)
        self.back = button(_("全部培训班"), self.close_one, icon="chevron-left", hint="Esc")
        self.edit_button = button(_("修改班级"), self._edit, hint="Ctrl F2", writes=True)
        self.print_button = button(_("打印"), lambda: lists.show(self.frame, self, self._sheet()), icon="printer", hint="Ctrl P")
        self.new_button = button(_("新建培训班"), self.new, kind="primary", icon="plus", hint="Ins", within=self.table, writes=True)
        self.header.add(self.back, self.edit_button, self.print_button, self.new_button)

    def _connect(self) -> None:
        model, roster = self.model, self.roster_model
        self.stack.follow(model)
        model.opened.connect(self._open)
        model.counted.connect(self.totals.setText)
        model.course_changed.connect(lambda _course: self._show_header())
        model.changed.connect(self.refresh)
        model.record_found.connect(self._show_record)
        roster.changed.connect(model.reload)
        self.lists.tabs.chosen.connect(lambda _key: self._show_header())
        self.stack.form_shown.connect(lambda _shown: self._show_header())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide the type in a narrow window."""
        super().resizeEvent(event)
        self._show_header()

    # -- actions ------------------------------------------------------------------------------------

    def opened(self, **args: object) -> None:
        """Show the lists (`tab="schooling"` the second), or with `id=` a course; `new=True` the form of a new one, or of a new term at
        school (`kind="schooling"`)."""
        id = str(args.get("id") or "")
        if id and (id == self.model.course_id or self.can_leave()):
            self.model.open(id)
        elif not id and not self.model.course_id:
            self.lists.tabs.choose(str(args.get("tab") or self.lists.tabs.key))
            self.refresh()
            self.lists.focus()
        if args.get("new") and args.get("kind") == "schooling":
            self.lists.tabs.choose("schooling")
            self.schooling.new()
        elif args.get("new"):
            self.new()

    def refresh(self) -> None:
        """Load again, since records changed."""
        if self.model.course_id:
            self.roster_model.reload()
        else:
            self.table.reload()
            if "schooling" in self.__dict__:
                self.schooling.reload()
        self.model.reload()

    def can_leave(self) -> bool:
        """Ask about an open form, and about unsaved results and marks."""
        roster, text = self.roster_model, _("成绩、结果或签到还没有保存。")
        return self.stack.may_leave() and dialogs.may_leave(self, roster.dirty, text, roster.discard)

    def new(self) -> None:
        """Show the form of a new course."""
        form = RecordForm(Course.KIND, self.tools, fields=FIELDS, columns=2)
        form.set_values({"type": "skills", "free": True})
        panel = FormPanel(self.frame, _("新建培训班"), form, draft="course:")
        panel.asked.connect(lambda: self.model.save("course", form.given()))
        self.stack.show_form(panel)

    def add_people(self) -> None:
        """Open the dialog that adds people to the roster."""
        if self.roster_model.dirty:
            self.frame.message(_("请先保存正在填的成绩或签到，再添加学员。"))
            return
        self.adding = AddPeople(self, self.frame.jobs, lambda text: self.tools.find("person", text), self.model.enrol)
        self.adding.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.adding.open()

    def close_one(self) -> None:
        """Return to the lists."""
        if self.can_leave():
            self.model.close()
            self.stack.show_list()
            self._show_header()
            self.refresh()
            self.lists.focus()

    def _open(self, course_id: str) -> None:
        self.stack.show_one(self.one)
        self.roster_model.open(course_id)
        self.one.tabs.choose("roster")
        self.roster.grid.setFocus()
        self._show_header()

    def _show_header(self) -> None:
        course, one, free = self.model.course, bool(self.model.course_id), self.stack.form is None
        self.type_chip.setVisible(one and course is not None and self.width() >= theme.px(CHIP_FROM))
        self.back.setVisible(one and free)
        self.edit_button.setVisible(one and free)
        self.print_button.setVisible(one and free)
        self.new_button.setVisible(not one and free and self.lists.tabs.key == "courses")
        if not one or course is None:
            self.header.set_text(_("培训"))
            return
        span = _("{start} 至 {end}").format(start=course.start, end=course.end)
        self.header.set_text(course.title, f"{span}　{course.trade}")
        self.type_chip.setText(course.shown("type"))

    def _edit(self) -> None:
        if self.model.course_id:
            self.model.edit("course", self.model.course_id)

    def _show_record(self, record: Record) -> None:
        if record.KIND.name == "schooling":
            self.schooling.show_record(record)
            return
        form = RecordForm(Course.KIND, self.tools, fields=FIELDS, columns=2)
        self.stack.show_form(edit_panel(self.frame, _("修改培训班"), form, record, self.model))


build = TrainingPage
