"""Commands on the exchange with the county: init, enrol, sync, conflicts, held."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from typing import Any, TypeVar

from cli.access import json_value, log_view, opened, reason, saving, viewed
from cli.console import picked, table
from cli.program import REFUSED, Answer, Call, Usage
from db import conflicts as disputes
from db import exchange as county
from db import held as waiting
from db.conflicts import Conflict
from db.held import Held
from db.session import Session
from db.store import Store
from domain import clock, divisions
from domain.errors import CunzhanError
from domain.fields import KINDS, kind_of
from domain.words import _, lazy
from services import departures
from services.lists.titles import field_text, titles

T = TypeVar("T")
_WIDEST = 400
"""A reason is shown in full: it says what to do."""


def init(call: Call) -> Answer:
    """Create a station's store, and enrol it if a server and a code are given."""
    args = call.args
    if bool(args.server) != bool(args.code):
        raise Usage(_("--server 和 --code 要一起写。"))
    if args.code:
        from sync.wire.trust import split_code

        split_code(args.code)  # validate it before creating a store, which would obstruct another try
    password = call.console.password(_("给 {user} 设密码（至少 8 位）：").format(user=args.user), twice=True)
    store, code = Store.create(call.home, scope=args.village, role=args.role, user=args.user, password=password)
    with closing(store):
        call.console.say(_("恢复码（忘记密码时用，请打印保存，只显示这一次）：{code}").format(code=code))
        place = divisions.full_name(store.scope)
        if place is None:  # it will be part of every record, and cannot be changed
            call.console.say(_("地名表里没有 {scope}。以后改不了：写错了请另建一个文件夹，不要接着用。").format(scope=store.scope))
        if args.server:
            _enrol_new(store, call)
    value = {"home": str(call.home), "device": store.station, "village": store.scope, "role": store.role}
    return Answer(value, _("{place}的村站数据已建好：{home}").format(place=place or store.scope, home=call.home))


def enrol(call: Call) -> Answer:
    """Join the county's server with a one-time code."""
    with opened(call) as store:
        device = _enrol(store, call)
    return Answer({"home": str(call.home), "device": device, "village": store.scope, "role": store.role}, _("已加入县服务器。"))


def _enrol_new(store: Store, call: Call) -> None:
    """Enrol a store just created. If the county refuses, the store stays, with a message on what to do."""
    try:
        _enrol(store, call)
    except CunzhanError:
        call.console.say(_("村站数据已建好，只是还没有在县里注册。以后运行 cunzhan enrol --server URL --code CODE 接着注册。"))
        raise


def _enrol(store: Store, call: Call) -> str:
    from sync.station.enrol import enrol

    return enrol(store, call.args.server, call.args.code)


def sync(call: Call) -> Answer:
    """Run a complete exchange with the county."""
    from sync.station.exchange import exchange

    with opened(call) as store:
        result, moves = with_moves(store, lambda: exchange(store, progress=call.console.progress))
    value = result.figures() | ({"moved": moves} if moves else {})
    return Answer(value, "\n".join((result.sentence(), *moves)), REFUSED if result.held else 0)


def with_moves(store: Store, work: Callable[[], T]) -> tuple[T, list[str]]:
    """The result of an exchange, and sentences about what the county moved away from here."""
    with store.read() as session:
        read = county.cursors(session).get(session.scope, 0)
    done = work()
    with store.read() as session:
        return done, departures.sentences(session, read)


def conflicts(call: Call) -> Answer:
    """List conflicts, or resolve one with `resolve ID --keep …`."""
    args = call.args
    if (args.id or args.keep) if args.action is None else (not args.id or args.keep is None):
        raise Usage(_("定夺请写：conflicts resolve ID --keep mine|theirs|VALUE"))
    if args.id == "all":
        return _resolve_all(call)
    why = reason(call)
    with opened(call) as store:
        if args.action is not None:
            with store.write(lazy("定夺不一致的改动")) as session:
                disputes.resolve(session, args.id, args.keep)
                call.console.finish()
        log_view(store, "conflicts", why)
        with store.read() as session:
            found = disputes.conflicts(session, settled=args.all or args.action is not None)
            rows = [_conflict_row(session, c, plain=why is not None) for c in found if args.action is None or c.id == args.id]
    if args.action is not None:
        found = [c for c in found if c.id == args.id]
    head = (_("编号"), _("类型"), _("记录"), _("字段"), _("本站的值"), _("另一个值"), _("谁"), _("时间"), _("状态"))
    return Answer([_conflict(c, plain=why is not None) for c in found], table(head, rows) if found else _("没有不一致的地方。"))


