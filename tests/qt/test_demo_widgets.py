"""The shared widgets on one page, as a page's author uses them; the picture goes to CUNZHAN_PICTURES when that names a folder."""

import os
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QBoxLayout, QLabel, QPushButton, QWidget

import domain.records  # noqa: F401  (declares the kinds)
from desktop import theme
from desktop.page import Page
from desktop.widgets.basics import Card, Chip, EmptyState, LineBar, button
from desktop.widgets.beside import Beside
from desktop.widgets.charts import BarChart, Lights, LineChart, ServiceBars
from desktop.widgets.editors import Tools
from desktop.widgets.entry_grid import EntryGrid, GridColumn, GridRow
from desktop.widgets.layout import holder, row
from desktop.widgets.ledger_table import LedgerTable, Source, View
from desktop.widgets.picker import Option
from desktop.widgets.record_form import RecordForm
from desktop.widgets.tabs import ChipBar, Later, Tabs, TabStack
from desktop.widgets.timeline import Line, Span, Timeline
from desktop.wiring.lists import list_columns
from domain.fields import KINDS
from domain.money import fen, yuan_text

NAMES = ["王秀兰", "周桂英", "孙玉梅", "刘凤琴"]


def picture(widget, name: str) -> None:
    folder = os.environ.get("CUNZHAN_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        assert widget.grab().save(f"{folder}/{name}.png")


def test_widgets_on_a_page(qtbot, frame) -> None:
    page = Page(frame, "今天要办", "11 月 23 日 星期一")
    qtbot.addWidget(page)
    page.header.add(
        button("登记", kind="primary", icon="plus", hint="Ctrl N"),
        button("导入名册"),
        button("月监测", hint="F6"),
        button("删除", kind="danger"),
    )
    page.header.add_left(Chip("就业帮扶车间", "good"), Chip("待办", "warn"), Chip("退回", "bad"), Chip("省外", "info"), Chip("小学"))
    tabs = Tabs({"a": "基本情况", "b": "工资", "c": "要核对"})
    tabs.set_count("c", 2)
    tabs.note.setText("核算期 2022-10-01 至 2023-09-30")
    page.body.addWidget(tabs)
    page.body.addWidget(ChipBar({"all": "全部", "away": "省外", "near": "县内"}))
    bars = Card("就业去向", note="劳动力 157 人")
    regions, months, services = BarChart(), LineChart("{n} 人"), ServiceBars()
    regions.set_bars([("县内", 41), ("市内", 18), ("省外", 52), ("待业", 9)])
    bars.add(regions)
    line = Card("本年务工人数", note="每月")
    months.set_points([(f"{n}月", 100 + n * 5 % 37) for n in range(1, 12)])
    line.add(months)
    service = Card("1-3-1 服务", note="有需求 31 人")
    services.set_bars([("职业指导", 29, 31), ("岗位 3 个", 19, 31)])
    service.add(services)
    service.add_row(Lights(2, 3), Lights(1, 1), None)
    service.add(LineBar(5007, 6300, "差 1,293"))
    service.add(LineBar(6688, 6300, "已达标"))
    page.body.addLayout(row(bars, line, service))
    strip = Card("务工时间线", note="2023 年")
    lines = [Line("2023", [Span(1, 4, "横头山服装车间"), Span(5, 5, "农忙", "warn"), Span(6, 9, "横头山服装车间")])]
    strip.add(Timeline([*lines, Line("监测", marks={1: "done", 2: "done", 5: "返乡", 9: "open"})]))
    warn = Card("车间吸纳奖补", edge="warn")
    warn.add(EmptyState("还没有人员", "导入村里的花名册，或先登记一个人。", button("导入名册")))
    page.body.addLayout(row(strip, warn))
    page.resize(1218, 686)
    page.show()
    picture(page, "widgets")


def test_list_grid_and_form(qtbot, frame) -> None:
    page = Page(frame, "列表")
    qtbot.addWidget(page)
    people = {str(n): {"id": str(n), "name": NAMES[n % 4], "sex": "女", "labour": "普通劳动力", "phone": "138****0217"} for n in range(500)}
    columns = [one for one in list_columns("person", "230826101202") if one.key in ("name", "sex", "labour", "phone")]
    table = LedgerTable(frame, columns, Source(lambda view: [*people], lambda ids, keys: [people[i] for i in ids]), key="people")
    table.reload()
    grid = EntryGrid(lambda row_id, column, text: yuan_text(fen(text)).removesuffix(".00"))
    months = [GridColumn(f"2022-{m}", f"{m}月", sums=True) for m in (10, 11, 12)]
    fixed = [GridColumn("name", "姓名", 84, editable=False, right=False, style="strong")]
    bar = GridColumn("bar", "到监测线", 190, editable=False, right=False, style="bar", compute=lambda _row: "0.8|差 1,293")
    rows = [GridRow(str(n), {"name": name}) for n, name in enumerate(NAMES)]
    grid.set_content([*fixed, *months, bar], rows, {(str(n), "2022-10"): str(480 + n) for n in range(4)})
    grid.set_foot({"name": "合计"})
    tools = Tools(frame.jobs, lambda kind, text: [Option("1", "赵福生")], lambda kind, id: "赵福生", lambda: True, "230826105203")
    form = RecordForm(KINDS["person"], tools, columns=2)
    form.set_values({"name": "王秀兰", "id_number": "230826196503121424", "health": frozenset({"healthy"}), "birth": "1965-03-12"})
    page.body.addLayout(row(table, form))
    page.body.addWidget(grid)
    page.resize(1218, 900)
    page.show()
    picture(page, "list_grid_form")
    assert table.model.rowCount() == 500
    assert holder is not None and View().order == ""


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
