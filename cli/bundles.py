"""Commands for the exchange by USB stick, at a station and at the county, and over a local network: `courier`."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any

from cli.access import opened
from cli.console import picked
from cli.exchange import with_moves
from cli.program import REFUSED, Answer, Call, Usage
from db.county import County
from domain import divisions
from domain.words import _

if TYPE_CHECKING:
    from sync.county.bundle_intake import Taken


def bundle(call: Call) -> Answer:
    """Write the file to carry to the township or county, or read one that came back."""
    from sync.station.stick import reading, writing

    args = call.args
    if args.action == "write" and args.reply:
        raise Usage(_("--reply 只和 bundle read 一起用。"))
    if args.action == "read" and args.code:
        raise Usage(_("--code 只和 bundle write 一起用。"))
    with opened(call) as store:
        if args.action == "write":
            made = writing.write(store, call.target(args.file), code=args.code or "", progress=call.console.progress)
            text = _("{n} 条。回执码 {code}，乡镇或县里收到后念出来应该一样。").format(n=made.records, code=made.receipt)
            return Answer(asdict(made), made.sentence() + text)
        reply = call.target(args.reply, args.file) if args.reply else None
        result, moves = with_moves(store, lambda: reading.read(store, Path(args.file), reply=reply, progress=call.console.progress))
    done = result.exchange
    value = picked(done, "pushed pulled conflicts held")
    value |= {"joined": result.joined, "receipts": result.receipts, "carried": [asdict(one) for one in result.carried]}
    value |= {"answers": result.answers, "more": result.more, "refused": [str(error) for error in result.refused]}
    value |= {"moved": moves} if moves else {}
    return Answer(value, "\n".join((result.sentence(), *moves)), REFUSED if done.held or result.refused else 0)


def take_in(call: Call) -> Answer:
    """At the county: read a file and write the answer to carry back."""
    from cli.county_access import opened as opened_county
    from sync.county import bundle_intake
    from sync.county.keys import county_keys
    from sync.wire import bundle as files
    from sync.wire.words import RIGHTS

    lines: list[dict[str, Any]] = []
    codes: set[int] = set()

    def answers(county: County) -> Iterator[bytes]:
        for one in bundle_intake.take_all(county, county_keys(county), files.read_file(Path(call.args.file))):
            lines.append(_line(one))
            codes.add(0 if one.status == "ok" else 5 if one.status in RIGHTS else REFUSED)
            yield from (found.raw for found in one.written())

    reply = call.target(call.args.reply, call.args.file)
    with opened_county(call) as county:
        made = files.write_files(reply, answers(county))
    said = _("{place}（{device}）：{records} 条，回执码 {receipt}。{message}")
    text = [said.format(place=divisions.called(line["scope"]), **line) for line in lines]
    if made:
        names = _("、").join(str(path) for path, _size in made)
        text.append(_("答复写成 {n} 个文件：{names}。请带回去，在写 U 盘的电脑上读入。").format(n=len(made), names=names))
    return Answer(
        {
            "bundles": lines,
            "reply": str(call.args.reply),
            "replies": [str(path) for path, _size in made],
            "bytes": sum(size for _path, size in made),
        },
        "\n".join(text),
        codes.pop() if len(codes) == 1 else REFUSED,
    )


def _line(one: Taken) -> dict[str, Any]:
    from domain.codes import receipt_code
    from sync.wire.words import bundle_sentence

    index = one.bundle.index
    message = _("县里已收。") if one.status == "ok" else bundle_sentence(one.status)
    line = {"device": index.station, "scope": index.scope, "records": index.records}
    return line | {"receipt": receipt_code(one.bundle.sha256), "status": one.status, "message": message}


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
