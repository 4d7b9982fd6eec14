"""数据质量: how the records of the villages are, and the list each is asked to put right."""

from __future__ import annotations

from typing import Final

from db.session import Session
from domain import divisions
from services import quality_overview
from services.forms.form import REPORTED, TOTAL, Cell, Form
from services.forms.subjects import date_words, place_name
from services.quality_overview import MISSING, SEVERITIES, Quality

VILLAGES: Final = ("序号", "村", "人员", "错误", "疑点", "提示", "每百人错误", *MISSING.values(), "最多的问题")
DOUBTS: Final = ("序号", "村", "程度", "问题", "怎么改")
HEADS: Final = ("填报单位", "统计时间")
_GRAVE: Final = {"error": "错误", "warning": "疑点"}
_MOST: Final = 5_000
"""Lines of a list: two hundred pages, more than anybody mends from paper."""


def villages(session: Session) -> Form:
    """A line for each village: what the data checks find, what grown people's records lack."""
    lines = quality_overview.overview(session)
    return Form(
        "各村数据质量",
        _heads(session),
        columns=VILLAGES,
        rows=[(number, one.name, *_figures(one)) for number, one in enumerate(lines, 1)],
        total=["", TOTAL, *_figures(quality_overview.total(lines, session.scope))] if len(lines) > 1 else (),
        text=["错误、疑点、提示是「一键体检」查出来的，已经处置的不算；没填的只数满 16 周岁的人。"],
        signatures=REPORTED,
        wide=True,
    )


def doubts(session: Session) -> Form:
    """Every error and warning, village by village, with what to do about it."""
    found = quality_overview.listed(session)
    rows = [
        (number, divisions.called(village), _GRAVE[doubt.severity], doubt.message, doubt.fix)
        for number, (village, doubt) in enumerate(found[:_MOST], 1)
    ]
    text = [f"还有 {len(found) - _MOST} 条没有列出，请在各村的电脑上查看。"] if len(found) > _MOST else []
    return Form("数据问题清单", _heads(session), columns=DOUBTS, rows=rows, text=text if rows else ["没有发现问题。"], wide=True)


def _heads(session: Session) -> dict[str, str]:
    return dict(zip(HEADS, (place_name(session), f"截至{date_words(session.today)}"), strict=True))


def _figures(one: Quality) -> list[Cell]:
    return [one.people, *(one.counts[name] for name in SEVERITIES), f"{one.rate:.1f}", *one.missing.values(), one.most]
