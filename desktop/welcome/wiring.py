"""Builds what is shown before the main window: first use, or the page that asks for the password."""

from __future__ import annotations

from desktop.welcome.first_use import FirstUseView
from desktop.welcome.first_use_model import FirstUseModel
from desktop.welcome.opening import Program
from desktop.welcome.restoring import ask_restore
from desktop.welcome.unlock import UnlockModel, UnlockView


def first_use(program: Program) -> FirstUseView:
    """Return the wizard; when it is finished, the store it made is opened in the main window."""
    model = FirstUseModel(program)
    view = FirstUseView(model, program.jobs)
    view.finished.connect(lambda then: program.opened(model.store, then, view.said))
    view.practice.connect(program.practise)
    view.restore.connect(lambda: ask_restore(view, program))
    model.setParent(view)
    return view


def unlock(program: Program) -> UnlockView:
    """Return the password page; the store it opens is shown in the main window."""
    model = UnlockModel(program)
    view = UnlockView(model, place=program.preferences.text("place"))
    model.opened.connect(program.opened)
    model.setParent(view)
    view.practice.connect(program.practise)
    view.restore.connect(lambda: ask_restore(view, program, instead=program.home / "backups", name=view.user.currentText()))
    return view
