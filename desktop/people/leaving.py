"""迁出本村: the text with which the clerk asks the county to move a person or household. Only the county can move them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QApplication, QWidget

from desktop.widgets.basics import button, label
from desktop.widgets.layout import column, row
from domain.fields import KINDS
from domain.records import Person
from domain.words import _
from services.households.households import Home, relation_of


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
