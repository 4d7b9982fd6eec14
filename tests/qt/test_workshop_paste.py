"""Where the cells of a copied block belong."""

from desktop.workshop.wages_tab import PasteGrid, place

NAMES = ("王秀兰", "周桂英", "孙玉梅")
MONTHS = {n + 3: month for n, month in enumerate(("2022-10", "2022-11", "2022-12", "2023-01"))}


def placed(text: str, **words: int) -> tuple[list[tuple[int, int, str]], list[str]]:
    found = place(text, PasteGrid(NAMES, MONTHS, **words))
    return list(found.places), list(found.unknown)


def test_bare_figures_go_in_from_the_cursor_and_end_at_the_edge() -> None:
    assert placed("1\t2\n3\t4", line=1, section=5) == ([(1, 5, "1"), (1, 6, "2"), (2, 5, "3"), (2, 6, "4")], [])
    assert placed("1\t2\n3\t4\r\n", line=2, section=6) == ([(2, 6, "1")], [])


def test_lines_below_the_last_one_are_counted() -> None:
    """40 lines of a spreadsheet over a sheet of three: 37 of them went nowhere, and nothing said so."""
    sheet = PasteGrid(NAMES, MONTHS, line=1, section=3)
    assert [place("1\n2\n3\n4\r\n", sheet).beyond, place("1\n2", sheet).beyond] == [2, 0]


def test_names_in_another_order_are_found_again() -> None:
    text = "孙玉梅\t527\t618\n王秀兰\t498\t473"
    assert placed(text, section=4) == ([(2, 4, "527"), (2, 5, "618"), (0, 4, "498"), (0, 5, "473")], [])


def test_headings_say_which_month_a_column_is() -> None:
    for heading in ("12月\t10月", "2022年12月\t2022年10月", "2022-12\t2022.10"):
        assert placed(f"姓名\t{heading}\n周 桂英\t507\t602") == ([(1, 5, "507"), (1, 3, "602")], [])


def test_columns_that_are_no_wages_are_passed_over() -> None:
    text = "1\t王秀兰\t230826196503121424\t女\t498\t473\n2\t周桂英\t230826196609112421\t女\t602\t597"
    assert placed(text, section=3)[0] == [(0, 3, "498"), (0, 4, "473"), (1, 3, "602"), (1, 4, "597")]


def test_people_who_are_not_in_the_sheet_are_named_and_sums_are_not() -> None:
    text = "姓名\t10月\n王秀兰\t498\n李四\t500\n周桂英\t602\n合计\t"
    assert placed(text) == ([(0, 3, "498"), (1, 3, "602")], ["李四"])


def test_two_of_one_name_are_not_guessed_between() -> None:
    found = place("王秀兰\t498\n周桂英\t602", PasteGrid(("王秀兰", "王秀兰", "周桂英"), MONTHS, section=3))
    assert found.places == [(2, 3, "602")]
    assert found.unknown == ["王秀兰"]
