"""补助 with the store behind it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from db.session import Session
from desktop.attachment_model import AttachmentUses
from desktop.benefits import presenting
from desktop.benefits.notice_model import Draft, NoticeModel, NoticeUses, SheetShown
from desktop.benefits.page import BenefitsPage
from desktop.benefits.path_model import PathModel, PathUses
from desktop.benefits.payment_model import Order, PaymentModel, PaymentUses
from desktop.benefits.screening_model import Filed, Finding, ScreeningModel, ScreeningUses
from desktop.benefits.signed_model import SignedModel, SignedUses
from desktop.jobs import Progress
from desktop.page import Frame, Page
from desktop.paper.forms import FormPrinter
from desktop.station import Station
from desktop.wiring.records import attachment_reader
from desktop.wiring.verdicts import file_claim
from domain import clock
from domain.claims import state_label
from domain.errors import DomainError
from domain.records import Claim, Notice
from domain.words import _
from services import attachments, claim_steps, funds, materials, notices, payments, policies, registry, screening, signed_pages
from services.approving import cautions
from services.materials import Material


def build(frame: Frame, station: Station) -> Page:
    """The page and its view models."""
    printer, role = FormPrinter(frame, station), station.store.role
    models = (
        ScreeningModel(frame, _screening(station)),
        PathModel(frame, _path(station, printer)),
        NoticeModel(frame.jobs, _notices(station, printer, role)),
        PaymentModel(frame.jobs, _payments(station, printer)) if role == "county" else None,
        SignedModel(frame, _signed(station)),
    )
    return BenefitsPage(frame, *models, Notice.KIND.by_name["level"].label_of(role), above=role != "village").keeping(*models)


# -- screening -------------------------------------------------------------------------------------------------------------


def _screening(station: Station) -> ScreeningUses:
    def screen(session: Session, progress: Progress) -> tuple[Sequence[Finding], str]:
        packs = policies.used_here(session)
        found = screening.screen(session, packs=packs, progress=lambda done, total, what: progress(done, total, _(what)))
        return presenting.findings(session, found, packs), policies.over(packs, session.today)

    return ScreeningUses(
        screen=station.reading(screen),
        file=station.writing(lambda chosen, progress: _("提出补助申请 {n} 笔").format(n=len(chosen)), _file),
    )


def _file(session: Session, chosen: Sequence[Finding], progress: Progress) -> Filed:
    refused = []
    for number, one in enumerate(chosen):
        progress(number, len(chosen), one.name)
        try:
            file_claim(session, one.shown)
        except DomainError as error:
            refused.append(f"{one.name}：{error}")
    return Filed(len(chosen) - len(refused), refused)


# -- claims ----------------------------------------------------------------------------------------------------------------


def _path(station: Station, printer: FormPrinter) -> PathUses:
    return PathUses(
        claims=station.reading(lambda session: presenting.claim_lines(session, policies.rules(session))),
        step=station.writing(
            lambda ids, state, opinion, progress: _("{n} 笔申请到「{state}」").format(n=len(ids), state=state_label(state)), _step
        ),
        short=station.reading(cautions),
        forms=printer.offered("claim"),
        workshop_forms=printer.offered("employer"),
        print=printer.show,
        print_several=printer.show_several,
        materials=_materials(station),
        dossier=lambda id, file, reason: _dossier(station, id, file, reason),
    )


def _dossier(station: Station, id: str, file: Path, reason: str) -> str:
    from services import dossier  # with the writers of workbooks, when one is asked for
    from services.sealed import Signer
    from sync.replica.audit import verify
    from sync.station.report_keys import signing

    checked = station.reading(verify)().sentence()
    with station.store.applying() as session:  # it logs who looked and why
        found = signing(session)
        signer = None if found is None else Signer(*found)
        made = dossier.write(session, id, file, home=station.store.home, reason=reason, verified=checked, signer=signer)
    return made.sentence(file)


def _materials(station: Station) -> AttachmentUses:
    def listed(session: Session, claim_id: str) -> list[Material]:
        claim = session.get(Claim, claim_id)
        rule = policies.rules(session).of(claim.pack, claim.rule) if claim is not None else None
        return materials.materials(session, claim, rule.documents if rule else ()) if claim is not None else []

    def add(session: Session, claim_id: str, document: str, files: Sequence[Path]) -> int:
        return attachments.add_all(files, lambda file: materials.add(session, claim_id, document, file))

    return AttachmentUses(
        listed=station.reading(listed),
        add=station.writing(lambda _id, document, files: _("附材料 {what}").format(what=document or files[0].name), add),
        read=attachment_reader(station),
        save=attachments.save_as,
        remove=station.writing(_("删除材料"), attachments.remove),
    )


def _signed(station: Station) -> SignedUses:
    from desktop.paper import scans  # with the reader of PDF files

    return SignedUses(
        read=scans.pages,
        known=station.reading(signed_pages.known),
        keep=station.writing(lambda pages: _("收回签好的表 {n} 页").format(n=len(pages)), signed_pages.keep),
    )


def _step(session: Session, ids: Sequence[str], state: str, opinion: str, progress: Progress) -> int:
    return claim_steps.step_all(session, ids, state, opinion or None, progress)


# -- notices ---------------------------------------------------------------------------------------------------------------


def _notices(station: Station, printer: FormPrinter, level: str) -> NoticeUses:
    def preview(session: Session, draft: Draft) -> SheetShown:
        return presenting.sheet_shown(session, notices.preview(session, level, draft.start, draft.days, **_how(draft)))

    def object_to(session: Session, id: str, day: str, content: str) -> None:
        registry.save(session, "objection", {"notice_id": id, "on": day, "content": content})

    def attach(session: Session, id: str, files: Sequence[Path]) -> int:
        attachments.add_all(files, lambda file: attachments.add(session, "notice", id, file))
        return len(attachments.attachments(session, [id]))

    return NoticeUses(
        notices=station.reading(lambda session: presenting.notice_lines(session, clock.today())),
        sheet=station.reading(lambda session, id: presenting.sheet_shown(session, notices.sheet(session, id))),
        preview=station.reading(preview),
        make=station.writing(_("发公示"), lambda session, draft: notices.make(session, level, draft.start, draft.days, **_how(draft))),
        close=station.writing(_("登记公示结果"), notices.close),
        object_to=station.writing(_("登记异议"), object_to),
        attach=station.writing(_("添加公示照片"), attach),
        print=printer.show,
    )


def _how(draft: Draft) -> notices.How:
    return {"claim_ids": draft.claims, "day_kind": draft.day_kind, "place": draft.place or None, "phone": draft.phone or None}


# -- payments --------------------------------------------------------------------------------------------------------------


def _payments(station: Station, printer: FormPrinter) -> PaymentUses:
    def pay(session: Session, order: Order) -> int:
        number = order.budget_number or None
        return len(payments.pay(session, order.claims, order.fund, budget_number=number, total=order.total).payments)

    def bank_sheet(ids: Sequence[str], file: Path, reason: str) -> int:
        with station.store.applying() as session:  # it logs that accounts were looked at
            return payments.bank_sheet(session, ids, file, reason=reason)

    return PaymentUses(
        due=station.reading(lambda session: presenting.due_lines(session, policies.rules(session))),
        funds=station.reading(lambda session: {one.fund: one.sentence() for one in funds.balances(session)}),
        payments=station.reading(lambda session: presenting.paid_lines(session, policies.rules(session))),
        pay=station.writing(lambda order: _("拨付 {n} 笔").format(n=len(order.claims)), pay),
        bank_sheet=bank_sheet,
        read_answer=station.writing(_("读入银行结果"), payments.read_answer),
        print=printer.show,
    )
