"""What a public notice showed of a claim (decision 064): kept as the opinion of the step that put the claim on notice, which nobody can
change afterwards, which travels with the claim and is erased with the person.

A notice that is repeated without a new review takes no step. It shows the same line again; only the county, which may have corrected the
claim meanwhile, shows today's, and keeps that among the claim's facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from db import changes
from db.session import Session
from domain import claims as path
from domain.grouping import by_key
from domain.money import yuan_grouped
from domain.notices import NoticeItem
from domain.records import Claim, Notice
from domain.words import _
from services.claims.claims import steps_of

_SIGN: Final = "｜"
_FIRST: Final = "公示内容："
_TEXT: Final = re.compile(f"{_FIRST}(.*){_SIGN}(.*){_SIGN}(.*){_SIGN}([0-9,]+)\\.([0-9]{{2}}) 元{_SIGN}(.*){_SIGN}(.*)")
_OF_THE_WALL: Final = ("start", "days", "day_kind", "place", "phone")
"""The fields of a notice that are printed on it."""
_MOST: Final = 20
"""Claims whose differences are listed."""


def text(line: NoticeItem) -> str:
    """A line as it is kept, in Chinese as on the notice."""
    cells = (line.name, line.village, line.item, f"{yuan_grouped(line.amount)} 元", line.place, line.months)
    return _FIRST + _SIGN.join(" ".join(cell.replace(_SIGN, "|").split()) for cell in cells)


def read(kept: str | None) -> NoticeItem | None:
    """The line in a kept text; None where there is none."""
    hit = _TEXT.fullmatch(kept or "")
    if hit is None:
        return None
    name, village, item, yuan, fen, place, months = hit.groups()
    return NoticeItem(0, name, village, item, int(yuan.replace(",", "") + fen), place, months)


def keep(session: Session, claim: Claim, notice_id: str, line: NoticeItem) -> None:
    """Keep the line of a repeated notice of the county."""
    facts = claim.facts if isinstance(claim.facts, dict) else {}
    repeated = {**_texts(claim), notice_id: text(line)}
    changes.update(session, "claim", claim.id, {"facts": {**facts, path.POSTED: repeated}})


def judged(session: Session, claim: Claim, reasons: Sequence[Any]) -> dict[str, Any]:
    """The facts of a claim that is judged anew today, with the papers that are kept among them."""
    facts = claim.facts if isinstance(claim.facts, dict) else {}
    return {"on": session.today, "reasons": reasons} | {key: facts[key] for key in (path.POSTED, path.SUBMITTED) if key in facts}


def lines(session: Session, notice: Notice, claims: Sequence[Claim]) -> dict[str, NoticeItem]:
    """The lines that a notice showed, by claim id; claims for which none was kept are left out."""
    until = notice.created_at or session.at
    kept = latest(session, notice.level, claims, until)
    own = {claim.id: line for claim in claims if (line := read(_texts(claim).get(notice.id))) is not None}
    return kept | own


def latest(session: Session, level: str, claims: Sequence[Claim], until: str) -> dict[str, NoticeItem]:
    """The lines that were kept when the claims were last put on notice at a level, by claim id."""
    taken = steps_of(session, (claim.id for claim in claims))
    found = {}
    for claim in claims:
        put_on = (step for step in reversed(taken.get(claim.id, ())) if step.to_state == path.NOTICES[level])
        last = next((step for step in put_on if step.at <= until), None)
        line = read(last.opinion) if last is not None else None
        if line is not None:
            found[claim.id] = line
    return found


def _texts(claim: Claim) -> Mapping[str, Any]:
    facts = claim.facts if isinstance(claim.facts, dict) else {}
    found = facts.get(path.POSTED)
    return found if isinstance(found, dict) else {}


def remarks(now: Mapping[str, NoticeItem], kept: Mapping[str, NoticeItem], absent: int) -> Iterator[str]:
    """What the reader of a notice has to know: which lines are not as posted, and where the records differ today. `now`: today's lines by
    claim id; `absent`: how many claims are not here any more."""
    unkept = [line for id, line in now.items() if id not in kept]
    if unkept and len(unkept) == len(now):
        yield _("没有留存当时公示的内容，以上按现在的登记打印。")
    elif unkept:
        names = _("、").join(line.name for line in unkept[:_MOST])
        yield _("其中 {n} 笔没有留存当时公示的内容，按现在的登记打印：{names}。").format(n=len(unkept), names=names)
    if absent:
        yield _("另有 {n} 笔的记录已不在本站，没有列入。").format(n=absent)
    told = [f"{was.name}：{what}" for id, was in kept.items() if (what := _("，").join(differences(was, now[id])))]
    if told:
        more = _("；等 {n} 笔").format(n=len(told)) if len(told) > _MOST else ""
        yield _("以上是当时公示的内容，与现在的登记不同：{what}。").format(what=_("；").join(told[:_MOST]) + more)


def edited(session: Session, notice: Notice) -> list[tuple[str, changes.Change]]:
    """What of the notice itself is another one than it was posted with, in words, and the last change of it. Its lines are above."""
    told: dict[str, list[changes.Change]] = by_key(
        (one.field, one) for one in changes.history(session, Notice, notice.id) if one.what == "U"
    )
    found = []
    for f in (Notice.KIND.by_name[name] for name in _OF_THE_WALL if name in told):
        old, new = (f.show(value) or _("空") for value in (told[f.name][0].old, notice[f.name]))
        if old != new:
            found.append((_("{what}由 {old} 改为 {new}").format(what=_(f.label), old=old, new=new), told[f.name][-1]))
    return found


def differences(was: NoticeItem, now: NoticeItem) -> Iterator[str]:
    """What of a line is another one today."""
    fen = (yuan_grouped(was.amount), yuan_grouped(now.amount))
    pairs = {_("姓名"): (was.name, now.name), _("村（组）"): (was.village, now.village), _("项目"): (was.item, now.item)}
    pairs |= {_("金额"): fen, _("务工地"): (was.place, now.place), _("起止"): (was.months, now.months)}
    for what, (old, new) in pairs.items():
        if old != new:
            yield _("{what} {old}，现在 {new}").format(what=what, old=old or _("空"), new=new or _("空"))


def numbered(listed: Sequence[NoticeItem]) -> list[NoticeItem]:
    """The lines with their numbers."""
    return [replace(line, number=n) for n, line in enumerate(listed, 1)]
