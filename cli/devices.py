"""Commands of the county on stations: enrolment codes, devices, revocation."""

from __future__ import annotations

from dataclasses import asdict

from cli.console import table
from cli.program import Answer, Call
from cli.serving import opened
from domain.words import _
from server import devices as desk


def enrol(call: Call) -> Answer:
    """Make a one-time enrolment code."""
    with opened(call) as county, county.write() as session:
        made = desk.make_code(session, call.args.scope, call.args.role, call.args.uses, closed=call.args.closed)
        call.console.finish()
    text = _("注册码：{code}（{uses} 次，{until} 前有效）").format(code=made.code, uses=made.uses, until=made.expires_at)
    return Answer({"code": made.code, "expires_at": made.expires_at}, text)


def devices(call: Call) -> Answer:
    """Every device ever enrolled."""
    with opened(call) as county, county.read() as session:
        found = desk.devices(session)
    head = (_("电脑"), _("站点"), _("上次同步"), _("版本"), _("待上传"), _("疑似复制"), _("与县不同"), _("状态"))
    rows = [
        (d.device, d.place, d.last_sync, d.version, d.unsent, d.suspected, d.different, _("已停用") if d.revoked_at else "") for d in found
    ]
    return Answer([asdict(d) for d in found], table(head, rows) if found else _("还没有注册过的电脑。"))


def revoke(call: Call) -> Answer:
    """Take a device's right to exchange away."""
    with opened(call) as county, county.write() as session:
        found = desk.revoke(session, call.args.device)
        call.console.finish()
    return Answer(asdict(found), _("已停用 {device}。它还没上传的数据都在那台电脑上。").format(device=found.device))
