"""联系情况: the people to contact, and the figures of the villages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from db.session import Session
from services import contacts
from services.contacts import LATE, Contact, Reach
from services.forms.form import REPORTED, TOTAL, Cell, Form
from services.forms.subjects import date_words, report_heads

_MONTHS: Final = tuple(f"{n}月" for n in range(1, 13))
PEOPLE: Final = ("序号", "村", "小组", "姓名", "人员类别", "联系电话", "最近联系", "没联系的月数", *_MONTHS)
VILLAGES: Final = ("序号", "村", "应联系", "本月已联系", "一两个月没联系", f"{LATE}个月以上没联系", "没有联系记录")
_MARKS: Final = {"monthly_check": "监", "visit": "访", "service": "服"}
_MEANING: Final = (
    "应联系的人：月监测要问的人，和每一个监测对象。监 月监测　访 入户走访　服 就业服务（没有联系上的不算）；没有记下来的，这里不知道。"
)


def people(session: Session, month: str, *, plain: bool = False) -> Form:
    """The people to keep in contact with, the longest without contact first, with this year's contacts. At a township or county only people
    without recent contact."""
    village = session.role == "village"
    shown = contacts.board(session, month, plain=plain, late=not village)
    text = [_MEANING]
    if shown and all(one.reached for one in shown):
        text.insert(0, "本月都联系过了。")
    if not village:
        shown.sort(key=lambda one: one.village)
        text.insert(0, f"这里只列 {LATE} 个月以上没有联系的，和没有联系记录的。")
    return Form(
        f"联系情况表（{date_words(month)}）",
        report_heads(session, f"截至{date_words(contacts.until(session, month))}"),
        opening=[_summary(contacts.total(contacts.reach(session, month), session.scope))],
        columns=PEOPLE,
        rows=[_person(number, one, month) for number, one in enumerate(shown, 1)],
        text=text,
        signatures=REPORTED,
        wide=True,
    )


def villages(session: Session, month: str) -> Form:
    """For each village, the number of people contacted, and of those without contact for how long."""
    lines = contacts.reach(session, month)
    total = contacts.total(lines, session.scope)
    return Form(
        f"各村联系情况（{date_words(month)}）",
        report_heads(session, f"截至{date_words(contacts.until(session, month))}"),
        columns=VILLAGES,
        rows=[(number, one.name, *_figures(one)) for number, one in enumerate(lines, 1)],
        total=["", TOTAL, *_figures(total)] if len(lines) > 1 else (),
        signatures=REPORTED,
    )


def _summary(sums: Reach) -> str:
    late = f"{LATE} 个月以上没联系 {sums.late} 人，没有联系记录 {sums.never} 人"
    return f"应联系 {sums.people} 人，本月已联系 {sums.reached} 人，{late}。"


def _figures(one: Reach) -> list[Cell]:
    return [one.people, one.reached, one.recent, one.late, one.never]


def _person(number: int, one: Contact, month: str) -> Sequence[Cell]:
    months = ["".join(_MARKS[way] for way in _MARKS if way in one.times.get(f"{month[:4]}-{n:02d}", ())) for n in range(1, 13)]
    ago: Cell = "—" if one.months is None else one.months
    return (number, one.place, one.group, one.name, one.category, one.phone, one.last or "没有记录", ago, *months)
