"""Commands of the county about where changes go: moving people and villages, what is held."""

from __future__ import annotations

from dataclasses import asdict

from cli.access import reason
from cli.exchange import held_answer
from cli.program import Answer, Call, Usage
from cli.serving import opened
from db import changes
from domain import divisions
from domain.words import _
from sync import erasure, moves
from sync.county import county_keys


def move(call: Call) -> Answer:
    """Move a person or a household to another village, with everything that belongs to them."""
    args = call.args
    if not args.person and not args.household:
        raise Usage(_("要写 --person 或 --household。"))
    with opened(call) as county:
        keys = county_keys(county)
        with county.write() as session:
            kind, id = ("person", args.person) if args.person else ("household", args.household)
            done = moves.move(session, keys, kind, id, args.to, household=args.household if args.person else None)
    return _answer(done)


def merge_villages(call: Call) -> Answer:
    """Move every row of one village into another and close the old scope."""
    with opened(call) as county:
        keys = county_keys(county)
        with county.write() as session:
            done = moves.merge_villages(session, keys, call.args.old, call.args.new)
    return _answer(done)


def erase(call: Call) -> Answer:
    """Erase a person's data by rule, at the county and wherever they are read."""
    with opened(call) as county:
        keys = county_keys(county)
        with county.write() as session:
            done = erasure.erase(session, keys, call.args.person, call.args.reason)
    text = _("已删除：{rows} 条记录的个人信息，改写了 {batches} 批存档。各站下次同步时跟着删除；以前做的备份里还有。")
    return Answer(asdict(done), text.format(rows=done.rows, batches=done.batches))


def held(call: Call) -> Answer:
    """What could not be applied anywhere in the county, and why. Showing secrets is logged in the county's database."""
    why = reason(call)
    with opened(call) as county:
        if why is not None:
            with county.write() as session:
                changes.log_view(session, "held", why)
        with county.read() as session:
            return held_answer(session, plain=why is not None)


def _answer(done: moves.Moved) -> Answer:
    text = _("已从 {left} 迁到 {entered}：{people} 人，共 {rows} 条记录。各村下次同步时知道。").format(
        left=divisions.full_name(done.left) or done.left,
        entered=divisions.full_name(done.entered) or done.entered,
        people=done.people,
        rows=done.rows,
    )
    return Answer(asdict(done), text)
