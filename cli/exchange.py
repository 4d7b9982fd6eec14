"""Commands about the county: init, enrol, sync, conflicts, held, audit."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict

from cli.access import opened
from cli.program import Answer, Call, Usage
from db.store import Store
from domain.errors import InputUnusable
from domain.words import _


def init(call: Call) -> Answer:
    """Make a station's store, and enrol it when a server and a code are given."""
    args = call.args
    if not args.user:
        raise Usage(_("缺少参数 {rest}").format(rest="--user"))
    if bool(args.server) != bool(args.code):
        raise Usage(_("--server 和 --code 要一起写。"))
    if not args.village.isascii():
        raise InputUnusable(_("站点代码应为数字。"))
    password = call.console.password(_("给 {user} 设密码（至少 8 位）：").format(user=args.user), twice=True)
    store, code = Store.create(call.home, scope=args.village, role=args.role, user=args.user, password=password)
    with closing(store):
        call.console.say(_("恢复码（忘记密码时用，请打印保存，只显示这一次）：{code}").format(code=code))
        if args.server:
            _enrol(store, call)
    value = {"home": str(call.home), "device": store.station, "village": store.scope, "role": store.role}
    return Answer(value, _("村站数据已建好：{home}").format(home=call.home))


def enrol(call: Call) -> Answer:
    """Join the county's server with a one-time code."""
    if not call.args.server or not call.args.code:
        raise Usage(_("--server 和 --code 要一起写。"))
    with opened(call) as store:
        device = _enrol(store, call)
    return Answer({"home": str(call.home), "device": device, "village": store.scope, "role": store.role}, _("已接入县服务器。"))


def _enrol(store: Store, call: Call) -> str:
    from sync.enrol import enrol

    return enrol(store, call.args.server, call.args.code)


def sync(call: Call) -> Answer:
    """One whole exchange with the county."""
    from sync.exchange import exchange

    with opened(call) as store:
        result = exchange(store, progress=call.console.progress)
    return Answer(asdict(result), result.sentence(), 1 if result.held else 0)
