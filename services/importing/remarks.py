"""Reads what the remarks of a list of work say about a row: that the person has come back, and when, or did not go at all."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from domain import periods
from domain.errors import FieldError
from domain.identity import half_width
from domain.words import _
from services.importing.cells import written_out
from services.importing.lines import Lines
from services.importing.plan import Level, PlanRow
from services.importing.title_months import in_figures

_REMARK = "work.remark"
_NOT_GONE = re.compile(
    "[未没](?:能)?(?:外出|出去|去成?|走成?|务工|打工)|(?:取消|放弃|不)(?:外出|去了)|^(?:一直)?在家(?:务农|带孩子|照顾.*)?$"
)
_DEAD = re.compile("死亡|去世|病故|已故|亡故")
_BACK = re.compile(r"返乡|回乡|回村|回家|回来|返回(?=[村乡家本]|[^\w]|$)|已回|返家|离职|辞职|不干了")
_NOT_YET = re.compile("计划|打算|准备|预计|拟|将|想|可能|[未没不](?:返|回|离|辞)|再|又去|后[又再]|过年|过节|探亲|探望|请假|休假")
"""The return is planned, has not happened, was followed by another departure, or was a visit."""
_DAY = re.compile(
    r"(?:(?:20)?\d\d年)?(?:1[0-2]|0?[1-9])月(?:\d{1,2}[日号])?|20\d\d[-./](?:1[0-2]|0?[1-9])(?:[-./]\d{1,2})?(?!\d)", re.ASCII
)


def says_dead(remark: object) -> bool:
    """Whether a remark says that the person has died."""
    return isinstance(remark, str) and _DEAD.search(remark) is not None


class Remarks:
    """The remarks of one list of work."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.texts = [in_figures(re.sub(r"\s", "", half_width(text))) for text in lines.written(_REMARK)]

    def apply(self, i: int, row: PlanRow, values: dict[str, Any]) -> None:
        """Complete the end of row `i`'s work from its remark; ask about a row whose remark says that the person did not go or has died."""
        text = self.texts[i]
        if not text:
            return
        if _DEAD.search(text) or _NOT_GONE.search(text):
            message = _("备注写着「{remark}」：没有外出的不要收下，确实在外务工的再收下")
            self._ask(i, row, message, text, Level.QUESTION)
        elif not values.get("end") and _BACK.search(text) and not _NOT_YET.search(text):
            end = self._end(text, str(values.get("start") or ""))
            if end is not None:
                values["end"] = end
            message = (
                _("备注写着「{remark}」，结束时间记为 {end}")
                if end
                else _("备注写着「{remark}」，看不出是哪天，先按仍在务工登记；请补上结束时间")
            )
            self._ask(i, row, message, text, Level.REPAIR if end else Level.WARNING, end or "")

    def _ask(self, i: int, row: PlanRow, message: str, text: str, level: Level, end: str = "") -> None:
        self.lines.add_issue(row, i, _REMARK, message.format(remark=text[:20], end=end), "remark", level)

    @staticmethod
    def _end(text: str, start: str) -> str | None:
        """The only day or month in the remark, in the year of the start if it states none; None if it is before the start."""
        days = _DAY.findall(text)
        if len(days) != 1 or not start:
            return None
        dated = days[0] if re.match(r"\d{2,4}[年./-]", days[0]) else f"{start[:4]}年{days[0]}"
        with suppress(FieldError):
            end = periods.parse_fdate(written_out(dated, []))
            if periods.last_day(end) >= periods.first_day(start):
                return end
        return None
