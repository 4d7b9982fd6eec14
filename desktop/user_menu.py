"""The menu of the user's name: lock, switch user, text size, colours, manual."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from desktop import theme
from desktop.widgets.keyboard import begins_marked
from domain.words import _


def user_menu(
    window: QWidget,
    lock: Callable[[], None],
    switch_user: Callable[[], None],
    change_look: Callable[[str, str | float], None],
    help: Callable[[], None],
    practise_anew: Callable[[], None] | None = None,
) -> QMenu:
    """Return the menu for a window; `change_look` is that of `desktop.page.Frame`; `practise_anew` is given in the practice village."""
    menu = begins_marked(QMenu(window))
    _action(menu, _("锁定"), lock, "Ctrl+L")
    _action(menu, switch_word(practise_anew is not None), switch_user)
    if practise_anew is not None:
        _action(menu, _("练习村从头来"), practise_anew)
    menu.addSeparator()
    sizes = menu.addMenu(_("字号"))
    for size in theme.TEXT_SIZES:
        _action(sizes, f"{round(size * 100)} %", partial(change_look, "text_size", size)).setChecked(size == theme.scale())
    looks = menu.addMenu(_("颜色"))
    for one in theme.THEMES.values():
        _action(looks, _(one.label), partial(change_look, "theme", one.name)).setChecked(one is theme.current())
    menu.addSeparator()
    _action(menu, _("使用说明"), help, "F1")
    return menu


def switch_word(practice: bool) -> str:
    """Return the label of switching the user; in the practice village it leads back to the user's own village."""
    return _("离开练习村，回自己的村") if practice else _("换一个人登录")


def _action(menu: QMenu, text: str, call: Callable[[], None], keys: str = "") -> QAction:
    made = menu.addAction(text)
    made.triggered.connect(lambda _checked=False: call())
    made.setCheckable(not keys and menu.title() != "")
    if keys:
        made.setText(f"{text}\t{keys}")
    return made
