"""Restoring a backup: on a new laptop, or one whose disk failed or whose data is damaged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QWidget

from desktop.welcome.opening import Program, restore, users
from desktop.widgets import dialogs
from desktop.widgets.basics import label
from desktop.widgets.inputs import Choices, captioned, hidden_line
from desktop.widgets.layout import fill
from domain.errors import CunzhanError
from domain.words import _


def ask_restore(parent: QWidget, program: Program, *, instead: Path | None = None, name: str = "") -> None:
    """Ask for the file, the user (by default `name`) and the password, restore, and show the result. `instead`: there is present data,
    whose own backups are in this folder."""
    chosen = dialogs.open_file(parent, _("选备份文件"), "*.zip", start=str(instead or ""))
    if chosen is None:
        return
    names = users(chosen)
    text = _("请用做这份备份时的用户和密码打开它；忘了密码，在密码一栏填当时的恢复码。恢复后这里会当作另一台电脑，联网前请告诉县里。")
    text += _("现在的数据会移到旁边，不会删掉；做这份备份以后录入的，恢复后看不到。") if instead else ""

    def restored(made: tuple[int, str]) -> None:
        parent.setEnabled(True)
        records, before = made
        summary = _("备份里的 {n} 条记录都回来了。请用原来的密码打开；忘了密码，用恢复码打开并换一个新密码。").format(n=f"{records:,}")
        if before:
            summary += _("如果恢复错了，请再从备份恢复一次，选「{file}」，里面是恢复以前的数据。").format(file=before)
        dialogs.show_message(parent, _("已恢复"), summary)
        program.start()

    def ask(name: str, wrong: str = "") -> None:
        answer = _asked(parent, text, names, name, wrong)
        if answer is not None:
            parent.setEnabled(False)  # nobody may open the data while it is being replaced
            program.jobs.run(lambda: restore(program.home, chosen, *answer), restored, lambda error: failed(error, answer[0]))

    def failed(error: Exception, name: str) -> None:
        parent.setEnabled(True)
        if not isinstance(error, CunzhanError):
            raise error
        ask(name, str(error))  # mostly a wrong password: file and name are kept

    ask(name)


def _asked(parent: QWidget, text: str, names: Sequence[str], name: str, wrong: str) -> tuple[str, str] | None:
    """One of the users of the backup, by default `name` or the first, and the password, or None if cancelled; `wrong`: what was wrong with
    those entered before."""
    dialog = dialogs.Dialog(parent, _("从备份恢复"), text)
    user, password = Choices(), hidden_line()
    user.addItems(list(names))
    user.setCurrentIndex(max(0, user.findText(name)))
    fill(dialog.body, [*captioned(_("用户"), user), *captioned(_("密码，或恢复码"), password)])
    if wrong:
        dialog.body.addWidget(label(wrong, "bad", wrap=True))
    dialog.add_answers(_("恢复"))
    password.setFocus()
    return (user.currentText(), password.text()) if dialog.run() else None
