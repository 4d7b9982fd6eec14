"""户变动: a dialog for splitting a household, joining another, changing its head, and asking the county to move people away (迁出本村),
which only the county can.

The first page asks who moves and how, the second says in words what will change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QSizePolicy,
    QWidget,
)

from desktop import theme
from desktop.people.person_model import PersonModel
from desktop.widgets import keyboard
from desktop.widgets.basics import Button, button, label, show_text
from desktop.widgets.dialogs import Dialog
from desktop.widgets.editors import Tools
from desktop.widgets.inputs import captioned, choices, offer
from desktop.widgets.layout import column, holder, row, scrolled, stacked
from desktop.widgets.picker import Picker
from desktop.widgets.spoken import live_label
from desktop.widgets.tabs import ChipBar
from domain.errors import CunzhanError
from domain.fields import KINDS
from domain.kinship import HEAD
from domain.records import Person
from domain.words import _
from services.households.households import DELETE, KEEP, Home, Plan, proposed, relation_of
from services.households.words import Preview


class Leaving(QWidget):
    """The text for the county, with a button that copies it."""

    def __init__(self, home: Home) -> None:
        super().__init__()
        self.home = home
        text = _(
            "迁到别的村由县里办，这里不能改。请先同步一次，再把下面的话发给县管理员；县里办好以后，下次同步两个村都会收到，人和全部记录一起过去。"
        )
        text += _("只是搬去外地打工不用迁户，记一段务工就行。")
        self.words = label("", selectable=True, wrap=True)
        self.copy = button(_("复制"), self._copy)
        self.command = label("", "small", wrap=True)
        self.setLayout(column(label(text, wrap=True), self.words, row(self.copy, None), self.command, spacing=10))

    def show_going(self, going: Sequence[Person]) -> None:
        """Write the text for one person, or for the household if nobody or everybody is ticked. Several people first need a household of
        their own, and a head who leaves others behind must first be replaced."""
        living = {one.id for one in self.home.living}
        some = {one.id for one in going} & living
        several = 1 < len(some) < len(living)
        head = self.home.head is not None and some == {self.home.head.id} != living
        for part in (self.copy, self.command):
            part.setVisible(not (several or head))
        if head:
            self.words.setText(_("户主一个人走：先用「换户主」给留下的人换好户主，再来办他的迁出。"))
        elif several:
            self.words.setText(_("几个人一起走、又不是全家：先用「分户」让他们另立一户，再把那一户迁出。"))
        elif some != living and some:
            self._show_person_text(next(one for one in going if one.id in some))
        else:
            household = self.home.household
            text = _("申请迁出：{home}，户编号 {number}，{n} 口人。\n迁往：＿＿＿县＿＿＿乡（镇）＿＿＿村\n内部编号：{id}")
            number = household.number or _("（没有）")
            self._show_text(text.format(home=self.home.title, number=number, n=len(living), id=household.id), f"--household {household.id}")

    def _show_person_text(self, person: Person) -> None:
        relation = KINDS["person"].by_name["relation"].show(relation_of(self.home, person))
        text = _("申请迁出：{name}（{home}，{relation}），1 人。\n迁往：＿＿＿县＿＿＿乡（镇）＿＿＿村＿＿＿户\n内部编号：{id}")
        self._show_text(text.format(name=person.name, home=self.home.title, relation=relation, id=person.id), f"--person {person.id}")

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.words.text())
        self.copy.setText(_("复制好了，到微信里粘贴"))

    def _show_text(self, text: str, who: str) -> None:
        self.words.setText(text)
        self.copy.setText(_("复制"))
        self.command.setText(_("县里的命令：{command}").format(command=f"cunzhan-server move {who} --to …"))


SPLIT, JOIN, NEW_HEAD, LEAVE = "split", "join", "head", "leave"
FIELDS = ("number", "address", "group")


class MemberRow:
    """A member of the household: whether they move, and their relation to the head they will have."""

    def __init__(self, person: Person, now: str, changed: Callable[[], None]) -> None:
        self.person = person
        self.moves, self.name = QCheckBox(person.name), label(person.name)
        self.now = label(_("{relation}（已故）").format(relation=now) if person.died_on else now, "muted")
        field = KINDS["person"].by_name["relation"]
        words = {"": _("请选"), **{code: field.label_of(code) for code in field.choices or {}}}
        self.relation = choices(_("{name}与户主关系").format(name=person.name), words)
        self.relation.setMaxVisibleItems(12)
        self.chosen_by_user = False
        """Whether the user chose the relation, which then is no longer replaced by a proposed one."""
        self.moves.toggled.connect(lambda _on: changed())
        self.relation.activated.connect(self._say)

    def _say(self) -> None:
        self.chosen_by_user = True

    def propose(self, relation_code: str) -> None:
        """Select a relation unless the user chose one."""
        if not self.chosen_by_user:
            self.relation.setCurrentIndex(max(0, self.relation.findData(relation_code)))

    @property
    def relation_code(self) -> str:
        """The selected relation; "" if there is none yet."""
        return str(self.relation.currentData())


class HouseholdDialog(Dialog):
    """Changes one household; accepted once the change is carried out."""

    def __init__(self, parent: QWidget | None, home: Home, person: str, model: PersonModel, tools: Tools) -> None:
        super().__init__(parent, _("户变动：{home}").format(home=home.title))
        self.home, self._model, self._jobs = home, model, tools.jobs
        self.there: Home | None = None
        self.ways = ChipBar({SPLIT: _("分户"), JOIN: _("迁入另一户、合户"), NEW_HEAD: _("换户主"), LEAVE: _("迁出本村")})
        self.hint = label("", "small", wrap=True)
        show = KINDS["person"].by_name["relation"].show
        self.rows = [MemberRow(one, show(relation_of(home, one)), self._arrange) for one in home.members]
        self.picker = Picker(tools.jobs, lambda text: tools.find("household", text), name=_("迁入哪一户"))
        self.picker.setPlaceholderText(_("户编号、户主姓名或拼音"))
        self.new_head, self.old_head = choices(_("新户的户主"), {}), choices(_("原户的户主"), {})
        self.lines = {name: QLineEdit() for name in FIELDS}
        self.delete, self.keep = QRadioButton(_("空户删除（回收站里找得回）")), QRadioButton(_("空户留着"))
        self.message = live_label("bad")
        self.leaving = Leaving(home)
        self.summary = live_label(selectable=True)
        self.warnings = live_label("warn", selectable=True)
        self._lay_out()
        self._connect()
        first = next((line for line in self.rows if line.person.id == person), None)
        if first is not None and (home.head is None or first.person.id != home.head.id) and not first.person.died_on:
            first.moves.setChecked(True)
        self.ways.choose(SPLIT if home.head is not None else NEW_HEAD)

    @property
    def way(self) -> str:
        """The selected change: `SPLIT`, `JOIN`, `NEW_HEAD` or `LEAVE`."""
        return next(iter(self.ways.on()))

    def plan(self) -> Plan:
        """Return the requested change."""
        going = {line.person.id: line.relation_code for line in self._going()}
        staying = {line.person.id: line.relation_code for line in self.rows if line.person.id not in going and line.relation.isEnabled()}
        values = {name: line.text().strip() or None for name, line in self.lines.items()} if self.way == SPLIT else {}
        emptied = DELETE if self.delete.isChecked() else KEEP if self.keep.isChecked() else ""
        into = (self.picker.id or "") if self.way == JOIN else None
        seen = frozenset(one.id for one in self.home.members)
        return Plan(self.home.household.id, going, staying, into, values, emptied, seen)

    def _people_grid(self) -> QGridLayout:
        people = QGridLayout()
        people.setHorizontalSpacing(theme.px(12))
        people.setColumnStretch(1, 1)
        self.column = label(_("与户主关系"), "small")
        self.first = label(_("谁走"), "small")
        for place, heading in enumerate((self.first, label(_("现在"), "small"), self.column)):
            people.addWidget(heading, 0, place)
        for n, line in enumerate(self.rows, start=1):
            for place, shown in ((0, line.moves), (0, line.name), (1, line.now), (2, line.relation)):
                people.addWidget(shown, n, place)
        return people

    def _form_grid(self) -> QGridLayout:
        self.captions: dict[QWidget, QLabel] = {}
        form = QGridLayout()
        form.setColumnStretch(1, 1)
        words = {name: _(KINDS["household"].by_name[name].label) for name in FIELDS}
        given: dict[QWidget, str] = {self.picker: _("迁入哪一户"), self.new_head: _("新户的户主"), self.old_head: _("原户的户主")}
        given |= {self.lines[name]: word for name, word in words.items()}
        for n, (part, word) in enumerate(given.items()):
            self.captions[part], _asked = captioned(word, part)
            if part not in (self.picker, self.old_head):
                form.addWidget(self.captions[part], n, 0)
                form.addWidget(part, n, 1)
        return form

    def _lay_out(self) -> None:
        self.people, form = holder(self._people_grid()), holder(self._form_grid())
        to = row(self.captions[self.picker], self.picker, spacing=10)
        self.lead = holder(row(self.captions[self.old_head], self.old_head, spacing=10))
        self.old_head.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.lines["address"].setText(self.home.household.address or "")
        self.lines["group"].setText(self.home.household.group or "")
        self.lines["number"].setPlaceholderText(_("还没有就空着"))
        self.empty = holder(column(label(_("原来的一户没有人了："), "strong"), row(self.delete, self.keep, None), spacing=4))
        parts = (self.ways, self.hint, to, self.people, self.lead, form, self.empty, self.leaving)
        self.first_page = first_page = column(*parts, None, margins=(0, 0, 8, 0))
        second_page = column(label(_("将这样改："), "strong"), self.summary, self.warnings, None, margins=(0, 0, 8, 0))
        self.pages = [scrolled(holder(first_page)), scrolled(holder(second_page))]
        self.stack = stacked(*self.pages)
        self.body.addWidget(self.stack, 1)
        self.body.addWidget(self.message)
        screen = QApplication.primaryScreen().availableSize()
        parent = self.parentWidget()
        window = parent.window().size() if parent is not None else screen
        self.resize(min(theme.px(680), window.width() - 40), min(theme.px(620), window.height() - 40))

    def _connect(self) -> None:
        self.add_button(_("取消"), accept=False)
        self.back = Button(_("上一步"))
        self.next = Button(_("下一步"), kind="primary")
        for made, call in ((self.back, self._ask), (self.next, self._go_on)):
            made.setAutoDefault(False)
            made.clicked.connect(lambda _on=False, call=call: call())
            self.buttons.addWidget(made)
        self.next.setDefault(True)
        self.back.hide()
        self.ways.chosen.connect(lambda _key: self._way_changed())
        self.picker.picked.connect(self._picked)
        for line in self.rows:
            line.relation.activated.connect(lambda _n: self._say(""))
        for heads in (self.new_head, self.old_head):
            heads.currentIndexChanged.connect(lambda _n: self._propose())

    def _going(self) -> list[MemberRow]:
        return [line for line in self.rows if line.moves.isChecked()] if self.way in (SPLIT, JOIN) else []

    def _way_changed(self) -> None:
        """Prepare the first page for another way; all relations are proposed again."""
        hints = {
            SPLIT: _("勾上谁走，另立一户。关系按原来的推出来，推不出的请选。"),
            JOIN: _("先找到要进的那一户，再勾上谁走；全家都走就是合户。"),
            NEW_HEAD: _("选好新户主，每个人的关系跟着换。"),
            LEAVE: _("勾上谁迁走；一个也不勾，就是全家。"),
        }
        self.hint.setText(hints[self.way])
        self.first_page.removeWidget(self.lead)  # NEW_HEAD asks for the head first; the other ways ask for it only once somebody moves
        self.first_page.insertWidget(self.first_page.indexOf(self.people) + (self.way != NEW_HEAD), self.lead)
        for line in self.rows:
            line.chosen_by_user = False
        self._arrange()

    def _arrange(self) -> None:
        """Show the inputs that the selected way needs."""
        way, going = self.way, self._going()
        staying = [line for line in self.rows if line not in going]
        alive = [line for line in staying if not line.person.died_on]
        led = any(self.home.head is not None and line.person.id == self.home.head.id for line in staying)
        self._offer(self.new_head, going, None)
        self._offer(self.old_head, staying, self.home.head)
        shown: dict[QWidget, bool] = {
            self.picker: way == JOIN,
            self.new_head: way == SPLIT,
            self.old_head: way == NEW_HEAD or (way in (SPLIT, JOIN) and bool(going and alive) and not led),
            **dict.fromkeys(self.lines.values(), way == SPLIT),
        }
        for part, seen in shown.items():
            part.setVisible(seen)
            self.captions[part].setVisible(seen)
        self.leaving.setVisible(way == LEAVE)
        self.leaving.show_going([line.person for line in self.rows if line.moves.isChecked()])
        self.column.setVisible(way != LEAVE)
        self.empty.setVisible(way == JOIN and bool(going) and not alive)
        for line in self.rows:
            line.moves.setVisible(way != NEW_HEAD)
            line.name.setVisible(way == NEW_HEAD)
            line.relation.setVisible(way != LEAVE)
        self.first.setText(_("姓名") if way == NEW_HEAD else _("谁走"))
        self.captions[self.old_head].setText(_("新户主") if way == NEW_HEAD else _("原户的户主"))
        self.lead.setVisible(shown[self.old_head])
        self.next.setVisible(way != LEAVE)
        self._say("")
        self._propose()

    def _offer(self, heads: QComboBox, lines: list[MemberRow], head: Person | None) -> None:
        people = [line.person for line in lines if not line.person.died_on]
        offer(heads, {one.id: one.name for one in people}, head.id if head is not None else "")

    def _propose(self) -> None:
        """Select the proposed relation of every member to their head."""
        going = self._going()
        words: dict[str, str] = {}
        people = {line.person.id: line.person for line in self.rows}
        if self.way == SPLIT and (head := people.get(self.new_head.currentData() or "")):
            words |= proposed(self.home, head, [line.person for line in going])
        here = people.get(self.old_head.currentData() or "") if self.old_head.isVisibleTo(self) else None
        if here is not None:
            words |= proposed(self.home, here, [line.person for line in self.rows if line not in going])
        self.column.setText(self._heading(here))
        for line in self.rows:
            asked = line in going or here is not None
            line.relation.setEnabled(asked)
            if not asked:
                line.chosen_by_user = False
                line.propose(relation_of(self.home, line.person) or "")
            elif line.person.id in (self.new_head.currentData(), here.id if here is not None else None) and self.way != JOIN:
                line.chosen_by_user = False
                line.propose(HEAD)
            else:
                line.propose(words.get(line.person.id, ""))

    def _picked(self, id: str) -> None:
        if id:
            self._jobs.run(lambda: self._model.household(id), self._found, self._failed, key="household-there")
        else:
            self.there = None
            self._propose()

    def _found(self, there: Home) -> None:
        self.there = there
        self._propose()
        self._say("")

    def _heading(self, here: Person | None) -> str:
        """The heading of the relations, which names the head they refer to; `here`: the head of those who stay."""
        if self.way != JOIN or self.there is None:
            return _("与户主关系")
        if self.there.head is None:
            return _("那一户没有户主：请选一人当户主")
        if here is None:
            return _("与户主{name}的关系").format(name=self.there.head.name)
        return _("走的：与{name}的关系\n留下的：与{other}的关系").format(name=self.there.head.name, other=here.name)

    # -- the two pages ----------------------------------------------------------------------------

    def _ask(self) -> None:
        self._say("")
        self.stack.setCurrentWidget(self.pages[0])
        self.back.hide()
        self.next.setText(_("下一步"))

    def _go_on(self) -> None:
        plan = self.plan()
        if plan.into == "":
            self._say(_("请先选迁入哪一户。"))
            self.picker.setFocus()
        elif self.stack.currentWidget() is self.pages[0]:
            self.next.setEnabled(False)
            self._jobs.run(lambda: self._model.preview(plan), self._show_preview, self._failed, key="household-preview")
        else:
            self.next.setEnabled(False)
            self._jobs.run(lambda: self._model.carry_out(plan), lambda _id: self.accept(), self._failed)

    def _show_preview(self, shown: Preview) -> None:
        self._say("")
        self.summary.setText("\n".join(shown.lines))
        show_text(self.warnings, "\n".join(_("请注意：{text}").format(text=text) for text in shown.warnings))
        self.stack.setCurrentWidget(self.pages[1])
        self.back.show()
        self.next.setText(_("确定办理"))
        self.next.setEnabled(True)
        self.next.setFocus()

    def _failed(self, error: Exception) -> None:
        self.next.setEnabled(True)
        self._ask()
        if not isinstance(error, CunzhanError):
            raise error
        self._say(str(error))
        missing = next((line.relation for line in self.rows if line.relation.isEnabled() and not line.relation_code), None)
        (missing or self.next).setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Focus the choice of way at the top."""
        super().showEvent(event)
        keyboard.enter(self)

    def _say(self, text: str) -> None:
        show_text(self.message, text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape on the second page returns to the first."""
        if event.key() == Qt.Key.Key_Escape and self.stack.currentWidget() is self.pages[1]:
            self._ask()
            self.next.setFocus()
        else:
            super().keyPressEvent(event)
