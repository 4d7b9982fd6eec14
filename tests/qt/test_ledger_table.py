"""Lists: rows come by pages, order and filters are asked for, keys do what they say."""

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QTableView

from desktop import theme
from desktop.widgets.basics import EmptyState, button
from desktop.widgets.ledger_model import SCREEN, Column, in_memory
from desktop.widgets.ledger_table import LedgerTable, Source, View
from domain.errors import DomainError
from domain.money import yuan_grouped
from domain.records import Post

COLUMNS: list[Column[Any]] = [
    Column("name", "姓名", style="strong"),
    Column("money", "金额", right=True),
    Column("phone", "电话", sortable=False),
    Column("note", "备注", shown=False),
]


class Village:
    def __init__(self, count: int) -> None:
        self.people = {
            str(n): {"id": str(n), "name": f"人{n}", "money": f"{n}.00", "phone": "138****0217", "note": "n"} for n in range(count)
        }
        self.views: list[View] = []
        self.asked: list[tuple[str, str]] = []
        self.shown = count

    def ids(self, view: View) -> list[str]:
        self.views.append(view)
        found = [id for id, row in self.people.items() if view.search in row["name"]]
        return found[::-1] if view.descending else found

    def objects(self, ids, keys):
        self.asked.append((ids[0], ids[-1]))
        return {id: {key: self.people[id][key] for key in keys} for id in ids}

    @property
    def source(self) -> Source:
        return self.source_of(COLUMNS)

    def source_of(self, columns: list[Column[Any]]) -> Source:
        return Source(columns, self.ids, self.objects)


@pytest.fixture
def village() -> Village:
    return Village(20_000)


@pytest.fixture
def table(qtbot, frame, village) -> LedgerTable:
    made = LedgerTable(frame, village.source, key="people", empty=EmptyState("还没有人员"))
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show()
    made.reload()
    return made


def test_columns_leave_room_for_the_scroll_bar_their_rows_bring(qtbot, frame, village) -> None:
    for person in village.people.values():
        person["note"] = "在外务工" * 4
    wide: list[Column[Any]] = [*COLUMNS[:3], Column("note", "备注", width=330)]
    made = LedgerTable(frame, village.source_of(wide), key="wide")
    qtbot.addWidget(made)
    made.resize(sum(theme.px(each.width) for each in wide) + 4, 400)
    made.show()
    made.reload()
    qtbot.waitUntil(made.table.verticalScrollBar().isVisible)
    assert not made.table.horizontalScrollBar().isVisible()


def test_columns_fit_when_a_row_too_many_brings_the_scroll_bar_later(qtbot, frame) -> None:
    """After one more was registered, the last column lay half under the scroll bar, with another one below the list."""
    village = Village(9)
    wide: list[Column[Any]] = [Column("name", "姓名", width=300), Column("money", "金额", width=300, right=True)]
    made = LedgerTable(frame, village.source_of(wide), key="wide")
    qtbot.addWidget(made)
    made.resize(theme.px(500), 400)
    made.show()
    made.reload()
    across = made.table.horizontalScrollBar()
    qtbot.waitUntil(lambda: not across.isVisible())
    assert not made.table.verticalScrollBar().isVisible()
    village.people |= Village(30).people
    made.reload()
    qtbot.waitUntil(made.table.verticalScrollBar().isVisible)
    qtbot.waitUntil(lambda: not across.isVisible())


def test_columns_of_a_short_list_fit_the_texts_that_come_later(qtbot, frame) -> None:
    """The workshop entered first had no recognition; that of the second was cut off, its last day too."""
    village = Village(2)
    village.people["0"]["note"] = ""
    columns: list[Column[Any]] = [*COLUMNS[:2], Column("note", "文号", width=90), Column("phone", "电话")]
    made = LedgerTable(frame, Source(columns, lambda view: village.ids(view)[: village.shown], village.objects), key="short")
    village.shown = 1
    qtbot.addWidget(made)
    made.resize(theme.px(600), 400)
    made.show()
    made.reload()
    village.shown, village.people["1"]["note"] = 2, "桦就〔2026〕7号"
    before = made.table.columnWidth(2)
    made.reload()
    needed = QFontMetrics(theme.font(14)).horizontalAdvance("桦就〔2026〕7号")
    qtbot.waitUntil(lambda: made.table.columnWidth(2) > needed > before - theme.px(16))


