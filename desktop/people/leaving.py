"""How a household leaves its village: only the county moves it, and this is what to tell it."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QWidget

from desktop.widgets.basics import button, label
from desktop.widgets.layout import column, row
from domain.words import _
from services.households import Home


class Leaving(QWidget):
    """The words to send to the county, to be copied."""

    def __init__(self, home: Home) -> None:
        super().__init__()
        household = home.household
        told = _("申请迁出：{home}，户编号 {number}，{n} 口人。\n迁往：＿＿＿县＿＿＿乡（镇）＿＿＿村\n内部编号：{id}").format(
            home=home.title, number=household.number or _("（没有）"), n=len(home.living), id=household.id
        )
        text = _(
            "迁到别的村由县里办，这里不能改。请先同步一次，再把下面的话发给县管理员；县里办好以后，下次同步两个村都会收到，人和全部记录一起过去。"
        )
        text += _("只是搬去外地打工不用迁户，记一段务工就行。")
        self.words = label(told, selectable=True, wrap=True)
        self.copy = button(_("复制"), lambda: QApplication.clipboard().setText(told))
        command = label(
            _("县里的命令：{command}").format(command=f"cunzhan-server move --household {household.id} --to …"), "small", wrap=True
        )
        self.setLayout(column(label(text, wrap=True), self.words, row(self.copy, None), command, spacing=10))
