"""Dialogs that ask again, with the input kept and the reason for the refusal shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from desktop.widgets import dialogs
from desktop.widgets.inputs import captioned
from desktop.widgets.layout import fill
from desktop.widgets.spoken import live_label


def ask_lines(dialog: dialogs.Dialog, lines: Mapping[str, QWidget]) -> None:
    """Add captioned inputs to a dialog and focus the first."""
    for name, line in lines.items():
        fill(dialog.body, captioned(name, line))
    next(iter(lines.values())).setFocus()


def until_done(dialog: dialogs.Dialog, yes: str, do: Callable[[Callable[[Exception], None]], None]) -> None:
    """Ask until `do` succeeds. After a refusal the dialog is shown again with its input and the reason."""
    problem = live_label("bad")
    problem.hide()
    dialog.body.addWidget(problem)
    dialog.add_answers(yes)
    _run(dialog, problem, do)


def _run(dialog: dialogs.Dialog, problem: QLabel, do: Callable[[Callable[[Exception], None]], None]) -> None:
    """Run the dialog once. Partial functions instead of a closure that refers to itself: a dialog in a reference cycle would be deleted by
    Python's collector at any time, which crashes Qt."""
    if dialog.run():
        do(partial(_refused, dialog, problem, do))


def _refused(dialog: dialogs.Dialog, problem: QLabel, do: Callable[[Callable[[Exception], None]], None], error: Exception) -> None:
    problem.setText(str(error))
    problem.show()
    line = dialog.focusWidget()
    if isinstance(line, QLineEdit):
        line.selectAll()
    _run(dialog, problem, do)
