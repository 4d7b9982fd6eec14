"""`courier`: the exchange over a local network. A township receives for a while; a village hands in and fetches."""

from __future__ import annotations

import json
import signal
import sys
from contextlib import suppress
from time import sleep

from cli.access import opened
from cli.console import picked
from cli.exchange import with_moves
from cli.program import REFUSED, Answer, Call, Usage
from domain.words import _

_LOOK = 0.5


def courier(call: Call) -> Answer:
    """`serve` at the township, `send` at the village."""
    if call.args.action == "serve":
        if call.args.code:
            raise Usage(_("--code 只和 courier send 一起用。"))
        return _serve(call)
    if not call.args.code:
        raise Usage(_("请写乡镇屏幕上的六位码：courier send --code CODE"))
    return _send(call)


def _serve(call: Call) -> Answer:
    """Receive until Ctrl-C, a termination signal, or half an hour without a visitor."""
    from sync.station.lan.receiver import Receiver

    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    with opened(call) as store:
        at = Receiver(store, host=call.args.address)
        message = _("收件开着。地址 {addresses}，六位码 {code}（Ctrl-C 关闭）").format(
            addresses=_("，或 ").join(at.addresses), code=at.code
        )
        call.console.print(json.dumps({"addresses": at.addresses, "code": at.code}) if call.args.json else message)
        shown = 0
        try:
            with suppress(KeyboardInterrupt):
                while not at.standing.closed:
                    sleep(_LOOK)
                    for one in at.standing.arrived[shown:]:
                        shown += 1
                        call.console.say(_("已收 {scope}：{n} 条，回执 {code}").format(scope=one.scope, n=one.records, code=one.code))
        finally:
            at.close()
    return Answer(None, silent=True)


def _send(call: Call) -> Answer:
    from sync.station.lan.handing_in import hand_in

    with opened(call) as store:
        args = call.args
        done, moves = with_moves(store, lambda: hand_in(store, args.address, args.code, progress=call.console.progress))
    taken, read = done.read.exchange, done.read
    value = {"records": done.records, "receipt": done.receipt, "receipts": read.receipts, "answered": read.answered}
    value |= picked(taken, "pushed pulled conflicts held")
    value |= {"refused": [str(error) for error in read.refused]} | ({"moved": moves} if moves else {})
    return Answer(value, "\n".join((done.sentence(), *moves)), REFUSED if taken.held or read.refused else 0)
