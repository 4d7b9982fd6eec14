"""The grid: typing, moving, pasting blocks, sums and marks."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QTableView

from desktop.widgets import writing
from desktop.widgets.basics import bind
from desktop.widgets.entry_grid import CellChange, EntryGrid, GridColumn, GridRow
from desktop.widgets.figures import names_width
from domain.money import fen, yuan_text

MONTHS = ("2022-10", "2022-11", "2022-12")


def read(row: str, column: str, text: str) -> str:
    return yuan_text(fen(text)).removesuffix(".00")


def total(grid: EntryGrid, row: str) -> float:
    return sum(fen(grid.model().cells.get((row, month)) or "0") for month in MONTHS) / 100


@pytest.fixture
def grid(qtbot) -> EntryGrid:
    made = EntryGrid(read)
    columns = [
        GridColumn("name", "姓名", 84, editable=False, right=False, style="strong"),
        *(GridColumn(month, month, sums=True) for month in MONTHS),
        GridColumn("sum", "合计", editable=False, sums=True, compute=lambda row: f"{total(made, row):g}"),
    ]
    rows = [GridRow("a", {"name": "王秀兰"}), GridRow("b", {"name": "周桂英"}, frozenset({"2022-12"})), GridRow("c", {"name": "孙玉梅"})]
    made.set_content(columns, rows, {("a", "2022-10"): "498"})
    made.set_foot({"name": "合计"})
    qtbot.addWidget(made)
    made.resize(600, 300)
    made.show()
    made.setFocus()
    return made


def column(grid: EntryGrid, key: str) -> list[str]:
    at = [made.key for made in grid.model().columns].index(key)
    return [grid.model().text(line, at) for line in range(grid.model().rowCount())]


@pytest.mark.parametrize("cursor", [0, 1])
def test_a_block_with_names_goes_to_whom_it_names(grid, cursor) -> None:
    told: list[str] = []
    grid.refused.connect(told.append)
    grid.setCurrentIndex(grid.model().index(0, cursor))
    grid.paste("姓名\t成绩\n孙玉梅\t300\n王 秀兰\t100\n吴老二\t900\n周桂英\t200\n")
    assert column(grid, "2022-10")[:3] == ["100", "200", "300"]
    assert told == ["名单里没有：吴老二。"]
    grid.setCurrentIndex(grid.model().index(0, 2))
    grid.paste("3\t孙玉梅\t7\n1\t王秀兰\t5")
    assert column(grid, "2022-10")[:3] == ["100", "200", "300"], "what stands left of a name is nobody's figure"
    assert column(grid, "2022-11")[:3] == ["5", "", "7"]


def test_ctrl_z_takes_back_what_was_typed_and_is_not_saved_cell_by_cell(qtbot, grid) -> None:
    acts: list[str] = []
    bind(grid, "Ctrl+Z", lambda: acts.append("undone"))
    unsaved = [True]
    grid.unsaved = lambda: unsaved[0]
    undo = (grid, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    grid.model().put([(0, 1, "500")])
    grid.model().put([(1, 1, "many")])
    grid.paste("7\n8")
    assert column(grid, "2022-10")[:3] == ["7", "8", ""]
    qtbot.keyClick(*undo)
    assert column(grid, "2022-10")[:3] == ["500", "", ""] and not grid.unread()
    qtbot.keyClick(*undo)
    assert column(grid, "2022-10")[:3] == ["498", "", ""] and grid.place() == ("a", "2022-10")
    with qtbot.waitSignal(grid.refused):
        qtbot.keyClick(*undo)
    assert acts == []
    grid.model().put([(1, 1, "500")])
    cells = {(row, "2022-10"): "600" for row in "abc"}
    grid.set_content(grid.model().columns, grid.model().rows, cells)  # 全部全勤
    with qtbot.waitSignal(grid.refused):
        qtbot.keyClick(*undo)
    assert column(grid, "2022-10")[:3] == ["600", "600", "600"]
    grid.model().put([(0, 1, "500")])
    unsaved[0] = False
    qtbot.keyClick(*undo)
    assert acts == ["undone"]  # what was saved is taken back as an act
    assert column(grid, "2022-10")[0] == "500"


def test_an_arrow_ends_what_was_begun_by_typing_and_moves_within_what_was_begun_with_f2(qtbot, grid) -> None:
    for key, figure in ((Qt.Key.Key_Right, "500"), (Qt.Key.Key_Left, "600")):
        QTest.keyClicks(grid, figure[:1])
        editor = grid.findChildren(QLineEdit)[-1]
        QTest.keyClicks(editor, figure[1:])
        qtbot.keyClick(editor, key)
    assert [column(grid, month)[0] for month in MONTHS] == ["500", "600", ""]
    assert grid.place() == ("a", "2022-10")
    qtbot.keyClick(grid, Qt.Key.Key_F2)
    editor = grid.findChildren(QLineEdit)[-1]
    qtbot.keyClick(editor, Qt.Key.Key_Left)
    assert grid.place() == ("a", "2022-10") and grid.state() == QAbstractItemView.State.EditingState


def test_typing_replaces_and_enter_goes_down(qtbot, grid) -> None:
    changes: list[CellChange] = []
    grid.model().cell_changed.connect(changes.append)
    assert grid.currentIndex().column() == 1
    for figure in ("500", "473.5", "1,000"):
        QTest.keyClicks(grid, figure[:1])
        editor = grid.findChildren(QLineEdit)[-1]  # those before it go when Qt gets round to it
        QTest.keyClicks(editor, figure[1:])
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert column(grid, "2022-10") == ["500", "473.50", "1000", "1,973.50"]
    assert [(change.row, change.old, change.text) for change in changes] == [("a", "498", "500"), ("b", "", "473.50"), ("c", "", "1000")]
    assert column(grid, "sum") == ["500", "473.5", "1000", "1,973.50"]


def test_who_may_only_look_changes_no_cell_and_reads_why(qtbot, grid) -> None:
    said: list[str] = []
    grid.refused.connect(said.append)
    writing.forbid("只能看，不能改")
    qtbot.keyClick(grid, Qt.Key.Key_Delete)
    grid.paste("500")
    assert column(grid, "2022-10")[0] == "498" and grid.model().wrong == {}
    assert [text.endswith("只能看，不能改") for text in said] == [True, True]


def test_other_lines_wait_until_nobody_is_typing(qtbot, grid) -> None:
    """A list that is read again in the background closed the cell, and the focus went to a button that Enter then pressed."""
    QTest.keyClicks(grid, "5")
    editor = grid.findChild(QLineEdit)
    rows = grid.model().rows
    grid.set_content(grid.model().columns, rows[1:], {("b", "2022-11"): "7"})
    assert editor.isVisible() and editor.text() == "5"
    QTest.keyClicks(editor, "00")
    taken: list[CellChange] = []
    grid.model().cell_changed.connect(taken.append)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: grid.model().rows == rows[1:])
    assert [(change.row, change.text) for change in taken] == [("a", "500")]
    assert grid.hasFocus() and grid.place() == ("b", "2022-10")


def test_a_key_of_the_page_finds_what_is_just_typed_in_its_cell(qtbot, grid) -> None:
    saved: list[object] = []
    bind(grid, "Ctrl+S", lambda: saved.append(grid.model().cells["a", "2022-10"]))
    QTest.keyClicks(grid, "5")
    QTest.keyClicks(grid.findChild(QLineEdit), "12")
    qtbot.keyClick(grid.findChild(QLineEdit), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert saved == ["512"]


def test_what_cannot_be_read_stays_marked_until_mended(grid) -> None:
    changes: list[CellChange] = []
    grid.model().cell_changed.connect(changes.append)
    grid.model().put([(0, 1, "五百")])
    assert changes == []
    assert grid.model().text(0, 1) == "五百"
    assert "五百" in grid.model().wrong["a", "2022-10"][1]
    grid.grab()
    grid.model().put([(0, 1, "498")])
    assert grid.model().wrong == {}


def test_why_a_cell_cannot_be_read_is_said_without_a_mouse(grid) -> None:
    told: list[str] = []
    grid.refused.connect(told.append)
    grid.model().put([(0, 2, "5oo")])
    grid.go_to("a", "2022-11")
    assert len(told) == 2 and all(text.startswith("王秀兰 2022-11：") for text in told)


def test_a_block_from_excel_goes_in_whole_after_its_preview(grid) -> None:
    seen: list[int] = []

    def preview(changes) -> bool:
        seen.append(len(changes))
        return True

    grid.preview = preview
    grid.setCurrentIndex(grid.model().index(0, 1))
    told: list[str] = []
    grid.refused.connect(told.append)
    grid.paste("510\t520\t530\r\n511\t521\t531\r\n512\t522\t532\r\n9\t9\t9\r\n")
    assert [text.partition("：")[2] for text in told] == ["复制来的最后 1 行没有粘贴。"]
    assert column(grid, "2022-11")[:3] == ["520", "521", "522"]
    assert column(grid, "2022-12")[:3] == ["530", "", "532"]  # a locked cell takes nothing
    assert seen == [8]
    grid.preview = lambda changes: False
    grid.paste("1")
    assert grid.model().text(0, 1) == "510"


def test_a_block_with_a_fault_is_not_pasted_at_all(qtbot, grid) -> None:
    with qtbot.waitSignal(grid.refused) as said:
        grid.paste("510\t五百")
    assert "王秀兰 2022-11" in said.args[0]
    assert grid.model().text(0, 1) == "498"


def test_copying_gives_what_excel_takes(qtbot, grid) -> None:
    grid.paste("1\t2\n3\t4")
    grid.setSelection(
        grid.visualRect(grid.model().index(0, 1)).united(grid.visualRect(grid.model().index(1, 2))),
        grid.selectionCommand(grid.model().index(0, 1)),
    )
    qtbot.keyClick(grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "1\t2\n3\t4"


def test_del_empties_and_the_fixed_cells_take_nothing(qtbot, grid) -> None:
    qtbot.keyClick(grid, Qt.Key.Key_Delete)
    assert grid.model().text(0, 1) == ""
    grid.model().put([(0, 0, "别人"), (0, 4, "1"), (1, 3, "9")])
    assert column(grid, "name")[0] == "王秀兰"
    assert grid.model().text(1, 3) == ""


def test_space_goes_round_the_marks(qtbot, grid) -> None:
    grid.set_content([GridColumn(str(day), str(day), 30) for day in (1, 2)], [GridRow("a")], {})
    grid.model()._read = lambda row, column, text: text
    grid.toggles = ("√", "休", "")
    seen = []
    for _n in range(4):
        qtbot.keyClick(grid, Qt.Key.Key_Space)
        seen.append(grid.model().text(0, 0))
    assert seen == ["√", "休", "", "√"]


def test_the_cursor_stays_inside(qtbot, grid) -> None:
    for _n in range(9):
        qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert grid.currentIndex().row() == 2  # not the line of sums
    grid.step(-9)
    assert grid.currentIndex().row() == 0


def test_the_names_stay_in_sight_beside_the_months(qtbot, grid) -> None:
    grid.freeze(1)
    over = next(table for table in grid.findChildren(QTableView))
    assert not over.isVisible()
    grid.resize(220, 200)
    grid.horizontalScrollBar().setValue(grid.horizontalScrollBar().maximum())
    assert over.isVisible()
    assert over.columnViewportPosition(0) == 0
    assert [over.isColumnHidden(n) for n in range(5)] == [False, True, True, True, True]
    grid.verticalScrollBar().setValue(40)
    assert over.verticalScrollBar().value() == grid.verticalScrollBar().value()
    grid.horizontalHeader().resizeSection(0, 120)
    assert over.columnWidth(0) == 120


def test_enter_after_tabs_goes_to_where_they_began_as_in_excel(qtbot, grid) -> None:
    grid.setCurrentIndex(grid.model().index(0, 1))
    for _n in range(2):
        qtbot.keyClick(grid, Qt.Key.Key_Tab)
    reached = grid.currentIndex().column()
    assert reached > 1
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert (grid.currentIndex().row(), grid.currentIndex().column()) == (1, 1)
    qtbot.keyClick(grid, Qt.Key.Key_Tab)
    qtbot.keyClick(grid, Qt.Key.Key_Left)  # an arrow ends the run
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    column = grid.currentIndex().column()
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert (grid.currentIndex().row(), grid.currentIndex().column()) == (2, column)


def test_the_cell_under_the_cursor_does_not_hide_behind_the_names(qtbot, grid) -> None:
    """Going left, the cursor went under the names, and the clerk typed into a cell that was not to be seen."""
    grid.freeze(1)
    grid.resize(260, 200)
    grid.setCurrentIndex(grid.model().index(0, 4))
    over = next(table for table in grid.findChildren(QTableView))
    for column in (3, 2, 1):
        qtbot.keyClick(grid, Qt.Key.Key_Left)
        assert grid.currentIndex().column() == column
        assert grid.columnViewportPosition(column) >= (over.width() - 1 if over.isVisible() else 0)


@pytest.mark.parametrize("key", [Qt.Key.Key_Home, Qt.Key.Key_End])
def test_where_there_is_no_line_home_and_end_go_nowhere(qtbot, grid, key) -> None:
    """In a month without anybody they ended the program without a word."""
    grid.set_content(grid.model().columns, [], {})
    qtbot.keyClick(grid, key)
    assert grid.place() == ("", "")


def test_tab_goes_through_what_takes_something_and_out_at_the_end(qtbot, grid) -> None:
    """A grid is no trap for the keyboard; from its corners Tab and Shift+Tab leave it."""
    taking = [(line, section) for line in range(len(grid.model().rows)) for section in range(grid.model().columnCount())]
    taking = [place for place in taking if grid.model().editable(*place)]
    qtbot.keyClick(grid, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    met = [(grid.currentIndex().row(), grid.currentIndex().column())]
    while grid.go_along(1):
        met.append((grid.currentIndex().row(), grid.currentIndex().column()))
    assert met == taking
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    assert grid.currentIndex().column() == taking[0][1]
    qtbot.keyClick(grid, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert (grid.currentIndex().row(), grid.currentIndex().column()) == taking[-1]
    qtbot.keyClick(grid, Qt.Key.Key_Backtab)
    assert (grid.currentIndex().row(), grid.currentIndex().column()) == taking[-2]


def test_the_cursor_begins_where_something_can_be_written(qtbot) -> None:
    """In 考勤 it stood on the first of the month, before the person began."""
    columns = [GridColumn("name", "姓名", editable=False), *(GridColumn(month, month) for month in MONTHS)]
    grid = EntryGrid(read)
    qtbot.addWidget(grid)
    grid.set_content(columns, [GridRow("z", {"name": "李强"}, frozenset(MONTHS[:2]))], {})
    assert grid.place() == ("z", MONTHS[2])


def test_a_column_of_names_is_as_wide_as_its_longest_name_within_bounds() -> None:
    short, marked = names_width(["王芳", "李强"], 84, 170), names_width(["李强", "王芳（1988年生）"], 84, 170)
    assert short == names_width([], 84, 170) == 84 < marked < 170
    assert names_width(["阿不都热合曼·买买提江·吐尔逊"], 84, 170) == 170
