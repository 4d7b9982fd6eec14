"""`report seal`, `report sealed`, `report verify`: monthly reports preserved as they were handed in."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from cli.access import opened, saving
from cli.console import picked, table
from cli.program import REFUSED, Answer, Call, Usage
from db.session import Session
from domain import clock
from domain.divisions import called
from domain.words import _, lazy
from services import attachments
from services.reports import completeness, sealing
from services.reports.monthly import MEASURES
from services.reports.sealed import Sealed, Signer
from services.reports.sealed_since import reasons
from services.reports.sealing import Difference, Handed
from services.standing import names

_MAX_NAMED = 20
"""Most people named for one difference; `--json` names all."""


def signer(session: Session) -> Signer | None:
    """The signer for this station."""
    from sync.station.report_keys import signing

    found = signing(session)
    return None if found is None else Signer(*found)


def seal(call: Call) -> Answer:
    """Hand in a month's report: seal it as it is now."""
    month = _month(call)
    with saving(call, lazy("报出 {month} 月报", month=month)) as session:
        id = sealing.seal(session, month, home=call.home, signer=signer(session), correcting=call.args.corrections)
        one, _data = sealing.opened(session, id)
        lacks = completeness.unfinished(session, month)
        same = sealing.same_as_before(session, id)
    message = _("{month} 月报已报出，封存号 {sha}。同步以后县里也有一份；存为文件：cunzhan report sealed FILE.xlsx --month {month}")
    value = {"id": id, "month": month, "sha256": one.sha256, "signed": one.signed, "corrections": len(one.facts["corrections"])}
    said = message.format(month=month, sha=one.sha256[:16]) + ("\n" + _("注意：{text}").format(text=lacks) if lacks else "")
    return Answer(value | {"unfinished": lacks, "unchanged": bool(same)}, said + unchanged(same))


def unchanged(at: str) -> str:
    """What is said of a report that repeats the one handed in `at` that time; "" for another."""
    return "\n" + _("和 {at} 报出的一样，数字和人员都没有变。").format(at=clock.text(at)) if at else ""


def sealed(call: Call) -> Answer:
    """List handed-in reports; compare one month's with the present data, or write it out as handed in."""
    args = call.args
    if args.file:
        return _out(call, call.target(args.file))
    with opened(call) as store, store.read() as session:
        if not args.month and not args.id:
            return _list(sealing.handed(session, withdrawn=True))
        of_month = sealing.handed(session, args.month, withdrawn=True) if not args.id else []
        around = completeness.sentence(session, args.month) if args.month else ""
        if of_month and all(each.scope != session.scope or each.state == "withdrawn" for each in of_month):
            return _list(of_month, _("{month} 的月报本站还没有报出。别处报出的：").format(month=args.month) + around)
        which = _which(session, call)
        one, _data = sealing.opened(session, which.id)
        found = sealing.compared(session, one)
        compared = _compared(session, which, one, found)
        return replace(compared, text="\n".join(filter(None, (compared.text, around))))


def verify(call: Call) -> Answer:
    """Check whether a file is a report as it was handed in."""
    from services.office_files.reading import load
    from sync.station.report_keys import vouched

    if not call.args.file:
        raise Usage(_("请写明要核对的文件：report verify FILE"))
    if Path(call.args.file).suffix.lower() == ".zip":
        return _dossier(call, Path(call.args.file))
    data = load(Path(call.args.file))
    with opened(call) as store, store.read() as session:
        proof = sealing.prove(session, data)
        one, signed = proof.report, ""
        if one is not None:
            unsigned = _("没有签名：报出时本站还没有在县里注册。") if not one.signature else _("签名不对。")
            facts = (str(one.facts["station"]), one.scope, one.key, one.certificate)
            signed = vouched(session, *facts) if one.signed else unsigned
    lines = [proof.sentence, signed]
    if one is not None:
        message = _("{place} {month} 月报，{at} 由 {by} 报出，封存号 {sha}。")
        place, at = called(one.scope), clock.text(one.facts["at"])
        lines.insert(1, message.format(place=place, month=one.month, at=at, by=one.facts["by"], sha=one.sha256[:16]))
    if proof.cells:
        lines.append(table((_("格"), _("报出时"), _("文件里")), proof.cells[:_MAX_NAMED]))
    value = {"ok": proof.ok, "state": proof.state, "signature": signed, "cells": [list(cell) for cell in proof.cells]}
    value |= {"month": one.month, "scope": one.scope, "sha256": one.sha256} if one is not None else {}
    return Answer(value, "\n".join(line for line in lines if line), 0 if proof.ok else REFUSED)


def _dossier(call: Call, file: Path) -> Answer:
    """Check whether an 审计包 is unaltered."""
    from services.dossier.proof import prove
    from sync.station.report_keys import known, vouched

    found = prove(file)
    facts = (found.station, found.scope, found.key, found.certificate)
    with opened(call) as store, store.read() as session:
        ok = not found.differing and found.signed is True and known(session, *facts)
        said = vouched(session, *facts)
    if not found.signed:
        said = _("没有签名：写它的站没有在县里注册。") if found.signed is None else _("签名不对。")
    same = _("审计包里的每个文件都与清单一样。")
    lines = [_("与清单不一样的：{files}").format(files=_("、").join(found.differing)) if found.differing else same, said]
    value = {"ok": ok, "differing": list(found.differing), "signature": said, "station": found.station or None}
    return Answer(value, "\n".join(lines), 0 if ok else REFUSED)


