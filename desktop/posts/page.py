"""The page 公益岗: posts, their holders, and a month's attendance and pay. 在岗人员 shows who holds a post and what needs attention:
appointing, agreements, insurance and ending."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from PySide6.QtWidgets import QWidget

from desktop.page import Frame, Page
from desktop.paper.forms import FormPrinter
from desktop.posts.month_tabs import AttendanceTab, PayTab
from desktop.posts.view_model import MonthModel, PostsModel, Term
from desktop.station import Station
from desktop.widgets import dialogs
from desktop.widgets.basics import EmptyState, button, label
from desktop.widgets.editors import Tools
from desktop.widgets.form_panel import FormPanel, FormStack, edit_panel
from desktop.widgets.layout import column, holder
from desktop.widgets.ledger_table import LedgerTable
from desktop.widgets.record_form import RecordForm
from desktop.widgets.records_tab import RecordsTab
from desktop.widgets.tabs import ChipBar, Later, TabStack
from desktop.wiring.forms import form_tools
from domain import clock
from domain.errors import FieldError
from domain.fields import Record
from domain.records import Agreement, Appointment, Insurance, Post
from domain.words import N_, _, page_word
from services.posts.posts import AGREEMENT, INSURANCE, year_from

APPOINT = ("post_id", "person_id", "start")
LEAVE = ("exit_on", "exit_reason")


class HoldersTab(RecordsTab[PostsModel]):
    """The list with its filters; the page shows its forms through `show_form`."""

    kind, changing = Appointment.KIND, N_("修改聘用")

    def __init__(self, frame: Frame, model: PostsModel, tools: Tools, show_form: Callable[[FormPanel], None]) -> None:
        super().__init__(frame, model, tools, show_form)
        words = {"now": _("在岗"), "matters": _("要处理"), "left": _("已退岗"), "all": _("全部"), "post": _("这个岗位")}
        self.state = ChipBar(words)
        self.state.buttons["post"].hide()
        self._post = ""
        empty = EmptyState(
            _("这里没有人"),
            _("办上岗时选岗位和人，协议、意外险一起填；也可以导入公益岗台账。"),
            button(_("办上岗"), self.appoint, kind="primary", hint="Ins", within=self, writes=True),
            button(_("导入公益岗台账"), lambda: frame.open("importing"), hint="Ctrl I"),
            icon="shield",
        )
        self.table = LedgerTable(frame, model.holders, key="post-holders", empty=empty, title=_("在岗人员"))
        self.table.describe_filters = self.state.describe
        self.table.bar.insertWidget(0, self.state)
        self.search = self.table.add_search(_("姓名、岗位"), 130, at=1)
        self.table.add(
            button(_("退岗"), self.leave, hint="F8", within=self, writes=True),
            button(_("办意外险"), lambda: self.renew("insurance"), hint="F7", within=self, writes=True),
            button(_("签协议"), lambda: self.renew("agreement"), hint="F6", within=self, writes=True),
            rows=True,
        )
        self.setLayout(column(self.table, spacing=0))
        self.state.chosen.connect(self._narrow)
        self.table.view = replace(self.table.view, filters={"state": "now"})
        self.listen(_("删除这条聘用？"), _("只在录错人时删除；人不做了请办退岗。删除后可以撤销，也可以在回收站找回。"))
        model.terms_found.connect(self._show_terms)

    def of_post(self, post_id: str) -> None:
        """Show the holders of one post."""
        self._post = post_id
        self.state.buttons["post"].show()
        self.state.choose("post")

    def _narrow(self, key: str) -> None:
        filters = {"all": {}, "post": {"state": "now", "post": self._post}}.get(key, {"state": key})
        self.table.view = replace(self.table.view, filters=filters)
        self.reload()

    def show_holder(self, id: str) -> None:
        """Show all holders and select this one."""
        self.table.want(id)
        self.search.clear()
        self.state.choose("all")

    # -- forms --------------------------------------------------------------------------------------

    def appoint(self) -> None:
        """Show the form for appointing somebody, with agreement and insurance."""
        post = self.table.view.filters.get("post") or self._model.only_post
        first = self.form({"post_id": post, "start": clock.today()}, *APPOINT)
        term = RecordForm(Agreement.KIND, self._tools, fields=AGREEMENT, columns=2)
        cover = RecordForm(Insurance.KIND, self._tools, fields=INSURANCE, columns=2)
        _propose_year(term, first)
        _propose_year(cover, term, first)
        note = _("一人一岗，不超过定额。协议每次最长一年，意外险要覆盖协议的每一天（二十八）。协议、保险可以以后再填。")
        more = (_("协议（填了起止就一起签）"), term), (_("意外险（填了起止就一起记）"), cover)
        panel = FormPanel(self._frame, _("办上岗"), first, *more, note=note, draft="appointment:")
        panel.asked.connect(lambda: self._model.appoint(first.given(), term.given(), cover.given()))
        self._show_form(panel)

    def renew(self, kind: str) -> None:
        """Ask for the next agreement or insurance of the selected holders."""
        if ids := self.marked(_("请先在名单里选人，按住 Ctrl 可选几个。")):
            self._model.next_terms(kind, ids)

    def _show_terms(self, kind: str, terms: Sequence[Term]) -> None:
        """Show one form for all holders whose next term has the same dates; the others need a form of their own."""
        term = terms[0]
        alike = [one for one in terms if (one.start, one.end) == (term.start, term.end)]
        names = term.name if len(alike) == 1 else _("{n} 人").format(n=len(alike))
        declared, fields = (Agreement.KIND, AGREEMENT) if kind == "agreement" else (Insurance.KIND, INSURANCE)
        own = ("number",) if len(alike) > 1 else ()  # numbers differ between agreements
        form = RecordForm(declared, self._tools, fields=tuple(name for name in fields if name not in own), columns=2)
        form.set_values({"start": term.start, "end": term.end} | ({"type": "service"} if kind == "agreement" else {}))
        title = _("签协议　{name}") if kind == "agreement" else _("意外险　{name}")
        note = _("接着上一份，一年。每次最长一年（二十八）。") if kind == "agreement" else _("要覆盖协议的每一天（二十八）。")
        if len(alike) > 1:
            note += _("　一起办：{names}。").format(names=_("、").join(one.name for one in alike))
        if len(alike) < len(terms):
            note += _("　起止不同的 {n} 人请另办。").format(n=len(terms) - len(alike))
        panel = FormPanel(self._frame, title.format(name=names), form, note=note)
        panel.asked.connect(lambda: self._model.renew(kind, form.given(), [one.appointment_id for one in alike]))
        self._show_form(panel)

    def leave(self) -> None:
        """Ask when the selected holders left."""
        if ids := self.marked(_("请先在名单里选中要退岗的人，按住 Ctrl 可选几个。")):
            note = _("退岗时间是在岗的最后一天；去世的记到去世那天。")
            self.ask_end(_("退岗　{who}"), ids, LEAVE, self._model.leave, no_day=_("请填退岗时间"), note=note)


def _propose_year(form: RecordForm, *before: RecordForm) -> None:
    """When a form gets its first input, fill in its dates: those of the first form of `before` that has both, otherwise a year from the
    start of the last one. An untouched form stays empty and creates no record."""

    def propose() -> None:
        form.edited.disconnect(propose)
        with suppress(FieldError):  # a date is incomplete or unreadable
            spans = [tuple(one.editors[name].value() for name in ("start", "end") if name in one.editors) for one in before]
            (first, *_end) = spans[-1]
            whole = [span for span in spans if len(span) == 2 and all(span)]
            if whole or first:
                for name, day in zip(("start", "end"), whole[0] if whole else (first, year_from(first)), strict=True):
                    if form.editors[name].value() is None:
                        form.editors[name].set_value(day)

    form.edited.connect(propose)


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
