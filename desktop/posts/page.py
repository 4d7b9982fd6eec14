"""The page 公益岗: posts, their holders, and a month's attendance and pay."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.page import Frame, Page
from desktop.paper.forms import FormPrinter
from desktop.posts.holders_tab import HoldersTab
from desktop.posts.month_model import MonthModel
from desktop.posts.month_tabs import AttendanceTab, PayTab
from desktop.posts.view_model import PostsModel
from desktop.station import Station
from desktop.widgets import dialogs
from desktop.widgets.basics import EmptyState, button, label
from desktop.widgets.form_panel import FormPanel, FormStack, edit_panel
from desktop.widgets.layout import column, holder
from desktop.widgets.ledger_table import LedgerTable
from desktop.widgets.record_form import RecordForm
from desktop.widgets.tabs import Later, TabStack
from desktop.wiring.forms import form_tools
from domain import clock
from domain.fields import Record
from domain.records import Post
from domain.words import _, page_word


class PostsPage(Page):
    """Four tabs, or a form in their place."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, page_word("公益岗"))
        self.model, self.month = self.own(PostsModel(frame, station)), self.own(MonthModel(frame, station, clock.this_month()))
        self.tools, self._printer = form_tools(frame, station), FormPrinter(frame, station)
        self._matters = 0
        self.tabs = TabStack(
            {
                "posts": (_("岗位"), self._posts()),
                "holders": (_("在岗人员"), lambda: self.holders),
                "attendance": (_("考勤"), lambda: self.attendance),
                "pay": (_("补贴发放"), lambda: self.pay),
            }
        )
        self.stack = FormStack(frame, self.tabs)
        self.body.addWidget(self.stack, 1)
        self.new_button = button(_("新增岗位"), self.new, kind="primary", icon="plus", hint="Ins", within=self.table, writes=True)
        self.appoint_button = button(_("办上岗"), self._appoint, kind="primary", icon="user-plus", hint="Ins", writes=True)
        self.header.add(self.new_button, self.appoint_button)
        self._connect()
        self._show_header()

    @Later
    def holders(self) -> HoldersTab:
        """The tab of the holders."""
        made = HoldersTab(self.frame, self.model, self.tools, self.stack.show_form)
        made.state.set_count("matters", self._matters)
        made.reload()
        return made

    @Later
    def attendance(self) -> AttendanceTab:
        """The tab of a month's attendance."""
        appoint = button(_("办上岗"), self._appoint, kind="primary", writes=True)
        return AttendanceTab(self.frame, self.month, appoint, self._printer)

    @Later
    def pay(self) -> PayTab:
        """The tab of a month's pay."""
        return PayTab(self.frame, self.month, self._printer)

    def _posts(self) -> QWidget:
        empty = EmptyState(
            _("还没有公益性岗位"),
            _("先登记岗位：岗位数量、开发主体、资金渠道、待遇标准（二十七）；也可以导入公益岗台账。"),
            button(_("新增岗位"), self.new, kind="primary", hint="Ins", writes=True),
            button(_("导入公益岗台账"), lambda: self.frame.open("importing"), hint="Ctrl I"),
            icon="shield",
        )
        self.table = LedgerTable(self.frame, self.model.posts, key="posts", empty=empty, title=_("岗位"))
        self.search = self.table.add_search(_("按岗位名称找"), 170)
        self.table.opened.connect(self._open_post)
        self.table.edit_asked.connect(lambda id: self.model.edit("post", id))
        self.table.ask_to_delete(
            "post", _("删除这个岗位？"), _("在岗的人、协议和考勤会留着。删除后可以撤销，也可以在回收站找回。"), self.model.delete
        )
        self.totals = label("", "small")
        made = holder(column(self.table, self.totals))
        made.setFocusProxy(self.table)
        return made

    def _connect(self) -> None:
        model, month = self.model, self.month
        self.stack.follow(model)
        model.counted.connect(self._show_totals)
        model.changed.connect(self.refresh)
        model.record_found.connect(self._show_record)
        model.located.connect(self._show_holder)
        month.changed.connect(model.reload)
        self.tabs.tabs.chosen.connect(lambda _key: self._show_header())
        self.stack.form_shown.connect(lambda _shown: self._show_header())

    # -- actions ------------------------------------------------------------------------------------

    def opened(self, **args: object) -> None:
        """Show the tab `tab=`, or the last one; `month=` for attendance and pay. With `kind=` and `id=`: the holders of a post, or the
        holder an appointment, agreement or insurance belongs to; with `new=True` the form of a new post or appointment."""
        if args.get("id"):
            self._find(str(args.get("kind") or "post"), str(args["id"]))
            return
        if args.get("tab"):
            self.tabs.tabs.choose(str(args["tab"]))
        if args.get("month") and not self.month.dirty:
            self.month.open(str(args["month"]))
        self.refresh()
        self.tabs.focus()
        if args.get("new"):
            (self._appoint if args.get("kind") == "appointment" else self.new)()

    def refresh(self) -> None:
        """Load again, since records changed."""
        self.table.reload()
        if "holders" in self.__dict__:
            self.holders.reload()
        self.month.reload()
        self.model.reload()

    def can_leave(self) -> bool:
        """Ask about an open form and about unsaved attendance."""
        month = self.month
        return self.stack.may_leave() and dialogs.may_leave(self, month.dirty, _("考勤还没有保存。"), month.discard)

    def new(self) -> None:
        """Show the form of a new post."""
        form = RecordForm(Post.KIND, self.tools, columns=2)
        form.set_values({"required_days": 30})
        panel = FormPanel(self.frame, _("新增岗位"), form, draft="post:")
        panel.asked.connect(lambda: self.model.save("post", form.given()))
        self.stack.show_form(panel)

    def _appoint(self) -> None:
        self.tabs.tabs.choose("holders")
        self.holders.appoint()

    def _find(self, kind: str, id: str) -> None:
        self.refresh()
        if kind == "post":
            self._open_post(id)
        else:
            self.model.locate(kind, id)

    def _show_holder(self, id: str) -> None:
        self.tabs.tabs.choose("holders")
        self.holders.show_holder(id)
        self.holders.setFocus()

    def _open_post(self, id: str) -> None:
        self.tabs.tabs.choose("holders")
        self.holders.of_post(id)
        self.holders.setFocus()

    def _show_record(self, record: Record) -> None:
        if record.KIND.name == "appointment":
            self.holders.show_record(record)
            return
        form = RecordForm(Post.KIND, self.tools, columns=2)
        self.stack.show_form(edit_panel(self.frame, _("修改岗位"), form, record, self.model))

    def _show_header(self) -> None:
        listed = self.tabs.tabs.key if self.stack.form is None else ""
        self.new_button.setVisible(listed == "posts")
        self.appoint_button.setVisible(listed == "holders")

    def _show_totals(self, text: str, matters: int) -> None:
        self.totals.setText(text)
        self._matters = matters
        if "holders" in self.__dict__:
            self.holders.state.set_count("matters", self._matters)


build = PostsPage
