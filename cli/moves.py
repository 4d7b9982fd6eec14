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
from domain.errors import Stopped
from domain.words import N_, _, lazy
from sync.county.acts import erasure, moved_on, moves, retention
from sync.county.keys import county_keys

_DONE = N_("已从 {left} 迁到 {entered}：{people} 人，共 {rows} 条记录。各村下次同步时知道。")
_MERGED = N_("已把{left}并入{entered}：{people} 人，共 {rows} 条记录。各村下次同步时知道。")
_CLOSED = N_("已把{left}并入{entered}：那里一条记录也没有，只是代码不再用了。各村下次同步时知道。")
_WOULD = N_("试算，没有改动任何内容：要从 {left} 迁到 {entered} 的，{people} 人，共 {rows} 条记录。")


def move(call: Call) -> Answer:
    """Move a person, a household or all who came by a merger to another village, with everything that belongs to them."""
    from services.lists.titles import titles

    args = call.args
    if bool(args.merged) == bool(args.person or args.household):
        raise Usage(_("要写 --person 或 --household；并错了村，写 --merged。"))
    kind, id = ("person", args.person) if args.person else ("household", args.household)
    house = args.household if args.person else None
    with opened(call) as county:
        keys = county_keys(county)
        with county.read() as session:
            if args.merged:
                plan = moved_on.would_move_on(session, args.merged, args.to)
            else:
                plan = moves.would_move(session, kind, id, args.to, household=house)
            who = id if args.merged else titles(session, kind, [id]).get(id, id)
        if args.dry_run:
            return _answer(plan, _WOULD, who)
        if args.merged:
            _ask(call, plan, _("{people} 人、共 {rows} 条记录都要从 {left} 迁到 {entered}。迁吗？输入 是 再按回车；直接回车不迁。"))

        def moved(session: Session, keep: Keep) -> moves.Moved:
            if args.merged:
                done = moved_on.move_on(session, keys, args.merged, args.to)
            else:
                done = moves.move(session, keys, kind, id, args.to, household=house)
            named = args.merged or id
            keep(lazy("把 {who} 从 {left} 迁到 {entered}：{rows} 条", who=named, left=done.left, entered=done.entered, rows=done.rows))
            return done

        return _answer(acted(county, moved), _DONE, who)


def merge_villages(call: Call) -> Answer:
    """Move every row of one village into another and close the old scope."""
    old, new = call.args.old, call.args.new
    with opened(call) as county:
        keys = county_keys(county)
        with county.read() as session:
            plan = moves.would_merge(session, old, new)
        if call.args.dry_run:
            return _answer(plan, _WOULD)
        text = _(
            "{left}的 {people} 人、共 {rows} 条记录都要并入{entered}。并村不能撤销，{left}的代码以后不能再用。"
            "并吗？输入 是 再按回车；直接回车不并。"
        )
        _ask(call, plan, text)

        def merged(session: Session, keep: Keep) -> moves.Moved:
            done = moves.merge_villages(session, keys, old, new)
            keep(lazy("把 {left} 并入 {entered}：{rows} 条", left=done.left, entered=done.entered, rows=done.rows))
            return done

        done = acted(county, merged)
        return _answer(done, _MERGED if done.rows else _CLOSED)


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
        ready = [plan for plan in plans if not plan.open_claims]
        if ready and call.console.answers:
            call.console.say(_listed(ready, named))
            question = _("要删去这 {n} 人的个人信息，不能撤销。删吗？输入 是 再按回车；直接回车不删。")
            if not call.console.agreed(question.format(n=len(ready))):
                raise Stopped(_("什么都没有改变。"))
        keys = county_keys(county)

        def erased(person: str, session: Session, keep: Keep) -> erasure.Erased:
            keep(lazy("按规定删除 {person}：{reason}", person=person, reason=args.reason))
            return erasure.erase(session, keys, person, args.reason)

        done = [acted(county, partial(erased, plan.person)) for plan in ready]
    rows, batches = sum(one.rows for one in done), sum(one.batches for one in done)
    kept = [asdict(plan) for plan in plans if plan.open_claims]
    text = _("已删除 {people} 人：{rows} 条记录的个人信息，改写了 {batches} 批存档。各站下次同步时跟着删除；以前做的备份里还有。")
    value = {"rows": rows, "batches": batches, "scopes": sorted({s for one in done for s in one.scopes})}
    value |= {"people": [plan.person for plan in ready], "kept": kept}
    message = text.format(people=len(done), rows=rows, batches=batches) if done else _("没有删除任何人。")
    if not plans:
        message = _("没有到期的人。") + message
    return Answer(value, message + (_("{n} 人还有没办结的申请，没有删除。").format(n=len(kept)) if kept else ""), int(bool(kept)))


def would_erase(plans: Sequence[erasure.Plan], named: Mapping[str, str]) -> Answer:
    """A preview of an erasure, with names: an erasure cannot be undone, and nobody knows a person by an id."""
    text = _("试算，没有改动任何内容。")
    value = {"people": [asdict(plan) for plan in plans], "rows": sum(sum(plan.rows.values()) for plan in plans)}
    return Answer(value, f"{_listed(plans, named)}\n{text}" if plans else _("没有到期的人。") + text)


def _listed(plans: Sequence[erasure.Plan], named: Mapping[str, str]) -> str:
    head = (_("人"), _("姓名"), _("记录"), _("附件"), _("未办结的申请"))
    rows = [
        (plan.person, named.get(plan.person, "") + _merged(plan), sum(plan.rows.values()), plan.files, len(plan.open_claims))
        for plan in plans
    ]
    return table(head, rows)


def _merged(plan: erasure.Plan) -> str:
    merged = plan.rows.get("person", 1) - 1
    return _("（连同并入的 {n} 人）").format(n=merged) if merged else ""


def _ask(call: Call, plan: moves.Moved, question: str) -> None:
    """At a terminal, go on only if the administrator says so."""
    if call.console.answers and not call.console.agreed(_told(plan, question)):
        raise Stopped(_("什么都没有改变。"))


def _answer(done: moves.Moved, text: str, who: str | None = None) -> Answer:
    return Answer(asdict(done), (f"{who}：" if who else "") + _told(done, _(text)))


def _told(done: moves.Moved, text: str) -> str:
    left, entered = (_place(code) for code in (done.left, done.entered))
    return text.format(left=left, entered=entered, people=done.people, rows=done.rows)


def _place(code: str) -> str:
    return f"{divisions.full_name(code) or _('地名表里没有的村')}（{code}）"
