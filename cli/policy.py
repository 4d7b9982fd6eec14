"""Commands on the policy: list packs, check one with its examples, judge facts from a file, screen the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.access import only, record
from cli.console import STANDARD, picked, table
from cli.program import REFUSED, Answer, Call, Usage, day
from db.files import regular
from domain import clock, divisions
from domain.errors import FieldError, InputUnusable, Stopped
from domain.money import yuan_text
from domain.policy.case import cut_period
from domain.policy.engine import Question, evaluate
from domain.policy.facts import Facts, read_facts
from domain.policy.packs import in_force, read_setting, replaces
from domain.policy.verdict import Outcome
from domain.records import (
    Agreement,
    Attendance,
    Course,
    Employer,
    Employment,
    Enrolment,
    JobWish,
    Person,
    Placement,
    PolicyPack,
    Schooling,
)
from domain.records.money import OUTCOMES
from domain.words import _, lazy
from services import policies

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from db.session import Session
    from domain.policy.case import Rule
    from domain.policy.examples import Result
    from domain.policy.pack import Pack
    from domain.policy.verdict import Verdict
    from services.policy_trial import Trial
    from services.screening import Screened

_MOST_NAMED = 20
_TAKES: Mapping[str, tuple[str, ...]] = {"list": (), "check": ("pack",), "evaluate": ("facts", "pack", "set", "rule", "year", "on")}

_DATED: tuple[tuple[type[Any], str], ...] = (
    (Attendance, "month"),
    (Agreement, "start"),
    (Course, "start"),
    (Schooling, "term_start"),
    (Placement, "contract_start"),
    (JobWish, "opened_on"),
)
"""Kinds of records that verdicts are about, and the field that tells one of a person from another."""


def policy(call: Call) -> Answer:
    """`policy list`, `policy check PACK`, `policy evaluate --facts FILE`."""
    only(call.args, "policy", _TAKES, call.args.action)
    return {"list": _list, "check": _check, "evaluate": _evaluate}[call.args.action](call)


def _list(call: Call) -> Answer:
    packs, strange, unusable = _known(call)
    value: list[dict[str, object]] = [{**_described(pack), "trusted": True} for pack in packs]
    value += [{"id": one.id, "version": one.version, "trusted": True, "active": False, "unusable": one.why} for one in unusable]
    value += [{**_described(pack), "trusted": False, "active": False} for pack in strange]
    rows = [(p.id, p.version, p.area, p.start, p.end, _("启用") if p.active else _("未启用"), _signed(p), p.title) for p in packs]
    rows += [(p.id, p.version, p.area, p.start, p.end, _("不用：不是本县签发"), _signed(p), p.title) for p in strange]
    listed = table((_("政策包"), _("版本"), _("地区"), _("起"), _("止"), _("状态"), _("签发"), _("名称")), rows, most=60)
    return Answer(value, "\n".join([listed, *(one.sentence() for one in unusable)]))


def _signed(pack: Pack) -> str:
    """The origin of a pack: the program it is part of, or a key, shown by its first digits."""
    if pack.signer is None:
        return _("程序自带") if pack in policies.shipped() else _("没有签名")
    return _("密钥 {key}").format(key=pack.signer[:8])


def _known(call: Call) -> tuple[Sequence[Pack], Sequence[Pack], Sequence[policies.Unusable]]:
    """The station's packs, including those its county published; those it does not trust; and those of the county that it cannot use.
    Without a station, the packs that are part of the program."""
    from cli.access import opened
    from db.store import Store

    if not Store.exists(call.home):
        return policies.shipped(), (), ()
    with opened(call) as store, store.read() as session:
        return policies.here(session), policies.untrusted(session), policies.unusable(session)


def _described(pack: Pack) -> dict[str, object]:
    value = picked(pack, "id version title level area") | {"from": pack.start, "to": pack.end} | picked(pack, "base active")
    return value | {"rules": [rule.id for rule in pack.rules] or sorted(pack.changes), **picked(pack, "sha256 signer")}


def _check(call: Call) -> Answer:
    from domain.policy.examples import run

    if not call.args.pack_file:
        raise Usage(_("请写明政策包：policy check PACK（文件或名称）。"))
    pack = _named(call.args.pack_file)
    beside = policies.in_use([*(policies.read(Path(file)) for file in call.args.pack), pack])
    replaces(pack, beside, known=False)
    for name in sorted({one.pack for one in pack.supersedes} - {one.id for one in beside}):
        call.console.say(_("要替代的政策包 {pack} 不在这里，没有核对它的规则编号；下发时县里要有它。").format(pack=name))
    for each in in_force(beside):
        if each.pack.id == pack.id and (first := cut_period(each.rule, each.kin)):
            call.console.say(_cut(each.rule, first))
    result = run(pack, beside)
    value = {"rules": len(pack.rules) or len(pack.changes), "examples": result.examples, "failed": list(result.failed)}
    lines = [_what(pack) + _checked(result)]
    lines += [f"{failed['rule']} {failed['name']}：{failed['message']}" for failed in result.failed]
    return Answer(value, "\n".join(lines), REFUSED if result.failed else 0)


def _cut(rule: Rule, first: str) -> str:
    text = _(
        "{rule} 从 {day} 起替代老规则，没有写 facts_from（从哪天起的事实算）：这天以前的不算，"
        "前后连起来才够的要县里一个一个定。要连着算，请在 params 里写 facts_from = {first}。"
    )
    return text.format(rule=rule.id, day=rule.start, first=first)


def _what(pack: Pack) -> str:
    if pack.rules:
        return _("写法没有问题，{n} 条规则。").format(n=len(pack.rules))
    return _("写法没有问题，改了 {n} 项标准。").format(n=sum(len(said) for said in pack.changes.values()))


def _checked(result: Result) -> str:
    if not result.examples:
        return _("没有附例子，金额没有验算。")
    if not result.failed:
        return _("{n} 个例子都对。").format(n=result.examples)
    return _("{n} 个例子里有 {failed} 个算出来不一样：").format(n=result.examples, failed=len(result.failed))


def _named(name: str) -> Pack:
    """A pack given by file, or by the name of one that is part of the program."""
    found = next((pack for pack in policies.shipped() if pack.id == name), None)
    return found or policies.read(Path(name))


def _evaluate(call: Call) -> Answer:
    args = call.args
    if not args.facts:
        raise Usage(_("请写明事实文件：policy evaluate --facts FILE.jsonl。"))
    packs = policies.in_use([policies.read(Path(file)) for file in args.pack])
    try:
        settings = dict(read_setting(text, packs) for text in args.set)
    except FieldError as error:
        raise Usage(str(error)) from None
    rules = in_force(packs, settings)
    if args.rule and all(each.rule.id != args.rule for each in rules):
        raise Usage(_("没有规则 {rule}").format(rule=args.rule))
    facts = _facts(call)
    unknown = sorted({e.place for e in facts.all(Employment) if e.place and divisions.full_name(e.place) is None})
    if unknown:
        call.console.say(_("地名表里没有这些务工地：{places}。照写的省市判的，请核对。").format(places=_("、").join(unknown[:_MOST_NAMED])))
    verdicts = evaluate(facts, rules, Question(_day(args.on), args.year, args.rule), call.console.progress)
    return Answer([verdict.to_json() for verdict in verdicts], in_words(verdicts, facts.get))


def publish(call: Call) -> Answer:
    """Sign a pack with the county's key, store it here and write it to the county's log, by which every station gets it at its next
    exchange."""
    from cli.county_access import Keep, acted, opened
    from sync.county.acts.authoring import author, county_scopes, insertion, lock
    from sync.county.keys import county_keys

    data = _bounded(Path(call.args.file))
    with opened(call) as county:
        keys = county_keys(county)
        with county.read() as session:
            _tell_of_elsewhere(call, data, county_scopes(session))
            known = policies.known_at(call.home, bytes(keys.signing.verify_key), session)
            _refuse_or_tell_expired(call, data, known)
            tried = _tried(call, data, known, session)
        if call.args.dry_run:
            return Answer(_described(tried.pack) | {"people": tried.people, "changes": len(tried.changes)}, _("没有签名，也没有下发。"))

        def published(session: Session, keep: Keep) -> tuple[Pack, list[str]]:
            scopes = county_scopes(session)
            lock(session, scopes)  # if two publish one version with different contents, one is told
            pack = policies.publish(call.home, data, keys.signing, session)
            keep(lazy("下发政策 {id} {version}", id=pack.id, version=pack.version))
            record = policies.as_record(call.home, pack)
            there = {row.village for row in session.select(PolicyPack) if row.content == record["content"]}
            for scope in scopes:
                if scope not in there:  # published again for counties whose stations have enrolled since
                    author(session, keys, scope, [insertion(session, "policy_pack", record)])
            return pack, scopes

        pack, scopes = acted(county, published)
    text = _("已签名：{id} {version}（{title}）。").format(id=pack.id, version=pack.version, title=pack.title)
    note = _("各站下次同步时收到。") if scopes else _("还没有站注册，有站注册后再发一次。")
    if call.args.json and not scopes:
        call.console.say(note)
    return Answer(_described(pack), text + note)


def _tried(call: Call, data: bytes, known: Sequence[Pack], session: Session) -> Trial:
    """Say whom the pack touches, by the county's records. At a terminal it is signed only if the administrator wants it."""
    from services import policy_trial

    tried = policy_trial.trial(session, policies.read_bytes(data), known, call.console.progress)
    for sentence in tried.sentences():
        call.console.say(sentence)
    if call.args.changes:
        file = Path(call.args.changes)
        policy_trial.save(session, tried, file)
        call.console.say(_("会变的人已列在 {file}。").format(file=file))
    asked = tried.changes and call.console.answers and not call.args.dry_run
    if asked and not call.console.agreed(_("要签吗？输入 是 再按回车；直接回车不签。")):
        raise Stopped(_("没有签名，也没有下发。什么都没有改变。"))
    return tried


