"""Computers and enrolment codes: who came when, what waits there; a code for a new laptop, a lost one revoked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from db import acts
from db.session import Session
from domain import clock, divisions
from domain.errors import Misused
from domain.scopes import role_of
from domain.words import N_, _
from server import devices
from server.console.asked import Asked
from server.console.markup import Page, Part, address, choice, element, empty, field, link, notice, table

_HERE = address("/stations")
_MOST_PLACES = 8
_MARKS: Mapping[str, str] = {"unsent": N_("待上传"), "suspected": N_("疑似复制"), "different": N_("与县不同")}
"""The figures of a computer by which the list is filtered."""


def stations(asked: Asked, session: Session) -> Page:
    """`/stations`: the computers, when asked those away for `late` days, of a `place` or with `only` one of `_MARKS`; the open codes."""
    late, place, only = asked.number("late", 0, 3650), asked.text("place"), asked.text("only")
    found = [one for one in devices.devices(session, late or None) if _of(one.scope, place) and _marked(one, only)]
    heading = _("{n} 天没来过的电脑").format(n=late) if late else _("电脑和注册码")
    counted = element("p", _("共 {n} 台").format(n=f"{len(found):,}")) if found else None
    return Page(heading, [_search(late, place, only), _listed(asked, found), counted, *_codes(asked, session)])


def _of(scope: str, place: str) -> bool:
    """Whether a scope is, or lies in, a place given by its code or a part of its name."""
    return not place or scope.startswith(place) or place in (divisions.full_name(scope) or "")


def _marked(one: devices.Device, only: str) -> bool:
    return only not in _MARKS or (one.revoked_at is None and getattr(one, only) > 0)


def _search(late: int, place: str, only: str) -> Element:
    away = (("", _("全部")), *((str(n), _("{n} 天没来过").format(n=n)) for n in sorted({7, 30, 90, late} - {0})))
    marks = (("", _("全部")), *((name, _(label)) for name, label in _MARKS.items()))
    parts = (
        field(_("乡镇或村"), "place", place),
        choice(_("多久没来"), "late", away, str(late or "")),
        choice(_("只看"), "only", marks, only),
        element("button", _("筛选")),
    )
    return element("form", *parts, method="get", class_="bar")


def _listed(asked: Asked, found: list[devices.Device]) -> Element:
    head = [_("站点"), _("电脑"), _("上次同步"), _("版本"), _("待上传"), _("疑似复制"), _("与县不同"), _("状态")]
    rows = [
        [
            one.place or one.scope,
            one.device,
            clock.text(one.last_sync) or _("还没有"),
            one.version or "",
            one.unsent,
            one.suspected,
            one.different,
            _("已停用") if one.revoked_at else _revocable(asked, one),
        ]
        for one in found
    ]
    return table(head, rows, numeric=(4, 5, 6)) if rows else empty(_("没有这样的电脑。"))


def _revocable(asked: Asked, one: devices.Device) -> Part:
    return link(_("停用…"), address("/stations/revoke", device=one.device)) if asked.user.acts else _("在用")


def _codes(asked: Asked, session: Session) -> Iterator[Part]:
    yield element("h2", _("注册码"))
    if asked.user.acts:
        where = field(_("村、乡镇或县的名称或代码"), "place", required=True, autocomplete="off")
        yield asked.form_of("code", _HERE, where, element("button", _("发一个注册码")), class_="bar")
    head = [_("站点"), _("编号"), _("已用"), _("可用"), _("发出"), _("有效到"), ""]
    rows = [
        [
            one.place,
            one.id,
            one.used,
            one.uses,
            clock.text(one.made_at),
            clock.text(one.expires_at),
            _withdrawable(asked, one),
        ]
        for one in devices.open_codes(session)
    ]
    yield table(head, rows, numeric=(2, 3)) if rows else empty(_("没有还能用的注册码。"))


def _withdrawable(asked: Asked, one: devices.OpenCode) -> Part:
    if not asked.user.acts:
        return ""
    hidden = element("input", type="hidden", name="id", value=one.id)
    return asked.form_of("withdraw", _HERE, hidden, element("button", _("收回"), class_="plain"))


def revoking(asked: Asked, session: Session) -> Page:
    """`/stations/revoke`: asks before a computer is revoked."""
    found = next((one for one in devices.devices(session) if one.device == asked.text("device")), None)
    if found is None or found.revoked_at:
        return Page(_("停用电脑"), [notice(_("没有这台在用的电脑。"), "warn"), link(_("回到电脑"), _HERE)], 404)
    told = _("停用以后，这台电脑不能再和县里交换，也不再显示完整号码；找回来以后可以重新注册。")
    if found.unsent:
        told += _("它还没上传的 {n} 条改动都留在那台电脑上，不会丢。").format(n=found.unsent)
    hidden = element("input", type="hidden", name="device", value=found.device)
    why = field(_("原因"), "reason", required=True, maxlength=100, autocomplete="off")
    form = asked.form_of("revoke", _HERE, hidden, why, element("button", _("停用"), class_="danger"), class_="bar")
    about = element("p", element("b", f"{found.place} {found.device}"))
    return Page(_("停用电脑"), [about, element("p", told), form, link(_("不停用，回到电脑"), _HERE)])


def do(asked: Asked, session: Session) -> Page:
    """What a form of `/stations` asks for: `code`, `withdraw` or `revoke`. Raises `DomainError`."""
    match asked.form.get("does"):
        case "code":
            return _make_code(asked, session)
        case "withdraw":
            one = devices.withdraw(session, asked.form.get("id", ""))
            _keep(asked, session, one.withdrawal)
            said = one.withdrawn_sentence()
        case "revoke":
            why = asked.form.get("reason", "").strip()
            if not why:
                raise Misused(_("请写明为什么停用。"))
            gone = devices.revoke(session, asked.form.get("device", ""))
            _keep(asked, session, _("停用 {device}：{reason}").format(device=gone.device, reason=why))
            said = gone.revoked_sentence()
        case _:
            raise Misused(_("不认识这个操作。"))
    page = stations(asked, session)
    return Page(page.title, [notice(said), *page.parts])


def _make_code(asked: Asked, session: Session) -> Page:
    typed = asked.form.get("place", "").strip()
    places = devices.places_meant(session, typed)
    if len(places) != 1:
        return _which(asked, typed, places)
    made = devices.make_code(session, places[0], role_of(places[0]))
    _keep(asked, session, made.act)
    told = _("这个注册码只显示这一次，请现在抄下来或打印。{until} 前有效，用一次。").format(until=clock.text(made.expires_at))
    parts = [element("p", made.place), element("p", made.code, class_="code"), notice(told, "warn"), link(_("回到电脑"), _HERE)]
    return Page(_("注册码"), parts)


def _which(asked: Asked, typed: str, places: list[str]) -> Page:
    """Asks which of several places of that name is meant."""
    if not places:
        said = _("地名表里没有「{text}」。请写全村名，或写 12 位（村）、9 位（乡镇）、6 位（县）代码。").format(text=typed[:40])
        return Page(_("注册码"), [notice(said, "warn"), link(_("回到电脑"), _HERE)], 404)
    buttons = [
        asked.form_of(
            "code",
            _HERE,
            element("input", type="hidden", name="place", value=code),
            element("button", divisions.full_name(code) or code, class_="plain"),
        )
        for code in places[:_MOST_PLACES]
    ]
    more = element("p", _("不在上面的，请把乡镇和村的名称写全，或者写代码。"))
    return Page(_("给哪里发注册码？"), [*buttons, more, link(_("回到电脑"), _HERE)])


def _keep(asked: Asked, session: Session, label: str) -> None:
    acts.keep(session, label, asked.user.author)
