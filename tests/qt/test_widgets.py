"""Small shared widgets: empty states, tabs, chips, cards."""

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QBoxLayout, QLabel, QPushButton, QScrollArea, QTextEdit, QWidget

from desktop import theme
from desktop.page import Page
from desktop.widgets.basics import EmptyState, button, label
from desktop.widgets.charts import BarChart
from desktop.widgets.layout import Beside, column, holder
from desktop.widgets.lines_card import LinesCard
from desktop.widgets.tabs import ChipBar, Later, Tabs, TabStack


def test_an_empty_page_that_says_something_else_has_room_for_it(qtbot) -> None:
    empty = EmptyState("没有待上传的", "")
    qtbot.addWidget(empty)
    empty.resize(900, 500)
    empty.say("没有待上传的", "您录入的县里都已收到。")
    empty.show()
    assert empty.text.height() < 2 * empty.text.fontMetrics().height()


class Area(QWidget):
    """A page whose second tab is built by need."""

    @Later
    def second(self) -> QLabel:
        """The other tab."""
        return QLabel("工资")


def test_a_tab_is_built_when_it_is_first_looked_at(qtbot) -> None:
    area = Area()
    qtbot.addWidget(area)
    stack = TabStack({"facts": ("基本情况", QLabel("车间")), "wages": ("工资", lambda: area.second)})
    qtbot.addWidget(stack)
    stack.show()
    assert "second" not in vars(area)
    stack.tabs.choose("wages")
    assert stack.stack.currentWidget() is area.second
    assert area.second.isVisible()
    other = Area()
    qtbot.addWidget(other)
    other.show()
    assert other.second.parent() is other  # goes with its page, although no tab took it in
    assert not other.second.isVisible()


@pytest.mark.parametrize("made", [Tabs, ChipBar, partial(ChipBar, several=True)])
def test_what_is_chosen_has_room_for_its_bold_letters(qtbot, made) -> None:
    line = made({"courses": "Course", "schooling": "School record (Rain and Dew scheme)"})
    qtbot.addWidget(line)
    line.resize(800, 60)
    line.show()
    long = line.buttons["schooling"]
    bold = QFont(long.font())
    bold.setBold(True)
    before, beside = long.width(), QPushButton.sizeHint(long).width() - QFontMetrics(long.font()).horizontalAdvance(long.text())
    line.choose("schooling")
    assert long.width() == before, "its neighbours stay where they are"
    assert long.width() - QFontMetrics(bold).horizontalAdvance(long.text()) >= beside > 0


def test_a_list_has_the_whole_width_of_a_small_screen(qtbot, qapp) -> None:
    """On 1024×600 at 125 % text its buttons took four lines beside the cards, and half a row was left to be seen."""
    theme.apply(qapp, "light", 1.25)
    made = Beside(QWidget(), QWidget(), 300)
    qtbot.addWidget(made)
    made.show()
    for width, way in ((780, QBoxLayout.Direction.TopToBottom), (1130, QBoxLayout.Direction.LeftToRight)):
        made.resize(width, 300)
        qtbot.waitUntil(lambda way=way: made._both.direction() == way)


def test_the_buttons_of_a_list_are_in_sight_again_once_there_is_room(qtbot, qapp) -> None:
    """办理 opened on 1024×600 at 125 % with 村初审通过 above the part that was to be seen."""
    theme.apply(qapp, "light", 1.25)
    top, below = QPushButton("村初审通过"), QTextEdit()
    below.setMinimumHeight(100)
    made = Beside(holder(column(top, below)), QWidget(), 300)
    qtbot.addWidget(made)
    made.resize(780, 110)
    made.show()
    below.setFocus()
    made._area.verticalScrollBar().setValue(60)
    for height in (200, 240):
        made.resize(780, height)
        qtbot.waitUntil(lambda: top.visibleRegion().boundingRect().height() == top.height())


def test_buttons_of_a_header_give_way_to_title_and_subtitle(qtbot, frame) -> None:
    """The figures of a workshop were cut off beside three buttons with their shortcuts."""
    page = Page(frame, "横头山服装车间", "用工 19　脱贫 18　监测 3")
    qtbot.addWidget(page)
    made = [button("全部车间", icon="chevron-left", hint="Esc"), button("工资表", icon="printer", hint="Ctrl P")]
    page.header.add(*made)
    page.show()
    whole = page.header._line.sizeHint().width()
    around = sum(one.around_text() for one in made)
    for short, reduced in ((0, False), (1, True), (around, True), (around + 1, False)):
        page.resize(whole + page.width() - page.header.width() - short, 400)
        qtbot.waitUntil(lambda reduced=reduced: [one.reduced for one in made] == [reduced, reduced])
        assert [one.toolTip() for one in made] == (["Esc", "Ctrl P"] if reduced else ["", ""])
        assert not reduced or page.header.subtitle.width() >= page.header.subtitle.sizeHint().width() - 1
    made[1].setText("工")
    made[0].hide()
    qtbot.waitUntil(lambda: not made[1].reduced)


def test_buttons_that_would_be_cut_off_are_reduced_beside_a_long_name(qtbot, frame) -> None:
    """With a file's name that never fits, they stayed as wide as they were and lost their ends."""
    page = Page(frame, "导入名册", "一个很长的文件名" * 20)
    qtbot.addWidget(page)
    made = [button("没有能导入的行", hint="Ctrl Enter"), button("本表单位", hint="F7")]
    page.header.add(*made)
    page.show()
    page.resize(2000, 400)
    qtbot.waitUntil(lambda: not made[0].reduced)
    subtitle = page.header.subtitle
    narrow = page.header._line.sizeHint().width() - subtitle.sizeHint().width() + subtitle.minimumSizeHint().width()
    page.header.resize(narrow - 1, 40)
    assert [one.reduced for one in made] == [True, True]
    page.header.resize(narrow, 40)
    assert [one.reduced for one in made] == [False, False]


def test_captions_of_columns_do_not_run_into_each_other(qtbot) -> None:
    """On 1024 pixels it said "provinceOutside" below the columns."""
    chart = BarChart()
    qtbot.addWidget(chart)
    chart.set_bars([("In county", 89), ("In city", 12), ("In province", 24), ("Outside province", 46), ("Jobless", 52)])
    chart.resize(232, 128)
    picture = chart.grab().toImage()
    gap, width = theme.px(10), (232 - 4 * theme.px(10)) / 5
    captions = range(chart.height() - theme.px(56), chart.height() - theme.px(20))
    for n in range(1, 5):
        x = round(n * (width + gap) - gap / 2)
        assert len({picture.pixelColor(x, y).rgba() for y in captions}) == 1


def test_lines_that_do_not_fit_are_reached_and_scrolled_by_keyboard(qtbot) -> None:
    """Held changes without a button: from the tab, ↓ went past them to the status line."""
    card = LinesCard("还没有生效")
    qtbot.addWidget(card)
    card.resize(300, 200)
    card.show()
    (area,) = card.findChildren(QScrollArea)
    card.fill([label("一条")])
    qtbot.waitUntil(lambda: area.focusPolicy() == Qt.FocusPolicy.NoFocus)
    card.fill([label(f"第 {n} 条") for n in range(60)])
    qtbot.waitUntil(lambda: area.focusPolicy() == Qt.FocusPolicy.StrongFocus)
    qtbot.keyClick(area, Qt.Key.Key_PageDown)
    assert area.verticalScrollBar().value() > 0
