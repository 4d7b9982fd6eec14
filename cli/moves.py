"""The county's commands that move people and villages or erase people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial

from cli.console import table
from cli.county_access import Keep, acted, opened
from cli.program import Answer, Call, Usage, day
from db.session import Session
from domain import divisions
from domain.words import _
from sync.county.acts import erasure, moves, retention
from sync.county.keys import county_keys


def move(call: Call) -> Answer:
    """Move a person or a household to another village, with everything that belongs to them."""
    args = call.args
    if not args.person and not args.household:
        raise Usage(_("要写 --person 或 --household。"))
    with opened(call) as county:
        keys = county_keys(county)

        def moved(session: Session, keep: Keep) -> moves.Moved:
            kind, id = ("person", args.person) if args.person else ("household", args.household)
            done = moves.move(session, keys, kind, id, args.to, household=args.household if args.person else None)
            keep(_("把 {who} 从 {left} 迁到 {entered}：{rows} 条").format(who=id, left=done.left, entered=done.entered, rows=done.rows))
            return done

        return _answer(acted(county, moved))


def merge_villages(call: Call) -> Answer:
    """Move every row of one village into another and close the old scope."""
    with opened(call) as county:
        keys = county_keys(county)

        def merged(session: Session, keep: Keep) -> moves.Moved:
            done = moves.merge_villages(session, keys, call.args.old, call.args.new)
            keep(_("把 {left} 并入 {entered}：{rows} 条").format(left=done.left, entered=done.entered, rows=done.rows))
            return done

        return _answer(acted(county, merged))


def erase(call: Call) -> Answer:
    """Erase a person's data by rule, or those of everybody whose retention period is over, at the county and wherever they are read."""
    from services.lists.titles import titles

    args = call.args
    if bool(args.person) == bool(args.before):
        raise Usage(_("要写 --person 或 --before 其中一个。"))
    before = day(args.before) if args.before else ""
    with opened(call) as county:
        with county.read() as session:
            people = [args.person] if args.person else retention.due(session, before)
            plans = [erasure.plan(session, person) for person in people]
            named = titles(session, "person", people)
        if args.dry_run:
            return would_erase(plans, named)
        if args.person and plans[0].open_claims:  # a named person is refused; of many, some are kept
            plans[0] = replace(plans[0], open_claims=[])
        keys = county_keys(county)
        ready = [plan for plan in plans if not plan.open_claims]

        def erased(person: str, session: Session, keep: Keep) -> erasure.Erased:
            keep(_("按规定删除 {person}：{reason}").format(person=person, reason=args.reason))
            return erasure.erase(session, keys, person, args.reason)

        done = [acted(county, partial(erased, plan.person)) for plan in ready]
    rows, batches = sum(one.rows for one in done), sum(one.batches for one in done)
    kept = [asdict(plan) for plan in plans if plan.open_claims]
    text = _("已删除 {people} 人：{rows} 条记录的个人信息，改写了 {batches} 批存档。各站下次同步时跟着删除；以前做的备份里还有。")
    value = {"rows": rows, "batches": batches, "scopes": sorted({s for one in done for s in one.scopes})}
    value |= {"people": [plan.person for plan in ready], "kept": kept}
    message = text.format(people=len(done), rows=rows, batches=batches)
    return Answer(value, message + (_("{n} 人还有没办结的申请，没有删除。").format(n=len(kept)) if kept else ""), int(bool(kept)))


def would_erase(plans: Sequence[erasure.Plan], named: Mapping[str, str]) -> Answer:
    """A preview of an erasure, with names: an erasure cannot be undone, and nobody knows a person by an id."""
    head = (_("人"), _("姓名"), _("记录"), _("附件"), _("未办结的申请"))
    rows = [(plan.person, named.get(plan.person, ""), sum(plan.rows.values()), plan.files, len(plan.open_claims)) for plan in plans]
    text = _("试算，没有改动任何内容。")
    value = {"people": [asdict(plan) for plan in plans], "rows": sum(row[2] for row in rows)}
    return Answer(value, f"{table(head, rows)}\n{text}" if plans else _("没有到期的人。") + text)


def _answer(done: moves.Moved) -> Answer:
    text = _("已从 {left} 迁到 {entered}：{people} 人，共 {rows} 条记录。各村下次同步时知道。").format(
        left=divisions.full_name(done.left) or done.left,
        entered=divisions.full_name(done.entered) or done.entered,
        people=done.people,
        rows=done.rows,
    )
    return Answer(asdict(done), text)
