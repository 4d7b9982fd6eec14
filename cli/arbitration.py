"""`cunzhan-server arbitrate`: resolves competing claims to one benefit across all stations."""

from __future__ import annotations

from functools import partial

from cli.console import table
from cli.county_access import acted, opened
from cli.program import Answer, Call
from domain.errors import Stopped
from domain.words import _
from server import rulings
from services import policies
from services.claims import arbitration
from services.claims.arbitration import Ruling
from sync.county.keys import county_keys


def arbitrate(call: Call) -> Answer:
    """Arbitrate the year's claims; running it again changes nothing. Stations learn of refusals at their next exchange."""
    year = call.args.year
    with opened(call) as county:
        keys = county_keys(county)
        with county.read() as session:
            packs = policies.in_use((), policies.known_at(call.home, bytes(keys.signing.verify_key), session))
            found = arbitration.rulings(session, year, packs, call.console.progress)
            refused = sum(len(arbitration.still_open(session, ruling)) for ruling in found if ruling.winner is not None)
        value = [ruling.to_json() for ruling in found]
        if call.args.dry_run:
            return Answer(value, f"{_summary(found, refused)}\n\n{_('试算，没有改动任何内容。')}" if found else _none(year))
        if refused and call.console.answers:
            call.console.say(_summary(found, refused))
            if not call.console.agreed(_("要这样裁定吗？输入 是 再按回车；直接回车不裁定。")):
                raise Stopped(_("什么都没有改变。"))
        call.console.finish()
        settle = partial(rulings.settle, keys=keys, year=year)
        refused = sum(acted(county, partial(settle, part)) for part in rulings.parts(found))
    return Answer(value, _summary(found, refused) + _("各站下次同步时知道。") if found else _none(year))


def _none(year: int) -> str:
    return _("{year} 年没有重复申报，一笔也没有改。").format(year=year)


def _summary(found: list[Ruling], refused: int) -> str:
    recover = sum(loser.paid for ruling in found for loser in ruling.losers)
    open_ones = sum(ruling.winner is None for ruling in found)
    text = _("重复申报 {n} 组：不予通过或减月退回 {refused} 笔，已拨付待追回 {recover} 笔，还要先核定的 {open} 组。")
    lines = [text.format(n=len(found), refused=refused, recover=recover, open=open_ones)]
    if found:
        rows = [(r.rule, r.winner or _("待核定"), " ".join(one.claim_id for one in r.losers) or " ".join(r.undecided)) for r in found]
        lines.append(table((_("项目"), _("享受的申请"), _("重复的申请")), rows, most=80))
    return "\n\n".join(lines)
