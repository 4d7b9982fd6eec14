"""The county's command serve."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress

from cli.county_access import opened
from cli.program import Answer, Call, Usage
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
