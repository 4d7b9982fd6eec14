"""What administrators did, and who saw unmasked data at the county. Numbers that somebody wrote into a reason are masked."""

from __future__ import annotations

from db import acts, unmasked
from db.session import Session
from domain import clock
from domain.identity import mask_inside
from domain.words import _
from server.console.asked import Asked
from server.console.markup import Page, element, empty, table

_MOST = 200


def done(_asked: Asked, session: Session) -> Page:
    """`/acts`: the latest acts and views."""
    did = [[clock.text(one.at), one.by, mask_inside(one.label)] for one in acts.latest(session, _MOST)]
    saw = [[clock.text(one.at), one.by, one.what, mask_inside(one.reason)] for one in unmasked.views(session, _MOST)]
    return Page(
        _("操作记录"),
        [
            table([_("时间"), _("谁"), _("做了什么")], did) if did else empty(_("还没有操作。")),
            element("h2", _("看过、导出过完整号码")),
            table([_("时间"), _("谁"), _("内容"), _("原因")], saw) if saw else empty(_("没有人看过。")),
            element("p", _("各列出最近 {most} 条，更早的用 cunzhan-server audit 看。").format(most=_MOST))
            if _MOST in (len(did), len(saw))
            else None,
        ],
    )