def _tell_of_elsewhere(call: Call, data: bytes, counties: Sequence[str]) -> None:
    """Say of a pack that it is for another county. At a terminal it is signed only if the administrator wants it."""
    area = policies.read_bytes(data).area
    if not counties or any(divisions.covers(area, county) or divisions.covers(county, area) for county in counties):
        return
    call.console.say(
        _("这份政策的 area 写的是{place}（{area}），不在本县，各站都用不上。").format(place=divisions.full_name(area) or "", area=area)
    )
    if call.console.answers and not call.console.agreed(_("要签吗？输入 是 再按回车；直接回车不签。")):
        raise Stopped(_("没有签名，也没有下发。什么都没有改变。"))


def _refuse_or_tell_expired(call: Call, data: bytes, known: Sequence[Pack]) -> None:
    """Say of a pack that judges nothing of today what that means. At a terminal it is signed only if the administrator wants it."""
    said = policies.expired(policies.read_bytes(data), known, clock.today())
    if not said or call.args.expired:
        return
    call.console.say(said)
    if call.console.answers and not call.console.agreed(_("以前年度的确实要这样判，才签名下发。要签吗？输入 是 再按回车；直接回车不签。")):
        raise Stopped(_("没有签名，也没有下发。什么都没有改变。"))


def screen(call: Call) -> Answer:
    """Judge everybody in the store, or one person. On a terminal, people who are entitled and have not claimed come first."""
    from cli.access import opened
    from services import screening

    args = call.args
    on = _day(args.on)
    with opened(call) as store, store.read() as session:
        packs = policies.used_here(session)
        for one in policies.unusable(session):
            call.console.say(one.sentence())
        known_rule(packs, args.rule)
        if args.person:
            record(session, Person.KIND, args.person)
        how = {"on": on, "year": args.year, "rule": args.rule, "person_id": args.person, "packs": packs, "progress": call.console.progress}
        found = screening.screen(session, **how)
        text = _screened(session, found)
        if not text and args.person:
            text = _under_way(session, found)
    return Answer([s.to_json() for s in found], text or _nothing([s.verdict for s in found]))


