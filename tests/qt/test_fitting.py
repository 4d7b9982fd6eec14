"""Chinese words at 125 % text have room on every page and tab, in the windows the program is made for. (English: `test_english`.)"""

from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from desktop.app import App
from desktop.jobs import InlineJobs
from desktop.widgets.basics import button
from desktop.widgets.layout import row
from desktop.widgets.tabs import TabStack
from tests.qt.conftest import PASSWORD
from tests.qt.fitting import misfits
from tests.qt.test_english import settle


def look(app: App, where: str, cut: dict[str, str]) -> None:
    for _n in range(3):
        QApplication.processEvents()
    assert app.window
    for one in misfits(app.window):
        cut.setdefault(one, where)


def test_every_page_has_room_for_its_words(home, qtbot) -> None:
    (home / "desktop.json").write_text('{"text_size": 1.25}', encoding="utf-8")
    app = App(home, jobs=InlineJobs())
    app.start("李文书", PASSWORD)
    window = app.window
    assert window
    ids = settle(app)
    window.records_changed()
    cut: dict[str, str] = {}
    shown: list[tuple[str, dict[str, Any]]] = [(key, {}) for key in window.page_keys]
    shown += [("people", {"id": ids["person"]}), ("workshop", {"id": ids["employer"]}), ("training", {"id": ids["course"]})]
    for key, args in shown:
        window.open(key, **args)
        page = window.page(key)
        assert page
        for size in ((1186, 700), (1024, 600)):
            window.resize(*size)
            look(app, f"{key} {args} {size}", cut)
            for stack in [one for one in page.findChildren(TabStack) if one.isVisible()]:
                for tab in stack.tabs.buttons:
                    stack.tabs.choose(tab)
                    look(app, f"{key} {tab} {size}", cut)
    app.close()
    assert not cut, "\n".join(f"{text} at {where}" for text, where in cut.items())


@pytest.mark.parametrize("part", [lambda: QLabel("一句放不下的话"), lambda: button("一个放不下的按钮")])
def test_what_is_cut_off_is_found(qtbot, part) -> None:
    window, made = QWidget(), part()
    window.setLayout(row(made))
    qtbot.addWidget(window)
    window.show()
    assert list(misfits(window)) == []
    made.setFixedWidth(40)
    assert len(list(misfits(window))) == 1
