"""What waits for somebody: changes that could not be applied, and people who may be recorded twice."""

from __future__ import annotations

from db.held import count_held, held
from db.session import Session
from domain import clock, divisions
from domain.fields import KINDS
from domain.words import _
from server.console.asked import Asked
from server.console.markup import Page, Part, address, element, empty, link, table
from services import merging
from sync.wire.words import reason

_MOST = 500
"""Most lines of a list; the command line shows all."""


def held_changes(_asked: Asked, session: Session) -> Page:
    """`/held`: changes that arrived and could not be applied. They are decided at the station that made them, or its township."""
    number, found = count_held(session), held(session, _MOST)
    rows: list[list[Part]] = []
    for one in found:
        kind = KINDS.get(one.kind)
        named = link(_(kind.label), address(f"/ledgers/{kind.name}/{one.record_id}")) if kind is not None else one.kind
        rows.append([divisions.full_name(one.scope) or one.scope, named, one.by, clock.text(one.at), reason(one.reason)])
    head = [_("站点"), _("记录"), _("谁"), _("时间"), _("原因")]
    told = _("改动没有丢：都存在县里，也留在原来的电脑上。由原来的站点在「同步 → 搁置」里改好重新提交。")
    listed = table(head, rows) if rows else empty(_("没有搁置的改动。"))
    return Page(_("搁置的改动"), [element("p", told), listed, _rest(number)])


def matches(_asked: Asked, session: Session) -> Page:
    """`/matches`: people with the same ID number, who are merged at a station."""
    found = merging.people_matched(session)
    rows: list[list[Part]] = []
    for match in found:
        for n, twin in enumerate(match.records):
            place = divisions.full_name(twin.village) or twin.village
            named = link(twin.title, address(f"/ledgers/person/{twin.id}"))
            rows.append([match.number if n == 0 else "", named, place, twin.created_by, clock.text(twin.created_at)])
    head = [_("证件号码"), _("姓名"), _("村"), _("登记人"), _("登记时间")]
    told = _("在乡镇或县里的电脑上打开「同步 → 疑似同一人」核对、合并。号码不同、名字和生日相近的也列在那里。")
    listed = table(head, rows) if rows else empty(_("没有证件号码相同的人。"))
    more = element("p", _("只列出前 {most} 个号码。").format(most=merging.MAX_MATCHES)) if len(found) >= merging.MAX_MATCHES else None
    return Page(_("同一个号码登记了几次的人"), [element("p", told), listed, more])


def _rest(n: int) -> Part:
    return element("p", _("只列出前 {most} 条，共 {n} 条。").format(most=_MOST, n=n)) if n > _MOST else None
