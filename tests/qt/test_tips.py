"""Tips show names as they are written, whatever they look like."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as Rich
from PySide6.QtGui import QTextDocument

from desktop.jobs import Jobs
from desktop.widgets.elided import ElidedLabel
from desktop.widgets.ledger_model import Column, LedgerModel
from desktop.widgets.tips import tip

HOSTILE = '<img src="//192.0.2.1/x/y.png"><a href="http://192.0.2.1">张三</a>'


def read(text: str) -> str:
    """What somebody reads in a tip."""
    if not Rich.mightBeRichText(text):
        return text
    document = QTextDocument()
    document.setHtml(text)
    return document.toPlainText()


def test_a_name_that_looks_like_html_is_a_name(qtbot: Any) -> None:
    assert read(tip(HOSTILE)) == HOSTILE
    assert tip("王 & 李 < 5") == "王 & 李 < 5"
    label = ElidedLabel(HOSTILE)
    qtbot.addWidget(label)
    assert read(label.toolTip()) == HOSTILE


def test_a_cell_of_a_list_is_what_stands_in_it(qtbot: Any) -> None:
    model = LedgerModel(Jobs(), lambda _ids, _keys: [])
    model.set_columns([Column("name", "姓名")])
    model.set_ids(["1"], rows=[{"id": "1", "name": HOSTILE}])
    shown = model.index(0, 0)
    assert model.data(shown) == HOSTILE
    assert read(model.data(shown, Qt.ItemDataRole.ToolTipRole)) == HOSTILE
