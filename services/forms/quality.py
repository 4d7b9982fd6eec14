"""数据质量: the data quality of the villages, and the list of problems to correct."""

from __future__ import annotations

from typing import Final

from db.session import Session
from domain import divisions
from domain.progress import Progress, unwatched
from services.forms.form import REPORTED, TOTAL, Cell, Form
from services.forms.subjects import date_words, report_heads
from services.quality import overview
from services.quality.overview import MISSING, SEVERITIES, Quality

VILLAGES: Final = ("序号", "村", "人员", "错误", "疑点", "提示", "每百人错误", *MISSING.values(), "最多的问题")
DOUBTS: Final = ("序号", "村", "程度", "问题", "怎么改")
_SEVERITY_WORDS: Final = {"error": "错误", "warning": "疑点"}
_MAX_LINES: Final = 5_000
"""Most lines of the list, which is two hundred pages."""


def villages(session: Session, progress: Progress = unwatched) -> Form:
    """One line for each village: the findings of the data checks, and the fields missing for people aged 16 or over."""
    lines = overview.overview(session, progress)
    return Form(
        "各村数据质量",
        report_heads(session, f"截至{date_words(session.today)}"),
        columns=VILLAGES,
        rows=[(number, one.name, *_figures(one)) for number, one in enumerate(lines, 1)],
        total=["", TOTAL, *_figures(overview.total(lines, session.scope))] if len(lines) > 1 else (),
        text=["错误、疑点、提示是「一键体检」查出来的，已经处置的不算；没填的只数满 16 周岁的人。"],
        signatures=REPORTED,
        wide=True,
    )


def doubts(session: Session, progress: Progress = unwatched) -> Form:
    """All errors and warnings by village, with the way to correct them."""
    found = overview.listed(session, progress)
    rows = [
        (number, divisions.called(village), _SEVERITY_WORDS[doubt.severity], doubt.message, doubt.fix)
        for number, (village, doubt) in enumerate(found[:_MAX_LINES], 1)
    ]
    text = [f"还有 {len(found) - _MAX_LINES} 条没有列出，请在各村的电脑上查看。"] if len(found) > _MAX_LINES else []
    heads = report_heads(session, f"截至{date_words(session.today)}")
    return Form("数据问题清单", heads, columns=DOUBTS, rows=rows, text=text if rows else ["没有发现问题。"], wide=True)


def _figures(one: Quality) -> list[Cell]:
    return [one.people, *(one.counts[name] for name in SEVERITIES), f"{one.rate:.1f}", *one.missing.values(), one.most]
