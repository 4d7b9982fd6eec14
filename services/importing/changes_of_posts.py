"""公益性岗位人员增减变动表 → appointments that end and appointments that begin, one in each row."""

from __future__ import annotations

import re
from typing import Any

from domain.words import _
from services.importing.drafting import against, require
from services.importing.heading_words import plain
from services.importing.known import PersonRef, Row
from services.importing.people_maker import PeopleMaker, Ready
from services.importing.plan import Level, PlanRow

_LEAVES = re.compile("退|减少|调出|解聘|辞|离岗|终止|清退|减员")
_COMES = re.compile("新增|增加|上岗|聘用|补录|调入|增员|新聘")
SORT, DAY, WHY = "change.sort", "change.on", "change.reason"


class PostChangeMaker(PeopleMaker):
    """Makes the rows of one list of people who leave or take up posts."""

    reads: tuple[str, ...] = ("person.", "post.name", "change.", "area.")

    def _ask(self, ready: Ready) -> str:
        known = self.context.known
        self.appointments = known.children("appointment", "person_id", {person.id for _i, _row, person in ready})
        self.posts = {row["id"]: row for row in known.all("post")}
        return _("核对公益岗台账")

    def _row(self, i: int, row: PlanRow, person: PersonRef) -> None:
        lines = self.lines
        sort, day, named = lines.text(SORT)[i], lines.values(DAY)[i], plain(lines.text("post.name")[i])
        leaves, comes = bool(_LEAVES.search(sort)), bool(_COMES.search(sort))
        if leaves == comes:
            lines.add_issue(row, i, SORT, _("看不出是上岗还是退岗，请写新增或退出"), "choice")
        elif day is None:
            lines.add_issue(row, i, DAY, _("没有写明变动的日期"), "required")
        elif leaves:
            self._leave(i, row, person, day, named)
        else:
            self._come(i, row, person, day, named)

    def _held(self, person: PersonRef, named: str) -> list[Row]:
        rows = self.appointments.get(person.id, ())
        return [row for row in rows if not named or plain(self.posts.get(row["post_id"], {}).get("name") or "") == named]

    def _leave(self, i: int, row: PlanRow, person: PersonRef, day: str, named: str) -> None:
        lines = self.lines
        held = [one for one in self._held(person, named) if one["start"] <= day and one["exit_on"] in (None, day)]
        if len(held) != 1:
            message = _("{name}没有这个岗位的在岗记录") if not held else _("{name}有不止一条在岗记录，请写明岗位")
            lines.add_issue(row, i, "post.name", message.format(name=person.name), "reference")
            return
        values: dict[str, Any] = {"exit_on": day}
        if reason := lines.text(WHY)[i]:
            values["exit_reason"] = reason
        row.drafts = [against("appointment", held[0], values)]

    def _come(self, i: int, row: PlanRow, person: PersonRef, day: str, named: str) -> None:
        lines = self.lines
        posts = [post for post in self.posts.values() if plain(post["name"]) == named]
        same = next((one for one in self._held(person, named) if one["start"] == day), None)
        if same is not None:
            row.drafts = [against("appointment", same, {})]
        elif len(posts) != 1:
            message = _("找不到岗位「{name}」，请先导入公益性岗位台账") if not posts else _("有不止一个岗位叫「{name}」，请在公益岗页登记")
            lines.add_issue(row, i, "post.name", message.format(name=lines.text("post.name")[i]), "reference")
        else:
            draft = self.context.new("appointment", person.village, {"post_id": posts[0]["id"], "person_id": person.id, "start": day})
            if (first := self.context.claim(row, "appointment", posts[0]["id"], person.id, day)) is not None:
                message = _("与{place}是同一个人在同一岗位").format(place=first)
                lines.add_issue(row, i, "person.name", message, "duplicate", Level.QUESTION)
            require(lines, i, row, draft)
            row.drafts = [draft]