def test_a_list_that_cannot_be_read_is_no_longer_said_to_be_read(qtbot, frame, village) -> None:
    def ids(_view: View) -> list[str]:
        raise DomainError("读不出来")

    made = LedgerTable(frame, Source(COLUMNS, ids, village.objects), key="broken")
    qtbot.addWidget(made)
    made.table.wait()
    made.table._say()
    assert made.count.text().startswith("正在读")
    made.reload()
    assert (made.count.text(), made.table._waiting) == ("", "")
    assert [str(error) for error in frame.errors] == ["读不出来"]


@pytest.mark.parametrize("name", theme.THEMES)
def test_the_whole_current_row_is_framed_in_every_theme(qtbot, qapp, frame, village, name) -> None:
    """A frame around one cell of eleven was overlooked."""
    theme.apply(qapp, name)
    try:
        table = LedgerTable(frame, village.source, key="people")
        qtbot.addWidget(table)
        table.resize(700, 400)
        table.show()
        table.reload()
        table.activateWindow()
        table.setFocus()
        qtbot.waitUntil(table.table.hasFocus)
        view, last = table.table, table.model.columnCount() - 1

        def framed(line: int) -> bool:
            """Whether accent colour lies along the row, at the upper and the lower edge of its last cell."""
            seen = view.viewport().grab().toImage()
            box = view.visualRect(table.model.index(line, last))
            return all(seen.pixelColor(box.center().x(), y) == theme.colour("accent") for y in (box.top(), box.bottom()))

        assert framed(0) and not framed(1)
        qtbot.keyClick(view, Qt.Key.Key_Down)
        assert framed(1) and not framed(0)
        view.clearFocus()
        assert not framed(1)
    finally:
        theme.apply(qapp, "light")


def texts(table: LedgerTable, line: int) -> list[str]:
    return [table.model.index(line, n).data() for n in range(table.model.columnCount())]


def test_only_the_pages_looked_at_are_fetched_in_one_trip(qtbot, table, village) -> None:
    table.grab()
    assert table.count.text() == "共 20,000 条"
    assert village.asked == [("0", str(SCREEN - 1))]
    table.table.scrollToBottom()
    table.grab()
    assert texts(table, 19_999) == ["…", "", ""]
    qtbot.waitUntil(lambda: len(village.asked) > 1)
    assert village.asked[1:] == [("19980", "19999")]  # the rows in sight lie on the last two pages
    assert texts(table, 19_999) == ["人19999", "19999.00", "138****0217"]


def test_a_first_screen_stands_before_the_rest_is_known(qtbot, frame, village) -> None:
    shown: list[tuple[int, str]] = []

    def first(view: View, number: int) -> list[str] | None:
        return None if view.search else village.ids(view)[:number]

    table = LedgerTable(frame, replace(village.source, first=first), key="people")
    qtbot.addWidget(table)
    table.model.modelReset.connect(lambda: shown.append((table.model.rowCount(), texts(table, 0)[0] if table.model.rowCount() else "")))
    shown.clear()
    table.reload()
    assert [count for count, _text in shown] == [SCREEN]  # the rest is not asked for before this has been painted
    qtbot.waitUntil(lambda: len(shown) == 2)
    assert shown[1] == (20_000, "人0") and table.count.text() == "共 20,000 条"
    table.select("700")
    shown.clear()
    table.sort(1)
    qtbot.waitUntil(lambda: len(shown) == 2)
    assert shown == [(SCREEN, "人0"), (20_000, "人0")] and table.current_id() == "700"
    shown.clear()
    table.sort(0)
    table.table.setCurrentIndex(table.model.index(5, 0))  # between the first screen and the rest
    qtbot.waitUntil(lambda: len(shown) == 2)
    assert table.current_id() == "5"
    shown.clear()
    table.view = replace(table.view, search="人9999")
    table.reload()
    assert shown == [(1, "人9999")]  # such a list is told whole


def test_the_first_line_can_be_opened_and_is_not_marked(qtbot, table) -> None:
    assert (table.current_id(), table.selected_ids()) == ("0", [])
    with qtbot.waitSignal(table.opened) as opened:
        qtbot.keyClick(table.table, Qt.Key.Key_Return)
    assert opened.args == ["0"]
    table.reload()
    assert (table.current_id(), table.selected_ids()) == ("0", [])
    table.table.setCurrentIndex(table.model.index(3, 0))
    table.reload()
    assert (table.current_id(), table.selected_ids()) == ("3", ["3"])


