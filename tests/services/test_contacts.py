"""Who was asked, visited or served, when last, and who has not been for how long."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from db.session import Session
from db.store import Store
from domain.errors import DomainError
from services import contacts, forms, merging, records, villages
from tests.fresh import taken_back

ONE, OTHER = "230826101202", "230826101203"
MONTH = "2023-06"


class Village:
    """People to keep in touch with, by name."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.ids: dict[str, str] = {}

    def add(self, name: str, village: str = ONE, **more: object) -> str:
        values = {"name": name, "document": "other", "id_number": f"n{name}", "labour": "ordinary", "birth": "1980-05-05"}
        self.ids[name] = records.save(self.session, "person", {**values, "village": village, **more})
        return self.ids[name]

    def check(self, name: str, month: str) -> None:
        records.save(self.session, "monthly_check", {"person_id": self.ids[name], "month": month, "status": "away", "method": "phone"})

    def serve(self, name: str, on: str, **more: object) -> None:
        records.save(self.session, "service", {"person_id": self.ids[name], "type": "guidance", "on": on, **more})

    def told(self, month: str = MONTH) -> dict[str, tuple[str, str, int | None]]:
        return {one.name: (one.last, one.way, one.months) for one in contacts.board(self.session, month)}


@pytest.fixture
def v(township: Store) -> Iterator[Village]:
    with taken_back(township) as session:
        yield Village(session)


def test_the_last_contact_is_whichever_came_last(v: Village) -> None:
    home = records.save(v.session, "household", {"number": "1", "group": "2组", "village": ONE})
    v.add("张三", household_id=home, phone="13912345678")
    v.check("张三", "2023-02")
    records.save(v.session, "visit", {"household_id": home, "on": "2023-02-09", "content": "问去向"})
    assert v.told() == {"张三": ("2023-02-09", "visit", 4)}
    v.serve("张三", "2023-04-01")
    v.serve("张三", "2023-05-01", result="unreached")
    v.check("张三", "2023-07")
    assert v.told() == {"张三": ("2023-04-01", "service", 2)}
    (one,) = contacts.board(v.session, MONTH)
    assert {month: sorted(ways) for month, ways in one.times.items()} == {"2023-02": ["monthly_check", "visit"], "2023-04": ["service"]}
    assert (one.group, one.phone) == ("2组", "139****5678")
    assert contacts.board(v.session, MONTH, plain=True)[0].phone == "13912345678"


def test_whoever_a_visit_names_was_visited_also_after_moving_out(v: Village) -> None:
    """A son who was talked to at his father's and then set up his own household had never been reached."""
    old, new = (records.save(v.session, "household", {"number": number, "village": ONE}) for number in ("1", "2"))
    v.add("父", household_id=old)
    son = v.add("子", household_id=old)
    records.save(v.session, "visit", {"household_id": old, "person_id": son, "on": "2023-06-05", "content": "问务工意愿"})
    records.save(v.session, "person", {"household_id": new}, son)
    assert v.told() == {"父": ("2023-06-05", "visit", 0), "子": ("2023-06-05", "visit", 0)}
    assert next(one for one in contacts.board(v.session, MONTH) if one.name == "子").times == {"2023-06": ["visit"]}


def test_a_month_to_come_has_none(v: Village) -> None:
    with pytest.raises(DomainError, match="还没有到"):
        contacts.board(v.session, "2099-01")
    with pytest.raises(DomainError, match="还没有到"):
        forms.make(v.session, "contact_villages", month="2099-01")


def test_who_was_never_reached_comes_first(v: Village) -> None:
    for name in ("赵一", "钱二", "孙三"):
        v.add(name)
    v.check("赵一", MONTH)
    v.check("钱二", "2022-01")
    assert [one.name for one in contacts.board(v.session, MONTH)] == ["孙三", "钱二", "赵一"]
    assert v.told() == {"孙三": ("", "", None), "钱二": ("2022-01", "monthly_check", 17), "赵一": (MONTH, "monthly_check", 0)}
    assert contacts.board(v.session, MONTH)[1].times == {}  # of another year
    assert [one.name for one in contacts.board(v.session, MONTH, late=True)] == ["孙三", "钱二"]


def test_children_and_the_dead_are_left_out_and_monitored_people_of_any_age_are_not(v: Village) -> None:
    v.add("小孩", birth="2015-01-01", labour="none")
    v.add("逝者", died_on="2023-01-01")
    old = v.add("老人", birth="1940-01-01", labour="none")
    records.save(v.session, "category_span", {"person_id": old, "category": "marginal", "start": "2022-01-01"})
    assert set(v.told()) == {"老人"}


def test_a_contact_of_a_record_that_was_merged_is_the_others(v: Village) -> None:
    v.add("张三")
    v.add("张叁")
    v.check("张叁", "2023-05")
    merging.merge(v.session, v.ids["张叁"], v.ids["张三"], compared=True)
    assert v.told() == {"张三": ("2023-05", "monthly_check", 1)}


def test_villages_and_their_names_behind(v: Village) -> None:
    for name, village in (("赵一", ONE), ("钱二", ONE), ("孙三", ONE), ("李四", OTHER)):
        v.add(name, village)
    v.check("赵一", MONTH)
    v.check("钱二", "2023-05")
    v.check("李四", "2023-03")
    lines = contacts.reach(v.session, MONTH)
    assert [(one.area, one.people, one.reached, one.recent, one.late, one.never) for one in lines] == [
        (ONE, 3, 1, 1, 0, 1),
        (OTHER, 1, 0, 0, 1, 0),
    ]
    assert contacts.total(lines, ONE[:9]).people == 4
    assert set(contacts.out_of_touch(v.session, MONTH)) == {v.ids["孙三"], v.ids["李四"]}
    assert villages.ids(v.session, MONTH, OTHER, "quiet") == [v.ids["李四"]]


def test_the_paper_of_a_township_has_a_line_for_each_village(v: Village) -> None:
    v.add("张三")
    v.add("李四", OTHER)
    form = forms.make(v.session, "contact_villages", month=MONTH)
    assert [row[2:] for row in form.rows] == [(1, 0, 0, 0, 1)] * 2
    assert form.total[2:] == [2, 0, 0, 0, 2]
    v.check("张三", MONTH)
    assert [row[3] for row in forms.make(v.session, "contacts", month=MONTH).rows] == ["李四"]  # who is out of touch only


def test_the_paper_of_a_village_lists_whom_to_contact_first_and_the_marks_of_the_year(session: Session) -> None:
    v = Village(session)
    v.add("李四")
    v.add("张三", phone="13912345678")
    v.check("李四", MONTH)
    v.serve("李四", "2023-06-02")
    v.check("张三", "2022-12")
    form = forms.make(session, "contacts", month=MONTH)
    assert [row[3] for row in form.rows] == ["张三", "李四"]
    assert form.rows[0][5:9] == ("139****5678", "2022-12", 6, "")
    assert [mark for mark in form.rows[1][8:] if mark] == ["监服"]
    assert "应联系 2 人，本月已联系 1 人" in form.opening[0]
    assert forms.make(session, "contacts", month=MONTH, reason="逐户打电话").rows[0][5] == "13912345678"
    v.check("张三", MONTH)
    assert "都联系过" in forms.make(session, "contacts", month=MONTH).text[0]
