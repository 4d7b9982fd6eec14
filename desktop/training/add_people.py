"""添加学员: a dialog that finds people by name, pinyin or last digits, collects them in a list and adds them all at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from desktop import theme
from desktop.jobs import Jobs
from desktop.widgets import dialogs
from desktop.widgets.basics import bind, button, label
from desktop.widgets.dialogs import Dialog
from desktop.widgets.layout import row
from desktop.widgets.picker import Option, Picker
from domain.words import _

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