def test_all_that_are_marked_stay_so_until_something_else_is_looked_for(qtbot, table, village) -> None:
    table.select("5", "3", "4", "19999", "gone")
    assert (table.current_id(), table.selected_ids()) == ("5", ["3", "4", "5", "19999"])
    village.people.pop("4")
    table.reload()
    assert (table.current_id(), table.selected_ids()) == ("5", ["3", "5", "19999"])
    table.sort(1)
    table.sort(1)
    assert (table.current_id(), table.selected_ids()) == ("5", ["19999", "5", "3"])
    table.set_filter("region", "province")
    assert (table.current_id(), table.selected_ids()) == ("5", ["5"])
    table.table.selectAll()
    table.reload()
    assert len(table.selected_ids()) == 19_999


def test_the_line_of_the_cursor_stays_in_sight_when_the_list_gets_lower(table, village) -> None:
    """The steps of a claim took a second line above the list, and the claim they were about was below its edge."""
    village.people = {str(n): village.people[str(n)] for n in range(12)}
    table.reload()
    table.select("11")
    table.resize(700, 300)
    view = table.table
    assert view.rowViewportPosition(11) + view.rowHeight(11) <= view.viewport().height()


def test_headings_go_through_no_chosen_lines(table) -> None:
    """Painted after all were chosen, each asked every line whether it may be: for 20 000 the window stood still for half a second."""
    table.table.selectAll()
    assert len(table.selected_ids()) == 20_000
    assert not table.table.horizontalHeader().selectionModel().hasSelection()


def test_where_a_record_is_gone_the_cursor_stays_in_its_line(qtbot, table, village) -> None:
    """Whoever deals with one after another is not thrown back to the top each time."""
    table.select("70")
    village.people.pop("70")
    table.reload()
    assert (table.current_id(), table.selected_ids()) == ("71", [])
    for gone in range(60, 20_000):
        village.people.pop(str(gone), None)
    table.reload()
    assert table.current_id() == "59"
    village.people.pop("59")
    table.set_filter("region", "province")
    assert table.current_id() == "0"  # another list begins at its top


def test_a_heading_sorts_and_sorts_the_other_way(qtbot, table, village) -> None:
    header = table.table.horizontalHeader()
    for _n in range(2):
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=header.viewport().rect().topLeft() + header_point(header, 1))
    assert [(view.order, view.descending) for view in village.views[-2:]] == [("money", False), ("money", True)]
    assert texts(table, 0)[0] == "人19999"
    asked = len(village.views)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=header_point(header, 2))
    assert len(village.views) == asked  # a column that cannot be sorted by


