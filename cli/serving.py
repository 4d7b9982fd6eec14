"""The county's commands on its database: serve, export, migrate, check."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from dataclasses import asdict

from cli.access import kind_named, reason
from cli.county_access import opened, unwritable, viewing
from cli.program import FAULT, Answer, Call, Usage
from domain.errors import StoreDamaged
from domain.release import FETCHED
from domain.words import _


def serve(call: Call) -> Answer:
    """Serve until Ctrl-C or a termination signal."""
    from server.serve import reachable
    from server.serve import serve as run
    from server.status import standing

    if not 0 <= call.args.port <= 65535 or not 1 <= call.args.workers <= 64:
        raise Usage(_("端口应在 0 到 65535，进程数应在 1 到 64。"))

    def ready(url: str) -> None:
        call.console.print(f'{{"url": "{url}"}}' if call.args.json else _("县服务器：{url}（Ctrl-C 停止）").format(url=url))
        reached = reachable(url)
        if reached:
            call.console.say(_("各站填的地址：{urls}").format(urls=_("，或 ").join(reached)))

    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    with opened(call, founding=True) as county, suppress(KeyboardInterrupt):
        with county.read() as session:
            message = standing(session).restored_sentence()
        if message:
            call.console.say(message)
        run(county, call.args.host, call.args.port, call.home / FETCHED, workers=call.args.workers, ready=ready)
    return Answer(None, silent=True)


def export(call: Call) -> Answer:
    """Export the county's records, as at a station. Showing secrets is logged in the county's database."""
    from cli.rosters import ALL, written

    kind = call.args.kind if call.args.kind == ALL else kind_named(call.args.kind).name
    why = reason(call)
    with opened(call) as county:
        viewing(county, f"export {kind}", why)
        with county.read() as session:
            return written(call, session, kind, plain=why is not None)


def migrate(call: Call) -> Answer:
    """Create or upgrade the schema (which opening the database does) and print its version."""
    from db.upgrade import version

    with opened(call, founding=True) as county, county.read() as session:
        found = version(session.conn)
    return Answer({"version": found}, _("数据库结构是最新的（{version}）。").format(version=found))


def check(call: Call) -> Answer:
    """Check every page of the database, every log entry (position, hash, signature and author's chain) and every file."""
    from cli.audit import spoilt_text
    from db import contents
    from db.backup import sound
    from sync.county.keys import county_keys
    from sync.replica.audit import verify

    with opened(call) as county:
        keys = county_keys(county)
        with county.read() as session:
            pages = sound(session)
            found, spoilt = verify(session, keys.public), contents.spoilt(session)
        full = unwritable(county)
    sealed = pages and found.ok
    ok = sealed and not spoilt
    value = {**asdict(found), "ok": ok, "pages": pages, "writable": not full, "spoilt": [id for _scope, id in spoilt]}
    text = (_("数据库完好，{n} 批都与封存时一样。") if sealed else _("数据库不完好：{bad}")).format(
        n=found.entries, bad=found.first_bad or "pages"
    )
    text += spoilt_text(spoilt)
    if ok and found.erased:
        text += _("其中 {erased} 批的个人信息已按规定删除。").format(erased=found.erased)
    code = StoreDamaged.exit_code if not ok else FAULT if full else 0
    return Answer(value, "　".join(filter(None, (text, full))), code)
