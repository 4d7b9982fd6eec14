"""The text of the rule by which a claim was judged, in the version that the claim names, with the county's overlays: what was in force
then, for an auditor."""

from __future__ import annotations

from collections.abc import Iterator

from db.session import Session
from domain.policy.packs import in_force
from domain.records import Claim
from domain.words import _
from services import policies


def clause(session: Session, claim: Claim) -> str:
    """Title, version, rule and text, the values of the overlays, and whether something else is in force today. It states if a version that
    the claim names is not available here."""
    parts = (_document(session, claim), *_overlays(session, claim), _today(session, claim))
    return "\n\n".join(text for part in parts if (text := "\n".join(part))) + "\n"


def _document(session: Session, claim: Claim) -> Iterator[str]:
    version = claim.pack_version.partition("+")[0]
    pack = policies.version_of(session, claim.pack, version)
    rule = next((one for one in pack.rules if one.id == claim.rule), None) if pack is not None else None
    if pack is not None:
        yield _("《{title}》").format(title=pack.title)
        yield _("施行：{start} 至 {end}").format(start=pack.start, end=pack.end)
    yield _("这笔申请按政策包 {id} 的 {version} 版判定。").format(id=claim.pack, version=version)
    if rule is None:
        yield _("这一版的条文不在这台电脑上，下面是这里现有的。")
        rule = policies.rules(session).of(claim.pack, claim.rule)
    if rule is not None:
        yield f"\n{rule.id}　{rule.name}　{rule.article}\n\n{rule.text}"


def _overlays(session: Session, claim: Claim) -> Iterator[list[str]]:
    for named in claim.pack_version.split("+")[1:]:
        id, _sign, version = named.partition("@")
        pack = policies.version_of(session, id, version)
        if pack is None:
            yield [_("补充规定 {id} 的 {version} 版不在这台电脑上。").format(id=id, version=version)]
            continue
        rule = policies.rules(session).of(claim.pack, claim.rule)
        labels = {name: _(param.label) for name, param in rule.kind.params.items()} if rule is not None else {}
        values = [f"{labels.get(name, name)}：{value}" for name, value in pack.changes.get(claim.rule, {}).items()]
        yield [_("补充规定 {id} 的 {version} 版：《{title}》").format(id=id, version=version, title=pack.title), *values]


def _today(session: Session, claim: Claim) -> Iterator[str]:
    rules = in_force(policies.used_here(session))
    now = next((one for one in rules if (one.pack.id, one.rule.id) == (claim.pack, claim.rule)), None)
    if now is None:
        yield _("注意：现在启用的政策包 {id} 里没有这一项了。").format(id=claim.pack)
        return
    after = now.successor(claim.village, session.today)
    # at most the pack's last day, because an expired document is not a different version
    version = now.version(now.applied(claim.village, min(session.today, now.pack.end)))
    if after is not None:
        values = {"start": after.start, "id": after.id, "version": after.version, "title": after.title}
        yield _("注意：自 {start} 起已由《{title}》（{id} {version}）替代。").format(**values)
    elif version != claim.pack_version:
        yield _("注意：现在执行的是 {id} 的 {version} 版，与判定这笔申请的不同。").format(id=claim.pack, version=version)
