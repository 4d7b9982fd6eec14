"""What stands before the window: first use, or the page that asks for the password."""

from __future__ import annotations

from desktop.welcome.first_use import FirstUseView
from desktop.welcome.first_use_model import FirstUseModel
from desktop.welcome.opening import Program
from desktop.welcome.restoring import ask_restore
from desktop.welcome.unlock import UnlockModel, UnlockView


def first_use(program: Program) -> FirstUseView:
    """The wizard; the store it makes is opened in the window when it is finished."""
    model = FirstUseModel(program)
    view = FirstUseView(model, program.jobs)
    view.finished.connect(lambda then: program.opened(model.store, then))
    view.practice.connect(program.practise)
    view.restore.connect(lambda: ask_restore(view, program))
    model.setParent(view)
    return view


def unlock(program: Program) -> UnlockView:
    """The password page; the store it opens is shown in the window."""
    model = UnlockModel(program)
    view = UnlockView(model, place=program.preferences.text("place"))
    model.opened.connect(program.opened)
    model.setParent(view)
    view.practice.connect(program.practise)
    view.restore.connect(lambda: ask_restore(view, program, instead=program.home / "backups", name=view.user.currentText()))
    return view
