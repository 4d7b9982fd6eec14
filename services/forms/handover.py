"""交接清单: the inventory for a handover of a station's records, signed by both sides and a witness."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from db import backup, contents, exchange
from db.local import ROLES, accounts, drafts, get_meta
from db.session import Session
from domain import claims as path
from domain import clock
from domain.alerts import WATCHES
from services.claims import claims
from services.claims.claims import ClaimStatus
from services.forms.form import Cell, Form
from services.forms.subjects import Subjects, date_words, place_name
from services.posts import posts
from services.today import Today, today
from services.workshop import workshop

COLUMNS: Final = ("序号", "事项", "数量", "说明")
HEADS: Final = ("移交单位", "移交日期")
_NAMED: Final = 40
"""Most names in one line."""
_BEFORE: Final = (
    "移交前：先同步一次（没有网络就写一个 U 盘），再备份到 U 盘；接收人在「设置 → 用户和密码」里用自己的姓名建用户，"
    "能打开以后，再停用移交人的用户，并换一个恢复码交给接收人。原来录入的内容仍记在录入人的名下，改不了。"
)

_Line = tuple[str, Cell, str]


def handover(session: Session) -> Form:
    """The inventory of a station: ledgers, claims, pending work, and the state of sync, backups, users and files."""
    day = today(session, session.today)
    lines = [*_ledgers(session, day), *_claims(session), *_waiting(session, day), *_station(session)]
    return Form(
        "就业帮扶台账交接清单",
        dict(zip(HEADS, (place_name(session), date_words(session.today)), strict=True)),
        columns=COLUMNS,
        rows=[(number, *line) for number, line in enumerate(lines, 1)],
        text=[_BEFORE],
        signatures=("移交人", "接收人", "监交人"),
    )


def _ledgers(session: Session, day: Today) -> Iterator[_Line]:
    on = session.today
    yield "在册人员", day.people, f"其中劳动力 {day.labour} 人"
    yield "在册户", session.count("household"), ""
    yield "正在务工", sum(day.regions.values()), f"本月应核实 {day.checks.people} 人，已核实 {day.checks.done} 人"
    yield "公益性岗位在岗", sum(holder.current for holder in posts.holders(session, on)), ""
    yield "就业帮扶车间", len(workshop.workshops(session, on)), ""
    yield "附件", session.count("attachment"), "照片、扫描件都在这台电脑的数据里"


def _claims(session: Session) -> Iterator[_Line]:
    listed = claims.listing(session)
    about = Subjects(session, (each.claim for each in listed))
    for state in path.MOVES:
        found = [each for each in listed if each.state == state]
        if not found:
            continue
        over = state in path.SETTLED
        yield f"补助申请：{path.state_label(state)}", len(found), "" if over else _names_of(about, found)


def _names_of(about: Subjects, found: Sequence[ClaimStatus]) -> str:
    names = list(dict.fromkeys(name for each in found for name in about.names(each.claim).split("、")))  # each workshop once
    return "、".join(names[:_NAMED]) + ("等" if len(names) > _NAMED else "")


def _waiting(session: Session, day: Today) -> Iterator[_Line]:
    for one in day.notices:
        yield "公示将到期", one.claims, f"{date_words(one.last_day)}到期，要登记结果"
    for watch in WATCHES:
        found = [alert for alert in day.alerts if alert.alert == watch.code]
        if found:
            yield f"提醒：{watch.title}", len(found), f"最早 {date_words(min(alert.due for alert in found))}"
    for item, count, words in (
        ("两处同时改动，待核对", day.conflicts, "在「同步 → 要核对」里"),
        ("搁置的改动", day.held, "在「同步 → 搁置」里"),
        ("数据检查出的错误", day.errors or 0, "在「今日」里列着"),
        ("关键信息变更，待确认", day.changes, "在「乡镇 → 待确认」里"),
    ):
        if count:
            yield item, count, words


def _station(session: Session) -> Iterator[_Line]:
    last, kept = exchange.last_exchange(session), get_meta(session, backup.LAST_BACKUP)
    yield "还没有上传的改动", exchange.unsent(session), f"上次同步：{clock.text(last.at) if last else '还没有'}"
    yield "还没有上传的附件", contents.unsent(session), ""
    yield "备份", "", f"上次备份：{clock.text(kept) if kept else '还没有'}"
    users = [f"{one.name}（{ROLES[one.role]}{'，已停用' if one.disabled else ''}）" for one in accounts(session)]
    yield "这台电脑的用户", len(users), "、".join(users)
    half = drafts(session)
    if half:
        who = "、".join(f"{name} {count}" for name, count in half.items())
        yield "填了一半没有保存的", sum(half.values()), f"{who}。停用以后别人看不到，请本人先打开存好"
    yield "恢复码", "", "□ 已换新，抄在纸上当面交接"