def _under_way(session: Session, found: Sequence[Screened]) -> str:
    """What became of one person's claims where nothing else is to be done; "" without any."""
    from domain.claims import state_label
    from services.claims import claims

    open_ones = [(each.verdict, claims.standing(session, each.claim_id)) for each in found if each.claim_id]
    said = [
        _("{year} 年 {rule} 已申请，现在是「{state}」").format(year=v.year, rule=v.rule, state=state_label(one.state))
        for v, one in open_ones
    ]
    return _("没有应享未享的。{said}。").format(said=_("；").join(said)) if said else ""


def known_rule(packs: Sequence[Pack], rule: str | None) -> None:
    """Raise `Usage` for a rule that no pack has."""
    if rule and all(each.id != rule for pack in packs for each in pack.rules):
        raise Usage(_("没有规则 {rule}").format(rule=rule))


def _screened(session: Session, found: Sequence[Screened]) -> str:
    parts = (
        (_("应享未享"), [s.verdict for s in found if s.unclaimed]),
        (_("不符合却已申请"), [s.verdict for s in found if s.unentitled]),
        (_("要核定"), [s.verdict for s in found if s.undecided]),
        (_("少发"), [s.verdict for s in found if s.underpaid]),
        (_("快够条件"), [s.verdict for s in found if s.nearly]),
    )
    return "\n\n".join(
        _("{name}（{words}）").format(name=title, words=len(verdicts)) + f"\n{in_words(verdicts, session.get)}"
        for title, verdicts in parts
        if verdicts
    )


