"""Commands on duplicate people: matches (also merges those that are surely one), apart, merge, unmerge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from cli.access import opened, saving
from cli.console import table
from cli.county_access import opened as county_opened
from cli.program import Answer, Call, Usage
from domain import divisions
from domain.fields import kind_of
from domain.scopes import valid
from domain.words import _, lazy
from services import merging, merging_sure, suspects
from services.merging import Match
from sync.county.acts.places import used


def matches(call: Call) -> Answer:
    """List probable duplicates of people or facts: equal numbers and keys first, then similar people; or merge what is surely one."""
    if call.args.merge_sure and call.args.dry_run:
        with opened(call) as store, store.read() as session:
            sure = merging_sure.sure(session)
        said = [_("预览，没有改动："), *(one.text for one in sure)] if sure else [_("没有能一起合并的。")]
        names = ("id", "into", "name", "number", "differs")  # what is filled in only by its names: it may be an account
        return Answer([{name: getattr(one, name) for name in names} | {"filled": list(one.lacking)} for one in sure], "\n".join(said))
    if call.args.merge_sure:
        with saving(call, lazy("合并号码和姓名都相同的")) as session:
            done = merging_sure.merge_sure(session)
        return Answer(asdict(done), done.text)
    with opened(call) as store, store.read() as session:
        return answer([*merging.matches(session), *suspects.suspects(session)])


def county(call: Call) -> Answer:
    """List probable duplicates in the whole county, or in one township or village."""
    within = call.args.scope or ""
    if within and (not valid(within)):
        raise Usage(_("请写一个乡镇（9 位）或村（12 位）的代码：{scope}").format(scope=within))
    with county_opened(call) as database, database.read() as session:
        if within and not divisions.exists(within) and not used(session, within):
            raise Usage(_("没有代码是 {scope} 的乡镇或村，请核对。").format(scope=within))
        equal = [match for match in merging.matches(session) if any(twin.village.startswith(within) for twin in match.records)]
        return answer([*equal, *suspects.suspects(session, within=within)])


def answer(found: Sequence[Match]) -> Answer:
    """Matches as a table and as values."""
    rows = [
        (
            *(_(kind_of(match.kind).label), str(match.score or ""), match.number or _why(match)),
            *(twin.title, divisions.called(twin.village), twin.created_by, twin.id),
        )
        for match in found
        for twin in match.records
    ]
    head = (_("类型"), _("分值"), _("证件号码或理由"), _("名称"), _("村"), _("谁"), _("编号"))
    return Answer([asdict(match) for match in found], table(head, rows, most=120) if found else _("没有疑似重复的记录。"))


def _why(match: Match) -> str:
    return " · ".join([*match.reasons, *match.against, *([_("已记为不是同一人")] if match.apart else [])])


def apart(call: Call) -> Answer:
    """Record that two records are of two people; `--undo` lists them again."""
    one, other = call.args.id, call.args.other
    if call.args.undo:
        with saving(call, lazy("重新列为疑似")) as session:
            return Answer({"finding": suspects.list_again(session, one, other), "apart": False}, _("已重新列为疑似。"))
    with saving(call, lazy("不是同一人")) as session:
        id = suspects.tell_apart(session, one, other, call.args.reason)
    return Answer({"finding": id, "apart": True}, _("已记为不是同一人，不再列出。"))


def merge(call: Call) -> Answer:
    """Merge a person into another record of the same person."""
    with saving(call, lazy("合并同一人")) as session:
        into = merging.merge(session, call.args.id, call.args.into, compared=call.args.compared)
    return Answer({"id": call.args.id, "merged_into": into}, _("已合并，可用 unmerge 取消。两条的内容都还在。"))


def unmerge(call: Call) -> Answer:
    """Undo the merge of a person."""
    with saving(call, lazy("取消合并")) as session:
        before = merging.unmerge(session, call.args.id)
    return Answer({"id": call.args.id, "merged_into": None, "before": before}, _("已取消合并。"))
