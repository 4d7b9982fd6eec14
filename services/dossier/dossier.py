"""审计包: everything about one claim in one zip, for later audits.

It has what to check (要核对的地方), the application, the grounds, the steps, the public notices and objections, the payments, the
documents, the text of the rule, and a list of all files with their hashes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from db import changes, unmasked
from db.mapping import table
from db.session import Session
from domain import claims as path
from domain import clock
from domain.errors import InputUnusable, NotFound
from domain.fields import Field, Record
from domain.policy.packs import in_force
from domain.records import Claim, Notice, Objection, Payment
from domain.words import _
from services import attachments, forms, policies
from services.claims import claims, submitted
from services.claims.materials import Material, materials
from services.claims.steps import received_on
from services.dossier import entered
from services.dossier.doubts import doubts
from services.dossier.proof import SIGNATURE, signature
from services.files import written
from services.forms import handed_in, personal, workshops
from services.lists.titles import measures, titles
from services.reports.sealed import Signer
from services.sheets import Workbook, sheet_value


@dataclass(frozen=True)
class Dossier:
    """The result of writing a dossier: the number of files in the zip, and the missing documents."""

    files: int
    missing: Sequence[str]

    def sentence(self, file: Path) -> str:
        """A sentence about what was written and what is missing."""
        text = _("审计包已写好：{n} 个文件，{file}。").format(n=self.files, file=file)
        return text + _("没有的材料：{missing}").format(missing=_("、").join(self.missing)) if self.missing else text


def write(session: Session, claim_id: str, file: Path, *, home: Path, reason: str, verified: str, signer: Signer | None) -> Dossier:
    """Write the dossier of a claim, with numbers in full; `reason` is logged. `verified` is the result of checking the signed log; `home`
    is the data folder with the station's own templates; `signer` signs the list of files, None for no signature. Raises `NotFound` or
    `InputUnusable`."""
    now = claims.standing(session, claim_id)
    unmasked.log_view(session, f"dossier {claim_id}", reason)
    rule = policies.rules(session).of(now.claim.pack, now.claim.rule)
    found = materials(session, now.claim, rule.documents if rule else ())
    with written(file) as unfinished:
        folder = unfinished.with_name("files")  # unmasked files; removed together with the unfinished zip
        folder.mkdir()
        _forms(session, now, folder, home, reason)
        about = entered.records(session, now.claim)
        _write_history(session, now, about, folder / _("办理情况.xlsx"))
        missing = _documents(session, found, folder)
        (folder / _("政策条文.txt")).write_text(clause(session, now.claim), encoding="utf-8")
        names = sorted(one.name for one in folder.iterdir())
        listed = [f"{sha256((folder / name).read_bytes()).hexdigest()}  {name}" for name in names]
        names.append(_("清单.txt"))
        found_doubts = doubts(session, now, _notices(session, claim_id), missing)
        if late := entered.after_approval(session, now, about):
            found_doubts.append(_("批准以后改过、加过或删过 {n} 条登记，见「办理情况」的「所据登记的改动」").format(n=late))
        text = _list(session, now, verified, found_doubts, listed).encode()
        (folder / names[-1]).write_bytes(text)
        if signer is not None:
            signed = signature(text, names[-1], session.station, session.scope, signer)
            names.append(SIGNATURE)
            (folder / SIGNATURE).write_text(signed, encoding="utf-8")
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.write(folder / name, name)
    return Dossier(len(names), missing)


def _forms(session: Session, now: claims.ClaimStatus, folder: Path, home: Path, reason: str) -> None:
    """Write the application form, those handed in before the claim was sent back, and for each notice with the claim the notice and the
    report on it."""
    claim = now.claim
    wanted = [("employer_application" if claim.employer_id else "application", claim.id, "")]
    for n, notice in enumerate(_notices(session, claim.id), 1):
        wanted += [("notice_form", notice.id, f" {n}"), ("notice_report", notice.id, f" {n}")]
    columns = workshops.APPLICATION if now.claim.employer_id else personal.WORK
    for n, kept in enumerate(submitted.earlier(session, now), 1):
        title = _(forms.CATALOGUE[wanted[0][0]].title)
        text = _("{form} 第{n}次报出（后来退回）").format(form=title, n=n)
        forms.write(handed_in.of_earlier(kept, columns), folder / f"{text}.xlsx")
    for name, id, number in wanted:
        made = forms.make(session, name, id, reason=reason)
        own, ending = forms.own_template(session, home, name), forms.own_ending(session, home, name) or ".xlsx"
        forms.write(made, folder / f"{_(forms.CATALOGUE[name].title)}{number}{ending}", name=name, own=own)


def _notices(session: Session, claim_id: str) -> list[Notice]:
    return session.select(Notice, table("notice").c.claims.contains(claim_id, autoescape=True), order=("start", "id"))


def _write_history(session: Session, now: claims.ClaimStatus, about: Mapping[str, list[str]], file: Path) -> None:
    """Write a workbook: application, steps, grounds, objections, payments, all changes, and who entered and changed the
    records."""
    claim = now.claim
    days = received_on(session, now.steps)
    steps = [(clock.text(s.at), s.by, path.state_label(s.to_state), s.opinion or "", day) for s, day in zip(now.steps, days, strict=True)]
    facts: Any = claim.facts if isinstance(claim.facts, dict) else {}
    grounds = [(_("符合") if one.get("met") else _("不符合"), str(one.get("text", ""))) for one in facts.get("reasons", ())]
    objections = session.select(Objection, notice_id=[one.id for one in _notices(session, claim.id)], order=("on", "id"))
    paid = session.select(Payment, claim_id=claim.id)
    called = _titles_by_id(session, (claim, *objections, *paid))
    filed = [(_(f.label), _shown(f, claim[f.name], called)) for f in Claim.KIND.fields if claim[f.name] is not None and f.name != "facts"]
    lines = [_change(line, called) for line in changes.history(session, Claim, claim.id)]
    lines = [line for line in lines if line[4] != line[5] or not line[4]]  # not a paper that was kept in the grounds
    with Workbook(file) as book:
        for title, head, rows in (
            (_("申请"), (_("项目"), _("内容")), filed),
            (_("办理经过"), (_("时间"), _("谁"), _("办理"), _("意见"), _("收到日期")), steps),
            (_("判定依据"), (_("结论"), _("依据")), grounds),
            (_("异议"), tuple(_(f.label) for f in Objection.KIND.fields), [_cells(one, called) for one in objections]),
            (_("拨付"), tuple(_(f.label) for f in Payment.KIND.fields), [_cells(one, called) for one in paid]),
            (_("每次改动"), (_("时间"), _("谁"), _("电脑"), _("字段"), _("原来"), _("改为")), lines),
            (_("谁录入的"), entered.head(), entered.lines(session, about)),
            (_("所据登记的改动"), entered.changed_head(), entered.changed(session, now, about)),
        ):
            book.sheet(title).table(title, head, rows)


def _titles_by_id(session: Session, records: Sequence[Record]) -> dict[str, str]:
    """Id → title of the measures and records to which `records` refer."""
    named = {id: f"{id} {name}" for id, name in measures(session, Claim.KIND).items()}
    for record in records:
        for f in record.KIND.fields:
            if f.ref and record[f.name]:
                named |= titles(session, f.ref, [record[f.name]])
    return named


def _shown(f: Field, value: Any, called: Mapping[str, str]) -> str:
    return called.get(value) or f.show(value) if isinstance(value, str) else f.show(value)


def _cells(record: Record, called: Mapping[str, str]) -> list[str | int | float]:
    return [called.get(record[f.name]) or sheet_value(f, record[f.name], plain=True) for f in record.KIND.fields]


def _change(line: changes.Change, called: Mapping[str, str]) -> tuple[str, ...]:
    f = Claim.KIND.by_name.get(line.field)
    if f is None:
        return clock.text(line.at), line.by, line.device, _("删除") if line.what == "D" else _("恢复"), "", ""
    return clock.text(line.at), line.by, line.device, _(f.label), _shown(f, line.old, called), _shown(f, line.new, called)


def _documents(session: Session, found: Sequence[Material], folder: Path) -> list[str]:
    """Write the files of the documents; returns the names of documents without a file and of files whose content is not here."""
    missing, taken = [], set[str]()
    for number, one in enumerate(found, 1):
        if not one.files:
            missing.append(one.document)
        for file in one.files:
            if file.id in taken:
                continue
            taken.add(file.id)
            try:
                name, data = attachments.content(session, file.id)
            except (NotFound, InputUnusable):
                missing.append(file.name)
            else:
                (folder / f"{_('材料')} {number}-{len(taken)} {name}").write_bytes(data)
    return missing


def _list(session: Session, now: claims.ClaimStatus, verified: str, to_check: Sequence[str], listed: Sequence[str]) -> str:
    named = titles(session, "claim", [now.claim.id])[now.claim.id]
    lines = [
        _("审计包：{claim}").format(claim=named),
        _("编号 {id}　状态 {state}").format(id=now.claim.id, state=path.state_label(now.state)),
        _("政策包 {pack} {version}").format(pack=now.claim.pack, version=now.claim.pack_version),
        _("{at} 由 {by} 写出").format(at=clock.text(session.at), by=session.author),
        _("签名的存档：{verified}").format(verified=verified),
        "",
        _("要核对的地方："),
        *([f"· {one}" for one in to_check] or [_("没有发现")]),
        "",
        _("每个文件的 SHA-256："),
        *listed,
    ]
    return "\n".join(lines) + "\n"


# -- the text of the rule by which the claim was judged, in the version that the claim names, with the county's overlays ----


def clause(session: Session, claim: Claim) -> str:
    """Title, version, rule and text, the values of the overlays, and whether something else is in force today. It states if a version that
    the claim names is not available here."""
    parts = (_rule_text(session, claim), *_overlays(session, claim), _today(session, claim))
    return "\n\n".join(text for part in parts if (text := "\n".join(part))) + "\n"


def _rule_text(session: Session, claim: Claim) -> Iterator[str]:
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