def _resolve_all(call: Call) -> Answer:
    if call.args.keep not in ("mine", "theirs"):
        raise Usage(_("全部一起定夺只能写：conflicts resolve all --keep mine|theirs"))
    with saving(call, lazy("定夺不一致的改动")) as session:
        done = disputes.resolve_all(session, call.args.keep)
        left = disputes.open_count(session)
    text = _("已定夺 {n} 处，还有 {left} 处不归本站定。").format(n=done, left=left) if left else _("已定夺 {n} 处。").format(n=done)
    return Answer({"resolved": done, "open": left}, text)


def _conflict(found: Conflict, *, plain: bool) -> dict[str, Any]:
    def said(value: Any) -> Any:
        return json_value(found.declaration, value, plain=plain) if found.declaration else value

    values = {"mine": said(found.mine), "theirs": said(found.theirs), "base": said(found.base)}
    return picked(found, "id kind record_id field") | values | picked(found, "by at state")


def _conflict_row(session: Session, found: Conflict, *, plain: bool) -> tuple[str, ...]:
    f = found.declaration
    label = _(f.label) if f else _("删除")
    mine, theirs = (
        field_text(session, f, value) if f is not None and f.ref else found.show(value, plain=plain) for value in (found.mine, found.theirs)
    )
    if found.sort == "parent":
        theirs = _("它所属的记录已被删除")
    states = {"open": _("待核"), "info": _("已采用后者"), "settled": _("已定夺")}
    about = titles(session, found.kind, [found.record_id]).get(found.record_id, "")
    return (found.id, _(kind_of(found.kind).label), about, label, mine, theirs, found.by, clock.text(found.at), states[found.state])


def held(call: Call) -> Answer:
    """List changes held here or at the county, with reasons; or release one of them, or all that can be."""
    args = call.args
    if (args.action is None) != (args.id is None):
        raise Usage(_("放行请写：held release ID，或 held release all"))
    if args.action is not None:
        return _release(call)
    with viewed(call, "held") as (session, plain):
        return held_answer(session, plain=plain)


def _release(call: Call) -> Answer:
    from sync.station import releasing

    with saving(call, lazy("放行搁置的改动")) as session:
        if call.args.id == "all":
            done = releasing.release_all(session, waiting.held(session))
        else:
            releasing.release(session, releasing.find(session, call.args.id))
            done = 1
        left = waiting.count(session)
    return Answer(
        {"released": done, "held": left}, _("已放行 {n} 条，还搁置 {left} 条。").format(n=done, left=left), REFUSED if left else 0
    )


def held_answer(session: Session, *, plain: bool) -> Answer:
    """The held changes of a station's or the county's database."""
    from services.lists.titles import of_held
    from sync.station.releasing import key_of
    from sync.wire.words import reason as why_held

    found = waiting.held(session)
    over = {key_of(h) for h in waiting.overtaken(session, found)}
    why = {key_of(h): waiting.over_text() if key_of(h) in over else why_held(h.reason) for h in found}
    value = [{"id": key_of(h), **_held(h, why[key_of(h)], plain=plain), "over": key_of(h) in over} for h in found]
    named = zip(found, of_held(session, found), strict=True)
    rows = [(key_of(h), _kind_word(h.kind), name or h.record_id[:8], h.by, clock.text(h.at), why[key_of(h)]) for h, name in named]
    head = (_("编号"), _("类型"), _("记录"), _("谁"), _("时间"), _("原因"))
    return Answer(value, table(head, rows, most=_WIDEST) if found else _("没有搁置的改动。"))


def _kind_word(name: str) -> str:
    return _(KINDS[name].label) if name in KINDS else name


def _held(found: Held, message: str, *, plain: bool) -> dict[str, Any]:
    kind = KINDS.get(found.kind)
    values = {
        name: json_value(kind.by_name[name], value, plain=plain) if kind and name in kind.by_name else value if plain else "***"
        for name, value in found.values.items()
    }
    return {**asdict(found), "values": values, "message": message}
