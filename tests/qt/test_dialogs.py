"""Questions, answered as a person would."""

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QRadioButton, QScrollArea, QWidget

from desktop.widgets import dialogs
from desktop.widgets.basics import Button, label
from desktop.widgets.line_editors import LineEditor
from domain.errors import InputUnusable
from domain.fields import KINDS


def when_shown(act) -> None:
    QTimer.singleShot(0, lambda: act(QApplication.activeModalWidget()))


def press(dialog: dialogs.Dialog, word: str) -> None:
    next(made for made in dialog.findChildren(Button) if made.text() == word).click()


def test_a_question_and_its_two_answers(qtbot) -> None:
    when_shown(lambda dialog: press(dialog, "确定"))
    assert dialogs.ask(None, "导入这些行？")
    when_shown(lambda dialog: QTest.keyClick(dialog, Qt.Key.Key_Escape))
    assert not dialogs.ask(None, "导入这些行？")
    when_shown(lambda dialog: QTest.keyClick(dialog, Qt.Key.Key_Return))
    assert dialogs.ask(None, "导入这些行？")


def test_enter_does_no_harm(qtbot) -> None:
    when_shown(lambda dialog: QTest.keyClick(dialog, Qt.Key.Key_Return))
    assert not dialogs.ask(None, "删除 3 条记录？", yes="删除", danger=True)


def test_a_line_of_text_is_trimmed(qtbot) -> None:
    def answer(dialog: dialogs.Dialog) -> None:
        dialog.findChildren(QLineEdit)[0].setText("  我的视图 ")
        press(dialog, "确定")

    when_shown(answer)
    assert dialogs.ask_text(None, "改名", "名称") == "我的视图"
    when_shown(lambda dialog: dialog.reject())
    assert dialogs.ask_text(None, "改名", "名称") is None


@pytest.mark.parametrize(("other", "expected"), [("", "填报表册"), ("村民大会要用", "村民大会要用")])
def test_why_secrets_are_shown(qtbot, other, expected) -> None:
    def answer(dialog: dialogs.Dialog) -> None:
        dialog.findChildren(QRadioButton)[1].click()
        dialog.findChildren(QLineEdit)[0].setText(other)
        press(dialog, "显示")

    when_shown(answer)
    assert dialogs.ask_reason(None) == expected
    when_shown(lambda dialog: press(dialog, "不看了"))
    assert dialogs.ask_reason(None) is None
    when_shown(lambda dialog: press(dialog, "显示"))
    assert dialogs.ask_reason(None, dialogs.PAYING) == "发放补助", "proposed for the bank's list"


def test_an_error_says_its_own_sentence(qtbot) -> None:
    seen: list[str] = []

    def read(dialog: dialogs.Dialog) -> None:
        seen.extend(part.text() for part in dialog.findChildren(QLabel))
        press(dialog, "知道了")

    when_shown(read)
    dialogs.show_error(None, InputUnusable("这不是表格文件。什么都没有改变。"))
    assert "这不是表格文件。什么都没有改变。" in seen


def test_a_preview_is_shown_before_it_is_done(qtbot) -> None:
    preview = QLabel("粘贴 12 格")

    def answer(dialog: dialogs.Dialog) -> None:
        assert preview.isVisible()
        press(dialog, "填入")

    when_shown(answer)
    assert dialogs.confirm(None, "粘贴", preview, yes="填入")


def test_words_that_come_or_grow_later_are_not_cut(qtbot) -> None:
    dialog = dialogs.Dialog(None, "拨付", "名单合计 3 笔。控制总额由另一位同事核算后填写，与名单不符就不拨。" * 2)
    qtbot.addWidget(dialog)
    told = label("", wrap=True)
    dialog.body.addWidget(told)
    dialog.add_button("拨付", accept=True, kind="primary")
    dialog.show()
    told.setText("控制总额不符，请核对后再拨。" * 6)
    words = dialog.findChildren(QLabel)
    qtbot.waitUntil(lambda: all(one.height() >= one.heightForWidth(one.width()) for one in words))


@pytest.mark.parametrize(
    ("typed", "kind", "made"),
    [
        ("名单", "", "名单.xlsx"),
        ("名单.XLSX", "", "名单.xlsx"),
        ("名单.csv", "Excel (*.xlsx)", "名单.csv"),
        ("名单", "CSV (*.csv)", "名单.csv"),
        ("给乡镇 2.0", "", "给乡镇 2.0.xlsx"),
    ],
)
def test_a_file_has_its_ending(qtbot, tmp_path, monkeypatch, typed, kind, made) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_given: (str(tmp_path / typed), kind))
    assert dialogs.save_as(None, "导出到", "人员.xlsx", "Excel (*.xlsx);;CSV (*.csv)") == tmp_path / made


