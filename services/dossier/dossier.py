"""审计包: everything about one claim in one zip, for later audits.

It has the application, the grounds, the steps, the public notices and objections, the payments, the documents, the text of the rule, and a
list of all files with their hashes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
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
from domain.records import Claim, Notice, Objection, Payment
from domain.words import _
from services import attachments, forms, policies
from services.claims import claims
from services.claims.materials import Material, materials
from services.dossier import entered
from services.dossier.clause import clause
from services.dossier.proof import SIGNATURE, signature
from services.files import written
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
        _forms(session, now.claim, folder, home, reason)
        _write_history(session, now, folder / _("办理情况.xlsx"))
        missing = _documents(session, found, folder)
        (folder / _("政策条文.txt")).write_text(clause(session, now.claim), encoding="utf-8")
        names = sorted(one.name for one in folder.iterdir())
        listed = [f"{sha256((folder / name).read_bytes()).hexdigest()}  {name}" for name in names]
        names.append(_("清单.txt"))
        text = _list(session, now, verified, missing, listed).encode()
        (folder / names[-1]).write_bytes(text)
        if signer is not None:
            signed = signature(text, names[-1], session.station, session.scope, signer)
            names.append(SIGNATURE)
            (folder / SIGNATURE).write_text(signed, encoding="utf-8")
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.write(folder / name, name)
    return Dossier(len(names), missing)


def _forms(session: Session, claim: Claim, folder: Path, home: Path, reason: str) -> None:
    """Write the application form, and for each notice with the claim the notice and the report on it."""
    wanted = [("employer_application" if claim.employer_id else "application", claim.id, "")]
    for n, notice in enumerate(_notices(session, claim.id), 1):
        wanted += [("notice_form", notice.id, f" {n}"), ("notice_report", notice.id, f" {n}")]
    for name, id, number in wanted:
        made = forms.make(session, name, id, reason=reason)
        own, ending = forms.own_template(session, home, name), forms.own_ending(session, home, name) or ".xlsx"
        forms.write(made, folder / f"{_(forms.CATALOGUE[name].title)}{number}{ending}", name=name, own=own)


def _notices(session: Session, claim_id: str) -> list[Notice]:
    t = table("notice")
    return session.select(Notice, t.c.claims.contains(claim_id, autoescape=True), order=(t.c.start, t.c.id))


def _write_history(session: Session, now: claims.Standing, file: Path) -> None:
    """Write a workbook: application, steps, grounds, objections, payments, all changes, and who entered the records."""
    claim = now.claim
    steps = [(clock.text(s.at), s.by, path.state_label(s.to_state), s.opinion or "") for s in now.steps]
    facts: Any = claim.facts if isinstance(claim.facts, dict) else {}
    grounds = [(_("符合") if one.get("met") else _("不符合"), str(one.get("text", ""))) for one in facts.get("reasons", ())]
    t = table("objection")
    objections = session.select(Objection, t.c.notice_id.in_([one.id for one in _notices(session, claim.id)]), order=(t.c.on, t.c.id))
    paid = session.select(Payment, table("payment").c.claim_id == claim.id)
    called = _titles_by_id(session, (claim, *objections, *paid))
    filed = [(_(f.label), _shown(f, claim[f.name], called)) for f in Claim.KIND.fields if claim[f.name] is not None and f.name != "facts"]
    lines = [_change(line, called) for line in changes.history(session, Claim, claim.id)]
    with Workbook(file) as book:
        for title, head, rows in (
            (_("申请"), (_("项目"), _("内容")), filed),
            (_("办理经过"), (_("时间"), _("谁"), _("办理"), _("意见")), steps),
            (_("判定依据"), (_("结论"), _("依据")), grounds),
            (_("异议"), tuple(_(f.label) for f in Objection.KIND.fields), [_cells(one, called) for one in objections]),
            (_("拨付"), tuple(_(f.label) for f in Payment.KIND.fields), [_cells(one, called) for one in paid]),
            (_("每次改动"), (_("时间"), _("谁"), _("电脑"), _("字段"), _("原来"), _("改为")), lines),
            (_("谁录入的"), entered.head(), entered.lines(session, claim)),
        ):
            sheet = book.sheet(title)
            sheet.title(title, len(head))
            sheet.headings(head)
            for row in rows:
                sheet.row(row)


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


def _list(session: Session, now: claims.Standing, verified: str, missing: Sequence[str], listed: Sequence[str]) -> str:
    named = titles(session, "claim", [now.claim.id])[now.claim.id]
    lines = [
        _("审计包：{claim}").format(claim=named),
        _("编号 {id}　状态 {state}").format(id=now.claim.id, state=path.state_label(now.state)),
        _("政策包 {pack} {version}").format(pack=now.claim.pack, version=now.claim.pack_version),
        _("{at} 由 {by} 写出").format(at=clock.text(session.at), by=session.author),
        _("签名的存档：{verified}").format(verified=verified),
        _("没有的材料：{missing}").format(missing=_("、").join(missing) or _("没有")),
        "",
        _("每个文件的 SHA-256："),
        *listed,
    ]
    return "\n".join(lines) + "\n"
