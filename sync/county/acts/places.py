"""Checks the villages that moves and mergers name: a mistyped code would take people out of the county, or to a village that is none."""

from __future__ import annotations

from sqlalchemy import select

from db.exchange import closed_into, device, enrolment_code, moved, scope_head
from db.session import Session
from domain import clock, divisions
from domain.divisions import Level
from domain.errors import DomainError
from domain.scope_search import find_scope
from domain.scopes import county_of, is_village
from domain.words import _
from sync.county.acts.authoring import county_scopes

_MEANT = 5


def refuse_strange(session: Session, code: str, *, merging: bool = False) -> None:
    """Raise `DomainError` unless a village of that code is known and lies in this county. A new village, which no list has, is known once
    an enrolment code was made for it. `merging`: for a merger; people who leave the county need other advice."""
    counties = {divisions.canonical(county) for county in county_scopes(session)}
    if divisions.level(code) is not Level.VILLAGE:
        meant = [f"{divisions.full_name(one)} {one}" for one in find_scope(code, counties) if is_village(one)][:_MEANT]
        more = _("可能是：{places}。").format(places=_("、").join(meant)) if meant else ""
        raise DomainError(_("「{code}」不是村代码，村代码是 12 位数字。没有改动任何内容。").format(code=code[:40]) + more)
    if counties and county_of(divisions.canonical(code)) not in counties:
        text = _(
            "{place}在别的县，记录迁过去以后，本县就再也看不到了。没有改动任何内容。人迁到别的县的：给他导出或打印一份交给那个县，由那边登记；"
            "这里的记录留着备查，人员类别写上结束日期。"
        )
        if merging:
            text = _("{place}在别的县，不能和本县的村合并。没有改动任何内容，请核对代码。")
        raise DomainError(text.format(place=_named(code)))
    if not divisions.exists(code) and not used(session, code):
        text = _(
            "没有代码是 {code} 的村，没有改动任何内容。请核对代码。新设的村，地名表里还没有：先给它发注册码"
            "（cunzhan-server enrol --scope {code} --role village），再来。"
        )
        raise DomainError(text.format(code=code))


def refuse_closed(session: Session, code: str) -> None:
    """Raise `DomainError` if a village was merged into another one; says when, and what can be done."""
    into = closed_into(session, code)
    if into is None:
        return
    at = session.conn.execute(select(moved.c.at).where(moved.c.scope == code, moved.c.kind == 0, moved.c.row_id == "")).scalar()
    told = _("{old}在 {day} 已并入{into}，它的代码不再用了，并村不能撤销。没有改动任何内容。").format(
        old=_named(code), day=clock.text(at or "")[:10], into=_named(into)
    )
    if divisions.exists(into):
        way = _("人都在那里，要迁入的写 {into}。当时并错了：cunzhan-server move --merged {old} --to 村代码，把并过去的人一起迁到对的村。")
    else:  # nobody else lives in a village that does not exist
        way = _("没有代码是 {into} 的村，当时写错了：cunzhan-server merge-villages {into} 村代码，再并到对的村。")
    raise DomainError(told + way.format(old=code, into=into))


def used(session: Session, code: str) -> bool:
    """Whether the county has a log, a laptop or an enrolment code of a village."""
    return any(
        session.conn.execute(select(t.c.scope).where(t.c.scope == code).limit(1)).first() for t in (scope_head, device, enrolment_code)
    )


def _named(code: str) -> str:
    name = divisions.full_name(code)
    return f"{name}（{code}）" if name else code