def test_a_file_that_is_there_is_asked_about_where_its_ending_was_not_typed(qtbot, tmp_path, monkeypatch) -> None:
    """Qt asks about the name that was typed: 名单.pdf went for 名单 without a word."""
    (tmp_path / "名单.pdf").write_text("昨天的")
    typed = ["名单", "另一份", "名单"]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_given: (str(tmp_path / typed.pop(0)), "(*.pdf)"))
    when_shown(lambda dialog: dialog.reject())
    assert dialogs.save_as(None, "保存到", "月报.pdf", "(*.pdf)") == tmp_path / "另一份.pdf"
    when_shown(lambda dialog: press(dialog, "换成新的"))
    assert dialogs.save_as(None, "保存到", "月报.pdf", "(*.pdf)") == tmp_path / "名单.pdf"


def test_no_button_is_the_default_only_because_it_is_the_first(qtbot) -> None:
    dialog = dialogs.Dialog(None, "添加学员")
    dialog.body.addWidget(Button("去掉这一个"))
    go = dialog.add_button("添加", accept=True, kind="primary")
    qtbot.addWidget(dialog)
    dialog.show()
    assert [made for made in dialog.findChildren(Button) if made.isDefault() or made.autoDefault()] == [go]


def test_a_dialog_has_no_gaps_between_its_lines(qtbot) -> None:
    dialog = dialogs.Dialog(
        None, "提出 43 笔申请？", "白卫桂、曹昇娟、曹玉建、曹志、陈玉志等，合计 21,500.00 元。申请成为草稿，可以一次撤销。"
    )
    dialog.add_button("申请", accept=True, kind="primary")
    qtbot.addWidget(dialog)
    dialog.show()
    layout = dialog.layout()
    assert layout is not None and dialog.height() == layout.totalHeightForWidth(dialog.width())


def test_a_text_longer_than_the_screen_is_scrolled_by_keys_and_its_buttons_stay_in_sight(qtbot) -> None:
    seen: list[tuple[int, int, int]] = []

    def look(dialog: dialogs.Dialog) -> None:
        QApplication.processEvents()
        area = dialog.findChildren(QScrollArea)[0]
        for _n in range(3):
            QTest.keyClick(dialog.findChildren(Button)[0], Qt.Key.Key_PageDown)
        button = dialog.findChildren(Button)[0]
        below = button.mapTo(dialog, button.rect().bottomLeft()).y()
        assert area.isVisible() and area.height() > dialog.height() * 0.7
        seen.append((area.verticalScrollBar().value(), dialog.height() - below, dialog.screen().availableSize().height() - dialog.height()))
        press(dialog, "知道了")

    when_shown(look)
    dialogs.show_message(None, "说明", "\n".join(f"第 {n} 行：这一行说的是一件事，后面还有很多件。" for n in range(200)))
    ((scrolled, below, room),) = seen
    assert scrolled > 0 and below > 0 and room >= 0


def test_a_short_text_is_not_scrolled(qtbot) -> None:
    def look(dialog: dialogs.Dialog) -> None:
        assert not dialog.findChildren(QScrollArea)
        press(dialog, "知道了")

    when_shown(look)
    dialogs.show_message(None, "说明", "一句话。")


@pytest.mark.parametrize(("typed", "given"), [("2025.3", ("2025-03",)), ("", (None,))])
def test_the_value_of_an_editor_outlives_its_dialog(qtbot, typed, given) -> None:
    """The editor was asked for it after the dialog, and it with it, was gone."""
    parent, start = QWidget(), KINDS["employment"].by_name["end"]
    qtbot.addWidget(parent)

    def answer(dialog: dialogs.Dialog) -> None:
        dialog.findChildren(QLineEdit)[0].setText(typed)
        press(dialog, "好")

    when_shown(answer)
    assert dialogs.ask_value(parent, "哪天？", "", LineEditor(start), "好", lambda _value: "") == given
    when_shown(lambda dialog: dialog.reject())
    assert dialogs.ask_value(parent, "哪天？", "", LineEditor(start), "好", lambda _value: "") is None