def _nothing(verdicts: Sequence[Verdict]) -> str:
    """That nothing is to be done, and why facts after the end of the policy are not judged."""
    late = [reason.text for v in verdicts if v.outcome is Outcome.EXPIRED for reason in v.reasons if not reason.met]
    return _("没有要办的。有 {n} 条不能按本文件办：{why}").format(n=len(late), why=late[0]) if late else _("没有要办的。")


def _day(text: str | None) -> str:
    return day(text) if text else clock.today()


def _facts(call: Call) -> Facts:
    file, most = call.args.facts, policies.MAX_BYTES + 1
    data = call.console.given(most) if file == STANDARD else _bounded(Path(file))
    if len(data) > policies.MAX_BYTES:
        raise InputUnusable(_("事实文件太大（超过 {n} 字节）").format(n=policies.MAX_BYTES))
    try:
        return read_facts(data.decode("utf-8-sig").split("\n"))
    except UnicodeDecodeError:
        raise InputUnusable(_("事实文件不是 UTF-8 文本")) from None


def _bounded(path: Path) -> bytes:
    with regular(path) as file:
        return file.read(policies.MAX_BYTES + 1)


def in_words(verdicts: Sequence[Verdict], record: Callable[[type[Any], str], Any]) -> str:
    """Verdicts as text: the subject, outcome and amount, then every condition, then what is missing."""
    lines = []
    for v in verdicts:
        named = [getattr(record(cls, id), "name", None) or id for cls, id in ((Person, v.person_id), (Employer, v.employer_id)) if id]
        about = " ".join([*named, *([_dated(v.record_id, record)] if v.record_id else [])])
        lines.append(f"{v.rule} {v.article} {v.year} {about} {_(OUTCOMES[v.outcome])} {yuan_text(v.amount)}")
        lines += [f"  {'✓' if reason.met else '×'} {reason.text}" for reason in v.reasons]
        if v.missing:
            lines.append("  " + _("还缺：{documents}").format(documents=_("、").join(v.missing)))
    return "\n".join(lines) or _("没有可判定的事实。")


def _dated(id: str, record: Callable[[type[Any], str], Any]) -> str:
    """The month or day of the record that a verdict is about."""
    enrolment = record(Enrolment, id)
    if enrolment is not None:
        id = enrolment.course_id
    return next((str(getattr(one, name) or "") for cls, name in _DATED if (one := record(cls, id)) is not None), "")
