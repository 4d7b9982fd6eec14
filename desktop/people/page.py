"""The page 人员: the list, a person's page, or a form. Enter opens, Escape goes back.

Keys on a person's page: F2 修改 · F6 月监测与上月相同 · Ctrl+H 户变动 · Ctrl+P 政策明白卡 · Ctrl+PageUp/PageDown the previous and next
person of the list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QResizeEvent

from desktop import theme
from desktop.page import Frame, Page
from desktop.people.forms import PERSON, add_panel
from desktop.people.household import HouseholdDialog
from desktop.people.list_view import PeopleList
from desktop.people.person_model import PersonFiles, PersonModel
from desktop.people.person_view import PersonView
from desktop.people.presenting import PersonShown
from desktop.people.view_model import PeopleModel
from desktop.station import Station
from desktop.widgets import dialogs
from desktop.widgets.basics import add_entries, bind, button, menu_of
from desktop.widgets.form_panel import FormPanel, FormStack, edit_panel
from desktop.widgets.ledger_model import View
from desktop.widgets.record_form import RecordForm
from desktop.wiring.forms import form_tools
from domain.attachments import ENDINGS
from domain.errors import NotFound
from domain.fields import KINDS, Record
from domain.words import N_, _, page_word
from services.households.households import Home

ADDED = {"visit": "V", "service": "S", "employment": "E", "category_span": "C", "job_wish": "J", "household_income": "I"}
"""Kinds in the menu 添加, with their mnemonics."""
POLICY_CARD = "policy_card"
PAPERS = {POLICY_CARD: N_("政策明白卡…\tCtrl+P"), "service_card": N_("就业服务记录卡…"), "own_records": N_("本人信息查询单…")}
"""Printed forms about a person, by their names in the catalogue."""
_PRINT_FROM = 600
"""From this width (px at 100 % text size) there is room for a third button in the header."""


class PeoplePage(Page):
    """The list of people, a person's page, or a form about that person."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, page_word("人员"))
        self.people, self.person = self.own(PeopleModel(frame, station)), self.own(PersonModel(frame, station))
        self.attachments, self._station, self._tools = self.own(PersonFiles(frame, station)), station, form_tools(frame, station)
        self.list = PeopleList(frame, self.people, station.store.role != "village")
        self.header.add(
            button(_("登记"), lambda: frame.open("register"), kind="primary", icon="plus", hint="Ctrl N", writes=True),
            button(_("导入名册"), lambda: frame.open("importing"), hint="Ctrl I"),
        )
        self.print = button(_("打印名单"), self.list.table.print, icon="printer", hint="Ctrl P")
        self.header.add(self.print)
        self._then: Callable[[], None] | None = None
        """What to do once the person asked for is shown."""
        self._visited, self._away = False, True
        """Whether the person shown was opened from another page; whether another page is shown now."""
        self.stack = FormStack(frame, self.list)
        self.body.addWidget(self.stack, 1)
        self._connect_list()
        self._connect_person()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window, printing is only in the menu 列表."""
        super().resizeEvent(event)
        self.print.setVisible(event.size().width() >= theme.px(_PRINT_FROM))

    @cached_property
    def view(self) -> PersonView:
        """A person's page; made when the first person is shown, so that the list opens faster."""
        made = PersonView(self.person.file, lambda id: self.frame.open("benefits", claim=id))
        self._connect_view(made)
        self._menus(made)
        self._connect_attachments(made)
        self._bind_keys(made)
        return made

    def opened(self, **args: object) -> None:
        """Show the list; with `id` a person, whom Esc leaves for the page that opened it (but not for 登记, with `registered`); with
        `kind="household"` the head of that household; with `rule` focus the benefit of that rule; with `form="person"` the form of the
        person, with another kind as `form` the form of a new record about them."""
        id = args.get("id")
        if not self.can_leave():
            return
        self._visited, self._away = self._away and isinstance(id, str) and not args.get("registered"), False
        if isinstance(id, str) and args.get("kind") == "household":
            self.people.open_household(id)
        elif isinstance(id, str):
            self.view.verdicts.want(str(args.get("rule") or ""))
            form = str(args.get("form") or "")
            self.show_one(id, then=self._edit if form == "person" else partial(self.add, form) if form in ADDED else None)
        else:
            self.show_list()
        if isinstance(filters := args.get("filters"), Mapping):
            self.list.show_view(View("", dict(filters)))

    def hideEvent(self, event: QHideEvent) -> None:
        """Note that the next person shown is opened from another page."""
        self._away = self._away or not event.spontaneous()
        super().hideEvent(event)

    def refresh(self) -> None:
        """Load again, since records changed."""
        self.list.reload()
        self.people.count()
        if not self.stack.at_list:
            self.person.reload()

    def can_leave(self) -> bool:
        """Ask whether to discard unsaved input in a form."""
        return self.stack.may_leave()

    # -- list and person --------------------------------------------------------------------------

    def leave_one(self) -> None:
        """Go back to where the person was opened: the list, or another page."""
        visited = self._visited
        self.show_list()
        if visited:
            self.frame.back()

    def show_list(self) -> None:
        """Show the list."""
        self._visited = False
        if self.list.table.current_id() != self.person.id:
            self.list.table.select(self.person.id)  # Del then applies to the person just shown, not to the first of the list
        self.person.close()
        self.stack.close_form()
        self.stack.show_list()
        self._shown()
        self.list.reload()
        self.people.count()
        self.list.table.setFocus()

    def show_one(self, id: str, *, then: Callable[[], None] | None = None) -> None:
        """Show a person's page, and open a form with `then`."""
        self.stack.close_form()
        self._then = then
        now = self.window().focusWidget()
        rebuilt = (self.view.verdicts, self.view.family)  # rebuilt for each person: the focus would jump to another card
        loses_focus = now is None or not self.isAncestorOf(now) or any(card.isAncestorOf(now) for card in rebuilt)
        if self.stack.at_list or loses_focus:
            self.stack.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            self.stack.setFocus()  # Enter pressed before the person is loaded must not act on the list or the previous person
        self.view.verdicts.show_waiting()
        self.person.open(id)

    def delete(self, ids: Sequence[str], name: str = "") -> None:
        """Delete people after asking; `name` if it is the person shown."""
        called = name or self.list.table.model.named(ids)
        what = _("删除 {name}？").format(name=called) if called and len(ids) == 1 else _("删除选中的 {n} 人？").format(n=len(ids))
        text = _("务工、工资等记录会保留；按 Ctrl+Z 可以撤销，以后也能在回收站里找回。")
        if called and len(ids) > 1:
            text = called + "\n" + text
        if not dialogs.ask(self, what, text, yes=_("删除"), danger=True):
            return
        if name:
            self.person.delete_shown()
        else:
            self.people.delete(ids)

    def _connect_list(self) -> None:
        people, table = self.people, self.list.table
        people.deleted.connect(self._people_deleted)
        people.found_head.connect(lambda id: self.show_one(id) if id else self.frame.message(_("这一户还没有人")))
        table.opened.connect(self.show_one)
        table.edit_asked.connect(lambda id: self.show_one(id, then=self._edit))
        table.delete_asked.connect(self.delete)

    def _connect_person(self) -> None:
        model = self.person
        self.stack.follow(model)
        model.found.connect(self._show_person)
        model.gone.connect(self._person_gone)
        model.deleted.connect(self.show_list)
        model.record_found.connect(self._edit_ready)

    def _connect_view(self, view: PersonView) -> None:
        model, head = self.person, view.head
        model.judged.connect(view.verdicts.show_verdicts)
        view.family.opened.connect(self.show_one)
        view.wages.year_asked.connect(model.show_wages_of)
        for made, call in (
            *((made, partial(self.add, kind)) for kind, made in view.adding.items()),
            (view.family.change, self.change_household),
            (view.service.find_jobs, self._find_jobs),
            (head.back, self.leave_one),
            (head.edit, self._edit),
            (head.check, model.repeat_check),
            (head.reveal, self._reveal),
            (head.restore, model.undelete),
        ):
            made.clicked.connect(lambda _on=False, call=call: call())

    def _menus(self, view: PersonView) -> None:
        head, kinds = view.head, [(f"{_(KINDS[kind].label)} (&{letter})", partial(self.add, kind)) for kind, letter in ADDED.items()]
        adding = menu_of(head.add, [*kinds, (_("附件 (&A)…"), view.attachments.add_file.click)])
        adding.addSeparator()
        add_entries(adding, [(_("家里的另一个人 (&M)"), self._register_member)])
        menu_of(head.paper, [(_(word), partial(self._print, name)) for name, word in PAPERS.items()])
        more = menu_of(head.more, [(_("户变动：分户、合户、换户主 (&H)…"), self.change_household)])
        more.addAction(view.explain)
        view.explain.triggered.connect(lambda _on=False: self._explain())
        add_entries(more, [(_("删除这个人…"), self.delete_shown)])

    def _connect_attachments(self, view: PersonView) -> None:
        model, card = self.attachments, view.attachments
        model.changed.connect(card.show_attachments)
        card.add_file.clicked.connect(lambda _on=False: self._attach())
        card.save_asked.connect(model.read)
        model.file_read.connect(self._file_read)
        card.remove_asked.connect(model.remove)

    def _bind_keys(self, view: PersonView) -> None:
        keys: dict[str, Callable[[], object]] = {
            "F2": self._edit,
            "Ins": view.head.add.click,
            "F6": view.head.check.click,
            "Ctrl+H": self.change_household,
            "Ctrl+P": partial(self._print, POLICY_CARD),
            "Esc": self.leave_one,
            "Ctrl+PgUp": lambda: self._neighbour(-1),
            "Ctrl+PgDown": lambda: self._neighbour(1),
        }
        for key, call in keys.items():
            bind(view, key, call)

    def _shown(self) -> None:
        self.header.setVisible(self.stack.at_list)
        self.stack.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _show_person(self, shown: PersonShown) -> None:
        self.view.show_person(shown)
        self.attachments.open(shown.id)
        if self.stack.form is not None:
            return
        fresh = self.stack.currentWidget() is not self.view or self.stack.hasFocus()
        self.stack.show_one(self.view)
        self._shown()
        if fresh:
            self.view.start()
        then, self._then = self._then, None
        if then is not None:
            then()

    def _person_gone(self) -> None:
        """The person no longer exists here. An open form stays, with the reason, so that its input is not lost."""
        gone = NotFound(_("这个人的记录已不在本站：迁走了，或已按规定删除。"))
        if form := self.stack.form:
            form.failed(gone)
            form.closed.connect(self.show_list)
        else:
            self.frame.message(str(gone))
            self.show_list()

    def _neighbour(self, step: int) -> None:
        if id := self.list.neighbour(self.person.id, step):
            self.show_one(id)

    def _reveal(self) -> None:
        if self.person.plain:
            self.person.mask()
        elif reason := self.frame.reason():
            self.person.reveal(reason)

    def _print(self, name: str) -> None:
        from desktop.paper.forms import FormPrinter  # imports the printing modules, which the list does not need

        FormPrinter(self.frame, self._station).show(self, name, self.person.id)

    def delete_shown(self) -> None:
        """Delete the person shown, after asking."""
        shown = self.person.shown
        if shown is not None:
            self.delete([shown.id], shown.name)

    def _register_member(self) -> None:
        shown = self.person.shown
        home = (shown.household_id, _("{name} 户").format(name=shown.members[0].name)) if shown and shown.household_id else None
        self.frame.open("register", household=home)

    def change_household(self) -> None:
        """Show the dialog that splits or joins the household of the person shown, or changes its head."""
        shown = self.person.shown
        if shown is None or shown.deleted:
            return
        if shown.household_id is None:
            self.frame.message(_("还没有分到户。按 F2 修改，选一户。"))
            return
        jobs, home = self.frame.jobs, shown.household_id
        jobs.run(lambda: self.person.household(home), lambda found: self._change_household(shown.id, found))

    def _change_household(self, person: str, home: Home) -> None:
        if HouseholdDialog(self, home, person, self.person, self._tools).run():
            self.person.reload()
            self.frame.message(_("户变动已办好"), undo=True)

    def _explain(self) -> None:
        question = _("为什么改（核实的人会看到，不要写号码）。例如：旧卡注销，换了新卡，存折已看过。")
        if reason := dialogs.ask_text(self, _("写明改动的原因"), question):
            self.person.explain(reason)

    def _attach(self) -> None:
        kinds = " ".join(f"*.{ending}" for ending in ENDINGS)
        files = dialogs.open_files(self, _("选要附上的文件"), _("图片、PDF、办公文档 ({kinds})").format(kinds=kinds))
        if files:
            self.attachments.add(files)

    def _file_read(self, name: str, data: bytes) -> None:
        if (file := dialogs.view_or_save(self, name, data)) is not None:
            self.attachments.save(data, file)

    # -- forms ------------------------------------------------------------------------------------

    def _edit(self) -> None:
        if self.person.shown is not None and not self.person.shown.deleted:
            self.person.edit("person", self.person.id)

    def _edit_ready(self, record: Record) -> None:
        shown = self.person.shown
        if shown is not None:
            form = RecordForm(record.KIND, self._tools, fields=PERSON, columns=2)
            self._open_form(edit_panel(self.frame, _("修改 {name}").format(name=shown.name), form, record, self.person))

    def add(self, kind: str) -> None:
        """Show the form of a new record about the person shown."""
        shown = self.person.shown
        if shown is None:
            return
        if "household_id" in KINDS[kind].required and shown.household_id is None:
            self.frame.message(_("{what}是对一户的：请先按 F2 选好是哪一户").format(what=_(KINDS[kind].label)))
            return
        self._open_form(add_panel(self.frame, self._tools, self.person, kind, shown, self._station.store.user))

    def _find_jobs(self) -> None:
        if self.person.shown is not None and self.person.shown.page.wish is not None:
            self.frame.open("service", match=self.person.shown.page.wish.id)

    def _open_form(self, panel: FormPanel) -> None:
        self.stack.close_form()
        self.stack.show_form(panel)

    # -- results ----------------------------------------------------------------------------------

    def _people_deleted(self, count: int, said: str) -> None:
        self.frame.message(said or _("已删除 {n} 人").format(n=count), undo=True)
        self.refresh()


build = PeoplePage
