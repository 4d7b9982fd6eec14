"""Commands about the county: init, enrol, sync, conflicts, held, audit."""

from __future__ import annotations

from typing import Any

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
    try:
        call.console.say(_("恢复码（忘记密码时用，请打印保存，只显示这一次）：{code}").format(code=code))
        value: dict[str, Any] = {"home": str(call.home), "device": store.station, "village": store.scope, "role": store.role}
    finally:
        store.close()
    return Answer(value, _("村站数据已建好：{home}").format(home=call.home))