# -- inside -------------------------------------------------------------------------------------------------------------


def _month(call: Call) -> str:
    if not call.args.month:
        raise Usage(_("请用 --month 写明月份，如 2023-06。"))
    return str(call.args.month)


def _which(session: Session, call: Call) -> Handed:
    if call.args.id:
        found = [one for one in sealing.handed(session) if one.id == call.args.id]
        if not found:
            raise Usage(_("没有这一份报出的月报：{id}").format(id=call.args.id))
        return found[0]
    if call.args.file and not call.args.month:
        months = [one.month for one in sealing.handed(session) if one.scope == session.scope]
        if months:
            return sealing.last(session, max(months))
    return sealing.last(session, _month(call))


def _list(found: list[Handed], above: str = "") -> Answer:
    turns = sealing.turns(found)
    head = (_("月份"), _("单位"), _("第几次"), _("时间"), _("谁"), _("状态"), _("编号"))
    rows = [(one.month, called(one.scope), _turn(turns.get(one.id)), clock.text(one.at), one.by, one.state_text, one.id) for one in found]
    value = [asdict(one) | {"last": one.id in turns and len(set(turns[one.id])) == 1} for one in found]
    listed = table(head, rows) if found else _("还没有报出过月报。")
    return Answer(value, "\n".join(line for line in (above, listed) if line))


def _turn(turn: tuple[int, int] | None) -> str:
    """The position of a report among several of a month; empty for a single one."""
    if turn is None or turn[1] == 1:
        return ""
    number, of = turn
    return (_("第 {n} 次，最后一次") if number == of else _("第 {n} 次，后来又报过")).format(n=number)


def _compared(session: Session, which: Handed, one: Sealed, found: list[Difference]) -> Answer:
    called = names(session, sorted({id for d in found for id in (*d.came, *d.went)}))
    why: dict[str, list[str]] = {}

    def people(ids: Any) -> list[dict[str, Any]]:
        for id in ids:
            if id not in why:
                why[id] = reasons(session, one, which.id, id)
        return [{"id": id, "name": called.get(id, ""), "why": why[id]} for id in ids]

    value = {"id": which.id, "month": one.month, "scope": one.scope, "at": one.facts["at"], "by": one.facts["by"], "sha256": one.sha256}
    value["differences"] = [
        picked(d, "area measure reported now") | {"difference": d.now - d.reported, "came": people(d.came), "went": people(d.went)}
        for d in found
    ]
    head = _("{month} 月报，{at} 由 {by} 报出，封存号 {sha}。").format(
        month=one.month, at=clock.text(one.facts["at"]), by=one.facts["by"], sha=one.sha256[:16]
    )
    if turn := _turn(sealing.turns(sealing.handed(session, one.month)).get(which.id)):
        head += _("这是{turn}。").format(turn=turn)
    if not found:
        return Answer(value, head + "\n" + _("现在的数字与报出的一样。"))
    words = (_("地方"), _("指标"), _("报出数"), _("现在数"), _("差"))
    rows = [(d.name, _(MEASURES[d.measure].label), d.reported, d.now, f"{d.now - d.reported:+d}") for d in found]
    lines = [head, table(words, rows), ""]
    for sign, each in sorted({(sign, id) for d in found for sign, ids in (("+", d.came), ("-", d.went)) for id in ids})[:_MAX_NAMED]:
        figures = dict.fromkeys(_(MEASURES[d.measure].label) for d in found if each in (d.came if sign == "+" else d.went))
        said, name = _("；").join(people([each])[0]["why"]), called.get(each) or _("（不在本站）")
        lines.append(_("{sign} {name}（{figures}）：{why}").format(sign=sign, name=name, figures=_("、").join(figures), why=said))
    return Answer(value, "\n".join(lines))


def _out(call: Call, file: Path) -> Answer:
    suffix = file.suffix.lower()
    if suffix not in (".xlsx", ".pdf"):
        raise Usage(_("请写明文件名：report sealed FILE.xlsx 或 FILE.pdf"))
    with opened(call) as store:
        with store.read() as session:
            which = _which(session, call)
            one, data = sealing.opened(session, which.id)
            kept = sealing.paper(session, which) if suffix == ".pdf" else data
        if kept is None:
            from desktop.paper.document import Paper, pdf  # like other papers, the only thing here that loads Qt

            kept, _pages = pdf(Paper(sealing.form_of(one)))
            if not store.reads_only:
                with store.write(lazy("存下报出的月报")) as session:
                    sealing.keep_paper(session, which, kept)
    attachments.save_as(kept, file)
    return Answer({"file": str(file), "bytes": len(kept), "id": which.id}, _("已写出：{file}").format(file=file))
