"""Computers and enrolment codes: who came when, what waits there; a code for a new laptop, a lost one revoked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from secrets import token_hex
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from db import acts
from db.session import Session
from domain import clock, divisions, words
from domain.errors import Misused
from domain.scopes import level_of
from domain.words import N_, LazyText, _, lazy
from server import devices
from server.console import accounts
from server.console.answers import Asked, Next
from server.console.markup import Page, Part, address, choice, element, empty, field, link, notice, table
from services.forms import slips as paper
from sync.county.acts.authoring import county_scopes
from sync.wire.link import is_loopback, server_url

_HERE = address("/stations")
_MOST_PLACES = 8
_MARKS: Mapping[str, str] = {"unsent": N_("待上传"), "suspected": N_("疑似复制"), "different": N_("与县不同"), "early": N_("先到")}
"""The figures of a computer by which the list is filtered."""
_ALSO = ("role", "server", "again")
"""What else the form for the codes of a whole township says."""
_MOST_DIGITS = 16


def stations(asked: Asked, session: Session) -> Page:
    """`/stations`: the computers, when asked those away for `late` days, of a `place` or with `only` one of `_MARKS`; the open codes."""
    late, place, only = asked.number("late", 0, 3650), asked.text("place"), asked.text("only")
    listed = [one for one in devices.devices(session, late or None) if _of(one.scope, place) and _marked(one, only)]
    found = devices.with_users(session, listed)
    heading = _("{n} 天没来过的电脑").format(n=late) if late else _("电脑和注册码")
    counted = element("p", _("共 {n} 台").format(n=f"{len(found):,}")) if found else None
    down = element("p", link(_("注册码"), "#codes"), class_="files") if found else None
    return Page(heading, [_search(late, place, only), down, _listed(asked, found), counted, *_codes(asked, session)])


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
    head = [_("站点"), _("电脑"), _("谁在用"), _("上次同步"), _("版本"), _("待上传"), _("疑似复制"), _("与县不同"), _("先到"), _("状态")]
    rows = [
        [
            one.place or one.scope,
            one.device,
            one.users,
            clock.text(one.last_sync) or _("还没有"),
            one.version or "",
            one.unsent,
            one.suspected,
            one.different,
            one.early,
            _("已停用") if one.revoked_at else _revocable(asked, one),
        ]
        for one in found
    ]
    return table(head, rows, numeric=(5, 6, 7, 8)) if rows else empty(_("没有这样的电脑。"))


def _revocable(asked: Asked, one: devices.Device) -> Part:
    return link(_("停用…"), address("/stations/revoke", device=one.device)) if asked.user.acts else _("在用")


def _codes(asked: Asked, session: Session) -> Iterator[Part]:
    yield element("h2", _("注册码"), id="codes")
    if asked.user.acts:
        yield _one_form(asked)
        yield _all_form(asked, session)
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


def _one_form(asked: Asked) -> Element:
    where = field(_("村、乡镇或县的名称或代码"), "place", required=True, autocomplete="off")
    return asked.form_of("code", _HERE, _once(asked), where, element("button", _("发一个注册码")), class_="bar")


def _all_form(asked: Asked, session: Session) -> Element:
    """Asks for the codes of a whole township or county."""
    counties = county_scopes(session)
    towns = [(town, divisions.called(town)) for county in counties for town in divisions.children(county)]
    levels = [("village", _("每个村")), ("township", _("每个乡镇"))]
    where = choice(_("乡镇或县"), "place", [*towns, *((county, divisions.called(county)) for county in counties)])
    parts = (
        where if towns else field(_("乡镇或县的名称或代码"), "place", required=True, autocomplete="off"),
        choice(_("给谁发"), "role", levels, "village"),
        field(_("纸条上的服务器地址"), "server", "" if is_loopback(urlsplit(asked.base).hostname or "") else asked.base),
        element("label", element("input", type="checkbox", name="again", value="1"), " ", _("发过没用的收回重发"), class_="tick"),
        element("button", _("给没有电脑的各发一个")),
    )
    return asked.form_of("codes", _HERE, _once(asked), *parts, class_="bar")


def _once(asked: Asked) -> Element:
    """A number of this form: sent again, it makes no other code."""
    return element("input", type="hidden", name="once", value=asked.form.get("once") or token_hex(8))


def _withdrawable(asked: Asked, one: devices.OpenCode) -> Part:
    if not asked.user.acts:
        return ""
    hidden = element("input", type="hidden", name="id", value=one.id)
    return asked.form_of("withdraw", _HERE, hidden, element("button", _("收回"), class_="plain"))


def revoking(asked: Asked, session: Session) -> Page:
    """`/stations/revoke`: asks before a computer is revoked."""
    found = next((one for one in devices.devices(session) if one.device == asked.text("device")), None)
    if found is None or found.revoked_at or not asked.user.acts:
        said, status = (_("没有这台在用的电脑。"), 404) if asked.user.acts else (_("您的账号只能看，不能停用电脑。"), 403)
        return Page(_("停用电脑"), [notice(said, "warn"), link(_("回到电脑"), _HERE)], status)
    told = _("停用以后，这台电脑不能再和县里交换，也不再显示完整号码；找回来以后可以重新注册。")
    if found.unsent:
        told += _("它还没上传的 {n} 条改动都留在那台电脑上，不会丢。").format(n=found.unsent)
    hidden = element("input", type="hidden", name="device", value=found.device)
    why = field(_("原因"), "reason", required=True, maxlength=100, autocomplete="off")
    form = asked.form_of("revoke", _HERE, hidden, why, element("button", _("停用"), class_="danger"), class_="bar")
    about = element("p", element("b", f"{found.place} {found.device}"))
    return Page(_("停用电脑"), [about, element("p", told), form, link(_("不停用，回到电脑"), _HERE)])


def do(asked: Asked, session: Session) -> Page | Next:
    """What a form of `/stations` asks for: `code`, `codes`, `withdraw` or `revoke`. Raises `DomainError`."""
    match asked.form.get("does"):
        case "code":
            return _make_code(asked, session)
        case "codes":
            return _make_codes(asked, session)
        case "withdraw":
            one = devices.withdraw(session, asked.form.get("id", ""))
            _keep(asked, session, one.withdrawal)
            return Next("/stations", one.withdrawn_sentence())
        case "revoke":
            why = asked.form.get("reason", "").strip()
            if not why:
                raise Misused(_("请写明为什么停用。"))
            gone = devices.revoke(session, asked.form.get("device", ""))
            _keep(asked, session, lazy("停用 {device}：{reason}", device=gone.device, reason=why))
            return Next("/stations", gone.revoked_sentence())
        case _:
            raise Misused(_("不认识这个操作。"))


def _make_code(asked: Asked, session: Session) -> Page | Next:
    typed = asked.form.get("place", "").strip()
    places = devices.places_meant(session, typed)
    if len(places) != 1:
        return _which(asked, typed, places)
    once, place = _number(asked.form), places[0]
    secrets = _secrets(asked, session, once, place)
    other = devices.other_county(session, place)
    if not devices.was_made(session, secrets):
        made = devices.make_code(session, place, level_of(place), secret=secrets[place])
        _keep(asked, session, made.act)
    return Next("/stations/codes", other, {"once": once, "place": place})


def _make_codes(asked: Asked, session: Session) -> Page | Next:
    typed, role = asked.form.get("place", "").strip(), asked.form.get("role", "village")
    places = devices.places_meant(session, typed)
    if len(places) != 1:
        return _which(asked, typed, places)
    once, server = _number(asked.form), asked.form.get("server", "").strip()
    query = {"once": once, "place": places[0], "role": role, "server": server_url(server) if server else ""}
    secrets = _secrets(asked, session, once, places[0], role)
    if devices.was_made(session, secrets):
        return Next("/stations/codes", "", query)
    other = devices.other_county(session, places[0])
    found = devices.make_codes(session, places[0], role, again=bool(asked.form.get("again")), secret=secrets.get)
    for gone in found.withdrawn:
        _keep(asked, session, gone.withdrawal)
    for made in found.made:
        _keep(asked, session, made.act)
    said = [_("发了 {n} 个注册码，各用一次。").format(n=len(found.made)) if found.made else _("没有要发的。")]
    if other and found.made:
        said.append(other)
    if found.withdrawn:
        said.append(_("早先发的 {n} 个收回了，旧纸条不能再用。").format(n=len(found.withdrawn)))
    if found.waiting:
        said.append(_("{n} 处早先发的还能用，没有另发。").format(n=len(found.waiting)))
    if found.enrolled:
        said.append(_("{n} 处已有电脑，没有发。").format(n=len(found.enrolled)))
    text = ("" if words.language() == "zh" else " ").join(said)
    return Next("/stations/codes" if found.made else "/stations", text, query if found.made else {})


def _number(form: Mapping[str, str]) -> str:
    once = form.get("once", "")
    if not (once.isascii() and once.isalnum() and len(once) <= _MOST_DIGITS):
        raise Misused(_("不认识这个操作。"))
    return once


def _secrets(asked: Asked, session: Session, once: str, place: str, role: str = "") -> dict[str, bytes]:
    """The secrets of the codes that a form makes, by scope: for the place itself, or with `role` for those below it."""
    places = [place] if not role else devices.places_of(session, place, role)
    return {scope: accounts.secret_once(session, asked.user, once, scope) for scope in places}


def slips(asked: Asked, session: Session) -> Page:
    """`/stations/codes`: the code or codes that a form made in this session, to be printed and cut. Reloading it makes no others."""
    secrets = _secrets(asked, session, _number(asked.query), asked.text("place"), asked.text("role")) if asked.user.acts else {}
    found = devices.made_of(session, secrets)
    if not found:
        return Page(
            _("注册码"), [notice(_("这些注册码不能再显示了：已经用掉、收回，或者重新登录过。"), "warn"), link(_("回到电脑"), _HERE)], 404
        )
    told = _("退出以后不能再显示，请现在抄下来或打印、剪开。{until} 前有效，各用一次。").format(until=clock.text(found[0].expires_at))
    server = asked.text("server") or ("" if is_loopback(urlsplit(asked.base).hostname or "") else asked.base)
    back = element("p", link(_("回到电脑"), _HERE), class_="back")
    return Page(_("注册码"), [notice(told, "warn"), back, *(_slip(one, server) for one in found)])


def _slip(made: devices.Code, server: str) -> Element:
    name = "".join(divisions.names_in_county(made.scope)) or divisions.called(made.scope)
    one = paper.Slip(name, made.scope, made.code, made.id, clock.text(made.expires_at))
    with words.chinese():
        steps = element("ol", *(element("li", step) for step in paper.steps(one)))
    head = element("h2", f"村站通　加入县服务器　{name}")
    where = element("p", "服务器地址：", element("b", server or "　" * 12))
    return element("section", head, element("p", made.place), where, element("p", made.code, class_="code"), steps, class_="slip")


def _which(asked: Asked, typed: str, places: list[str]) -> Page:
    """Asks which of several places of that name is meant."""
    if not places:
        said = _("地名表里没有「{text}」。请写全村名，或写 12 位（村）、9 位（乡镇）、6 位（县）代码。").format(text=typed[:40])
        return Page(_("注册码"), [notice(said, "warn"), link(_("回到电脑"), _HERE)], 404)
    buttons = [
        asked.form_of(
            asked.form.get("does", "code"),
            _HERE,
            _once(asked),
            *(element("input", type="hidden", name=name, value=asked.form[name]) for name in _ALSO if asked.form.get(name)),
            element("input", type="hidden", name="place", value=code),
            element("button", divisions.full_name(code) or code, class_="plain"),
        )
        for code in places[:_MOST_PLACES]
    ]
    more = element("p", _("不在上面的，请把乡镇和村的名称写全，或者写代码。"))
    return Page(_("给哪里发注册码？"), [*buttons, more, link(_("回到电脑"), _HERE)])


def _keep(asked: Asked, session: Session, label: LazyText) -> None:
    acts.keep(session, label, asked.user.author)
