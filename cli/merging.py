"""Commands on people recorded twice: matches, merge, unmerge."""

from __future__ import annotations

from dataclasses import asdict

from cli.access import opened, saving
from cli.console import table
from cli.program import Answer, Call
from domain import divisions
from domain.fields import kind_of
from domain.words import _
from services import merging


def matches(call: Call) -> Answer:
    """Records that seem to be of one person or of one fact."""
    with opened(call) as store, store.read() as session:
        found = merging.matches(session)
    rows = [
        (_(kind_of(match.kind).label), match.number, twin.title, divisions.name(twin.village) or twin.village, twin.created_by, twin.id)
        for match in found
        for twin in match.records
    ]
    head = (_("类型"), _("证件号码"), _("名称"), _("村"), _("谁"), _("编号"))
    return Answer([asdict(match) for match in found], table(head, rows) if found else _("没有疑似重复的记录。"))


def merge(call: Call) -> Answer:
    """Point a person at another one, who is the same."""
    with saving(call, _("合并同一人")) as session:
        into = merging.merge(session, call.args.id, call.args.into)
    return Answer({"id": call.args.id, "merged_into": into}, _("已合并，可用 unmerge 取消。两条的内容都还在。"))


def unmerge(call: Call) -> Answer:
    """Take the pointer of a merged person back."""
    with saving(call, _("取消合并")) as session:
        before = merging.unmerge(session, call.args.id)
    return Answer({"id": call.args.id, "merged_into": None, "before": before}, _("已取消合并。"))