def header_point(header, section):
    from PySide6.QtCore import QPoint

    return QPoint(header.sectionViewportPosition(section) + 20, header.height() // 2)


def test_who_sorts_by_a_column_at_the_right_goes_on_looking_at_it(qtbot, frame, village) -> None:
    """The list jumped back to its first column, and what it was sorted by was out of sight."""
    made = LedgerTable(frame, village.source, key="people")
    qtbot.addWidget(made)
    made.resize(160, 300)
    made.show()
    made.reload()
    made.table.setCurrentIndex(made.model.index(0, 1))
    bar = made.table.horizontalScrollBar()
    bar.setValue(bar.maximum())
    made.sort(1)
    assert bar.value() == bar.maximum() > 0 and made.table.currentIndex().column() == 1


def test_enter_in_the_search_goes_to_what_it_found(qtbot, table) -> None:
    """Only 人员 did that; elsewhere Enter did nothing, and the list was four stops away."""
    table.window().activateWindow()
    qtbot.waitUntil(table.isActiveWindow)
    line = table.add_search("按姓名找", 120)
    line.setFocus()
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert table.table.hasFocus() and table.selected_ids() == [table.model.ids[0]]


def test_search_waits_for_rest_and_filters_narrow(qtbot, table, village) -> None:
    before = len(village.views)
    for text in ("人", "人9", "人99"):
        table.set_search(text)
    assert len(village.views) == before
    qtbot.waitSignal(table.loaded).wait()
    assert [view.search for view in village.views[before:]] == ["人99"]
    table.set_filter("region", "省外")
    table.set_filter("group", "3组")
    table.set_filter("region", None)
    assert village.views[-1] == replace(View(), search="人99", filters={"group": "3组"})


def test_the_record_stays_chosen_when_the_list_is_asked_again(table) -> None:
    table.select("700")
    assert table.current_id() == "700"
    table.reload()
    assert table.current_id() == "700"
    assert table.selected_ids() == ["700"]


@pytest.mark.parametrize(
    ("key", "signal"), [(Qt.Key.Key_Return, "opened"), (Qt.Key.Key_F2, "edit_asked"), (Qt.Key.Key_Delete, "delete_asked")]
)
def test_keys_say_what_is_wanted(qtbot, table, key, signal) -> None:
    table.select("3")
    with qtbot.waitSignal(getattr(table, signal)) as said:
        qtbot.keyClick(table.table, key)
    assert said.args == [["3"] if signal == "delete_asked" else "3"]


def test_copying_a_cell_and_lines(qtbot, table) -> None:
    table.select("3")
    table.table.setCurrentIndex(table.model.index(3, 1))
    qtbot.keyClick(table.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "3.00"
    qtbot.keyClick(table.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(table.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "人3\t3.00\t138****0217\n人4\t4.00\t138****0217"


def test_copied_lines_are_cells_and_no_formulas(qtbot, table) -> None:
    hostile = {"id": "1", "name": '=HYPERLINK("http://192.0.2.1","张三")', "money": "-3.00", "phone": "两行\n第二行\t后"}
    table.model.set_ids(["1", "2"], rows=[hostile, {**hostile, "id": "2"}])
    table.table.setCurrentIndex(table.model.index(0, 0))
    qtbot.keyClick(table.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(table.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "\n".join(['\'=HYPERLINK("http://192.0.2.1","张三")\t-3.00\t两行 第二行 后'] * 2)


def test_a_state_keeps_its_room_for_the_next_one(qtbot, frame, village) -> None:
    columns: list[Column[Any]] = [
        Column("name", "姓名", 300),
        Column("note", "状态", 92, style="chip"),
        Column("money", "金额", 300),
        Column("phone", "电话", 98),
    ]
    made = LedgerTable(frame, village.source_of(columns), key="states", empty=EmptyState("还没有"))
    qtbot.addWidget(made)
    made.resize(650, 400)
    made.show()
    made.reload()
    header = made.table.horizontalHeader()
    assert header.sectionSize(0) < theme.px(300), "the others give way"
    assert header.sectionSize(1) == theme.px(92)


def test_a_state_whose_words_are_known_gives_way_too(qtbot, frame, village) -> None:
    """Half of its column was empty, and the sum at the right lay outside the window."""
    longest = "状态很好"
    columns: list[Column[Any]] = [
        Column("name", "姓名", 100),
        Column("note", "状态", 200, style="chip", tones={longest: "good", "坏": "bad"}),
        Column("money", "金额", 100),
    ]
    made = LedgerTable(frame, village.source_of(columns), key="tones", empty=EmptyState("还没有"))
    qtbot.addWidget(made)
    made.resize(theme.px(330), 400)
    made.show()
    made.reload()
    size = made.table.horizontalHeader().sectionSize(1)
    assert QFontMetrics(theme.font(14)).horizontalAdvance(longest) + theme.px(20) < size < theme.px(200)


def test_columns_are_chosen_and_remembered(qtbot, frame, table, village) -> None:
    table.fill_menu()
    actions = {action.text(): action for action in table.columns_button.menu().actions()}
    assert {text for text, action in actions.items() if action.isChecked()} == {"姓名", "金额", "电话"}
    actions["备注"].trigger()
    actions["电话"].trigger()
    assert [made.title for made in table.model.columns] == ["姓名", "金额", "备注"]
    qtbot.waitUntil(lambda: texts(table, 0) == ["人0", "0.00", "n"])
    again = LedgerTable(frame, village.source, key="people")
    qtbot.addWidget(again)
    assert [made.title for made in again.model.columns] == ["姓名", "金额", "备注"]


def test_a_list_is_sorted_from_the_menu_too(table) -> None:
    """Headings take no key."""
    for descending in (False, True):
        table.fill_menu()
        orders = table.columns_button.menu().findChildren(QMenu)[-1]
        next(action for action in orders.actions() if action.text() == "金额").trigger()
        assert (table.model.columns[1].title, table.view.order, table.view.descending) == ("金额", table.model.columns[1].key, descending)


def test_an_empty_list_says_what_belongs_here(qtbot, frame) -> None:
    empty = EmptyState("还没有人员", "导入花名册。")
    table = LedgerTable(frame, Village(0).source, key="x", empty=empty)
    qtbot.addWidget(table)
    table.reload()
    assert table.stack.currentWidget() is empty
    assert table.current_id() == ""


def test_a_record_that_vanished_meanwhile_is_an_empty_line(qtbot, table, village) -> None:
    village.objects = lambda ids, keys: {}
    table.set_source(village.source, "people")
    assert texts(table, 0) == ["…", "", ""]
    qtbot.waitUntil(lambda: texts(table, 0) == ["", "", ""])


def test_answers_that_come_late_are_not_shown(qtbot, frame, village) -> None:
    waiting = []
    frame.jobs.run = lambda work, done, failed=None, *, lane="db", key="": waiting.append((work, done))
    table = LedgerTable(frame, village.source, key="people")
    qtbot.addWidget(table)
    table.model.set_ids(["1", "2"])
    assert texts(table, 0) == ["…", "", ""]
    qtbot.waitUntil(lambda: bool(waiting))
    (work, done) = waiting.pop()
    table.model.set_ids(["3"])
    done(work())
    assert texts(table, 0)[0] == "…"


def test_a_list_stays_in_one_chain_with_what_is_around_it(table) -> None:
    """Qt goes along it where a page gives way to another: outside of it the cursor came to rest on a tab's name."""
    at, chain = table.nextInFocusChain(), []
    while at is not table:
        chain.append(at)
        at = at.nextInFocusChain()
    assert table.table in chain
    assert table.focusProxy() is table.table


@pytest.mark.parametrize("hidden", [False, True])
def test_columns_that_do_not_all_fit_are_narrowed_as_far_as_they_can_be(qtbot, frame, village, hidden: bool) -> None:
    """A sum at the right of a wide column that is half empty was out of sight."""
    wide: list[Column[Any]] = [Column("name", "姓名", width=300), Column("money", "金额", width=300), Column("note", "备注", width=300)]
    for person in village.people.values():
        person["note"] = "在外务工" * 20
    made = LedgerTable(frame, village.source_of(wide), key="narrowed")
    qtbot.addWidget(made)
    made.resize(theme.px(500), 400)
    if hidden:
        made.reload()  # a tab that is not shown yet
    made.show()
    made.reload()
    header = made.table.horizontalHeader()
    qtbot.waitUntil(lambda: header.sectionSize(0) < theme.px(200))
    assert header.sectionViewportPosition(2) < made.table.viewport().width() - theme.px(100)


def test_a_list_whose_texts_just_fit_does_not_scroll_sideways(qtbot, frame) -> None:
    """The list of courses did by three pixels at 125 %: dates were measured in bold."""
    village, keys = Village(30), ("name", "money", "phone", "note")
    for person in village.people.values():
        person.update(dict.fromkeys(keys, "2026-11-28 2026-11-29"))
    made = LedgerTable(frame, village.source_of([Column(key, "日", width=190, sortable=False) for key in keys]), key="dates")
    qtbot.addWidget(made)
    text = QFontMetrics(theme.font(14)).horizontalAdvance("2026-11-28 2026-11-29") + theme.px(17)
    made.resize(4 * text + made.table.verticalScrollBar().sizeHint().width() + 4, 400)
    made.show()
    made.reload()
    qtbot.waitUntil(made.table.verticalScrollBar().isVisible)
    assert not made.table.horizontalScrollBar().isVisible()


def test_a_column_of_months_keeps_room_for_days(qtbot, frame, village) -> None:
    """The first rows of the work list had months: in the later ones 2026-02-20 was cut to 2026-02-…"""
    for person in village.people.values():
        person.update({"note": "在外务工" * 9, "start": "2026-07", "end": ""})
    wide: list[Column[Any]] = [
        Column("start", "开始", 90, holds="2026-12-30"),
        Column("end", "结束", 90, holds="2026-12-30"),
        Column("note", "备注", 330),
    ]
    made = LedgerTable(frame, village.source_of(wide), key="days")
    qtbot.addWidget(made)
    made.resize(theme.px(380), 400)
    made.show()
    made.reload()
    qtbot.waitUntil(lambda: made.model.rowCount() > 0)
    text = QFontMetrics(theme.font(14)).horizontalAdvance("2026-12-30")
    assert all(made.table.columnWidth(n) > text + theme.px(8) for n in (0, 1))


def test_a_list_that_is_not_there_yet_says_so(qtbot, frame) -> None:
    """On a slow machine 人员 looked as if nobody were there, and Enter did nothing."""
    waiting: list[Any] = []
    frame.jobs.run = lambda *given, **_how: waiting.append(given)
    table = LedgerTable(frame, Village(3).source, key="slow")
    qtbot.addWidget(table)
    table.show()
    table.reload()
    qtbot.waitUntil(lambda: "正在读" in table.count.text())
    qtbot.keyClick(table.table, Qt.Key.Key_Return)
    assert "还在读" in frame.messages[-1]
    work, show = waiting[0][:2]
    show(work())
    assert table.count.text() == "共 3 条"
    frame.messages.clear()
    qtbot.keyClick(table.table, Qt.Key.Key_F2)
    assert frame.messages == []


def test_buttons_for_rows_can_be_pressed_whenever_there_are_rows(qtbot, frame) -> None:
    """Also after a search that found nobody, and after a row came back with 撤销; their keys always answer."""
    village, pressed = Village(0), []
    table = LedgerTable(frame, village.source, key="rows")
    act = button("修改", lambda: pressed.append(1), hint="F8", within=table)
    always = button("登记")
    table.add(act, rows=True)
    table.add(always)
    qtbot.addWidget(table)
    table.show()
    table.reload()
    assert not act.isEnabled() and always.isEnabled()
    village.people = Village(3).people
    table.reload()
    assert act.isEnabled()
    table.set_search("吴老二")
    qtbot.waitUntil(lambda: not act.isEnabled())
    table.set_search("")
    qtbot.waitUntil(act.isEnabled)
    gone, village.people = village.people, {}
    table.reload()
    assert not act.isEnabled()
    qtbot.keyClick(table, Qt.Key.Key_F8)
    assert pressed == [1]
    village.people = gone
    table.reload()
    assert act.isEnabled()


def test_the_first_column_stays_in_sight_of_every_list(qtbot, table) -> None:
    """On a small screen a telephone number was read without seeing whose it is."""
    table.resize(300, 300)
    assert table.table.findChildren(QTableView) == []
    with qtbot.waitActive(table):
        table.activateWindow()
    table.table.setFocus()
    table.table.setCurrentIndex(table.model.index(0, table.model.columnCount() - 1))
    QApplication.processEvents()
    (over,) = table.table.findChildren(QTableView)
    assert over.isVisible() and over.columnViewportPosition(0) == 0
    assert over.horizontalHeader().y() == 0  # a frame of its own put the names a pixel below their lines
    opened: list[str] = []
    table.opened.connect(opened.append)
    over.doubleClicked.emit(table.model.index(0, 0))
    assert opened == [table.current_id()]


def test_a_column_takes_its_text_and_its_order_from_the_object_of_the_row() -> None:
    """A list in memory was declared twice: columns in one place, rows with the same keys in another."""
    post = Post(
        id="p",
        village="230826101202",
        name="保洁",
        type="cleaning",
        quota=12,
        standard=466_67,
        required_days=30,
        developer="village",
        fund="x",
    )
    lines = [(post, 9, None), (Post(**{**vars(post), "quota": 9}), 10, 5), (post, 100, 40)]
    columns: list[Column[Any]] = [
        Column("quota", "定额", 66, lambda line: line[0]),
        Column("n", "人数", 66, lambda line: line[1]),
        Column("money", "金额", 90, lambda line: line[2], yuan_grouped, sort=lambda line: line[2] or 0),
    ]
    made = in_memory(columns, lambda _view: lines, lambda line: str(line[1]), lambda line: f"{line[1]}")
    assert made.rows(made.ids(View(order="n", descending=True)), ()) == [
        {"id": "100", "quota": "12", "n": "100", "money": "0.40"},
        {"id": "10", "quota": "9", "n": "10", "money": "0.05"},
        {"id": "9", "quota": "12", "n": "9", "money": ""},
    ]
    assert made.ids(View(order="money")) == ["9", "10", "100"]
    assert made.ids(View(search="10")) == ["10", "100"]
