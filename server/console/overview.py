"""The county at a glance: what needs somebody, how each township stands, what waits, what administrators did, and who saw unmasked data.
Numbers that somebody wrote into a reason are masked."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from sqlalchemy import func, select

from db import acts, erased, unmasked
from db import held as held_in
from db.mapping import table as record_table
from db.session import Session
from domain import clock, divisions
from domain.fields import KINDS
from domain.identity import mask_inside
from domain.scopes import DIGITS, is_county, township_of
from domain.words import _
from server import devices, status
from server.console.answers import Asked
from server.console.markup import Page, Part, address, element, empty, link, notice, table
from services import merging
from services.standing import living
from sync.wire.words import reason


def overview(_asked: Asked, session: Session) -> Page:
    """`/`: the county's state."""
    now = status.standing(session)
    figures = [
        _figure(_("在用的电脑"), now.devices, address("/stations")),
        _figure(_("{n} 天没来过").format(n=status.LATE_DAYS), now.late, address("/stations", late=status.LATE_DAYS), "warn"),
        _figure(_("待上传的改动"), now.unsent, address("/stations", only="unsent")),
        _figure(_("搁置的改动"), now.held, address("/held"), "warn"),
        _figure(_("疑似复制的电脑"), now.suspected, address("/stations", only="suspected"), "warn"),
        _figure(_("与县里不同"), now.different, address("/stations", only="different"), "warn"),
    ]
    versions = _("、").join(f"{version or _('不详')} × {n}" for version, n in now.versions.items())
    facts = [(_("上次备份"), clock.text(now.last_backup) or _("还没有")), (_("各站程序版本"), versions or _("还没有"))]
    listed = element("dl", *(part for name, said in facts for part in (element("dt", name), element("dd", said))))
    return Page(_("总览"), [*_warnings(now), element("div", *figures, class_="figures"), listed, *_townships(session)])


def _figure(name: str, number: int, to: str, sort: str = "") -> Element:
    return element("a", element("b", f"{number:,}"), element("span", name), href=to, class_=f"figure {sort if number else ''}".strip())


def _warnings(now: status.CountyStatus) -> Iterator[Element]:
    if now.restored_at and now.not_back:
        yield notice(now.restored_sentence(), "warn")
    if now.clock_behind:
        yield notice(_("这台服务器的时钟慢了 {n} 天，请先校准：有效期和期限都按它算。").format(n=now.clock_behind), "bad")
    if now.last_backup is None or (now.backup_days or 0) >= status.OLD_BACKUP_DAYS:
        text = _("最近 {n} 天没有备份过县级数据。请运行 cunzhan-server backup，或设好定时备份。")
        yield notice(text.format(n=status.OLD_BACKUP_DAYS), "warn")


def _townships(session: Session) -> Iterator[Part]:
    """A line a township: villages with a laptop, people as 统计 counts them, the contact longest ago, changes waiting and held."""
    p = record_table("person")
    # by the column itself SQLite would use its index and fetch each row: six times slower
    place = func.substr(p.c.village, 1, DIGITS["township"])
    alive = select(place, func.count()).where(*living(session.today), erased.kept()).group_by(place)
    people = _by_town((row[0], int(row[1])) for row in session.conn.execute(alive))
    computers: defaultdict[str, list[devices.Device]] = defaultdict(list)
    for one in devices.devices(session):
        if not one.revoked_at:
            computers[township_of(one.scope)].append(one)
    waiting = _by_town(held_in.by_scope(session).items())
    rows: list[list[Part]] = []
    for town in sorted({*people, *computers, *waiting}):
        mine = computers[town]
        came = [one.last_sync for one in mine]
        oldest = _("有的还没来过") if None in came else clock.text(min(filter(None, came), default=None))
        villages = len({one.scope for one in mine if one.role == "village"})
        unsent = sum(one.unsent for one in mine)
        named = link(divisions.name(town) or town, address("/ledgers/person", place=town))
        behind = address("/figures/behind", figure="people", area=town, own="1" if is_county(town) else None)
        counted = link(f"{people[town]:,}", behind) if people[town] else "0"
        rows.append([named, villages, counted, len(mine), oldest, unsent, waiting[town]])
    if rows:
        head = (_("乡镇"), _("有电脑的村"), _("登记人数"), _("电脑"), _("最久没来的一台"), _("待上传"), _("搁置"))
        yield element("h2", _("各乡镇"))
        yield table(head, rows, numeric=(1, 2, 3, 5, 6))


def _by_town(counted: Iterable[tuple[str, int]]) -> Counter[str]:
    """Numbers by scope, added up by township."""
    found: Counter[str] = Counter()
    for scope, n in counted:
        found[township_of(scope)] += n
    return found


_MOST = 200


def done(_asked: Asked, session: Session) -> Page:
    """`/acts`: the latest acts and views."""
    did = [[clock.text(one.at), one.by, mask_inside(one.label)] for one in acts.latest(session, _MOST)]
    saw = [[clock.text(one.at), one.by, one.what, mask_inside(one.reason)] for one in unmasked.views(session, _MOST)]
    return Page(
        _("操作记录"),
        [
            table([_("时间"), _("谁"), _("做了什么")], did) if did else empty(_("还没有操作。")),
            element("h2", _("看过、导出过完整号码")),
            table([_("时间"), _("谁"), _("内容"), _("原因")], saw) if saw else empty(_("没有人看过。")),
            element("p", _("各列出最近 {most} 条，更早的用 cunzhan-server audit 看。").format(most=_MOST))
            if _MOST in (len(did), len(saw))
            else None,
        ],
    )


_MOST_HELD = 500
"""Most lines of a list; the command line shows all."""


def held_changes(_asked: Asked, session: Session) -> Page:
    """`/held`: changes that arrived and could not be applied. They are decided at the station that made them, or its township."""
    number, found = held_in.count_held(session), held_in.held(session, _MOST_HELD)
    rows: list[list[Part]] = []
    for one in found:
        kind = KINDS.get(one.kind)
        named = link(_(kind.label), address(f"/ledgers/{kind.name}/{one.record_id}")) if kind is not None else one.kind
        rows.append([divisions.full_name(one.scope) or one.scope, named, one.by, clock.text(one.at), reason(one.reason)])
    head = [_("站点"), _("记录"), _("谁"), _("时间"), _("原因")]
    told = _("改动没有丢：都存在县里，也留在原来的电脑上。由原来的站点在「同步 → 搁置」里改好重新提交。")
    listed = table(head, rows) if rows else empty(_("没有搁置的改动。"))
    rest = element("p", _("只列出前 {most} 条，共 {n} 条。").format(most=_MOST_HELD, n=number)) if number > _MOST_HELD else None
    return Page(_("搁置的改动"), [element("p", told), listed, rest])


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
