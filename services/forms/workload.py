"""填报负担: the time each station spent on data entry in a month, and survey questions already on record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from db.session import Session
from domain.fields import KINDS
from services.forms.form import TOTAL, Cell, Form
from services.forms.subjects import date_words, report_heads
from services.reports.workload import Workload, total, workload

COLUMNS: Final = (
    *("序号", "单位", "录入天数", "单笔录入（条）", "成批录入（条）", "改动（处）", "估计用时（小时）", "单笔每条（分钟）"),
    *("摸排问题（个）", "其中台账已有（个）"),
)
_MOST: Final = 5
"""Number of kinds listed, those that took the most time."""
_MEANING: Final = "用时按两次保存的间隔估计：10 分钟以内的算在填，更久的只算 1 分钟；看、打印、走访不算。一次存 10 条以上的是成批录入。"


def stations(session: Session, month: str) -> Form:
    """One line for each station; below, what took the most time, and which survey questions are already on record."""
    lines = workload(session, month)
    total_line = total(lines, session.scope)
    return Form(
        f"填报负担（{date_words(month)}）",
        report_heads(session, date_words(month)),
        columns=COLUMNS,
        rows=[(number, one.name, *_figures(one), one.questions, len(one.repeated)) for number, one in enumerate(lines, 1)],
        total=["", TOTAL, *_figures(total_line), "", ""] if len(lines) > 1 else (),
        text=[_MEANING, *_most(total_line), *_repeated(lines)],
        wide=True,
    )


def _figures(one: Workload) -> list[Cell]:
    return [one.days, one.single, one.batch, one.changed, f"{one.minutes / 60:.1f}", f"{one.each:.1f}" if one.single else "—"]


def _most(one: Workload) -> list[str]:
    longest = sorted(((minutes, name) for name, minutes in one.kinds.items() if name and minutes >= 3), reverse=True)[:_MOST]
    most = [f"{KINDS[name].label} {minutes / 60:.1f} 小时" for minutes, name in longest]
    return [f"用时最多的：{'；'.join(most)}。"] if most else []


def _repeated(lines: Sequence[Workload]) -> list[str]:
    asked = sorted({label for line in lines for label in line.repeated})
    text = "摸排问的「{words}」台账里已经有，不用再问：收上来的表用「报表 → 填上级表格」就能填好。"
    return [text.format(words="」「".join(asked))] if asked else []
