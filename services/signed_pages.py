"""Signed pages: identifies photographed or scanned pages by their code and attaches them to the records they belong to.

codes = known(session, texts)             the meaning of the codes, and the pages still missing
sheets, why_not = codes.of(texts)         the pages on one photograph
keep(session, [(sheet, "jpg", data)])     attaches them under the document's name, by which the claim finds them
unsigned(session, documents)              claims whose application form has not come back
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from db.session import Session
from domain import page_codes
from domain.fields import kind_of
from domain.page_codes import PageCode
from domain.words import _
from services import attachments, records
from services.forms import CATALOGUE, FormType
from services.lists.titles import titles

_BY_MARK: Final = {entry.mark: entry for entry in CATALOGUE.values() if entry.mark}


@dataclass(frozen=True)
class FormPage:
    """A page of a form for a record at this station. `whose` is the record's title; `form` the form's title in Chinese."""

    record: str
    kind: str
    whose: str
    form: str
    called: str
    page: int
    pages: int
    received: bool = False
    """Whether the record already has a file of that name."""
    elsewhere: str = ""
    """Why it is not filed at this station though its record is here, "" if it is."""

    @property
    def stem(self) -> str:
        """The file name without suffix; it begins with the document's name, by which a claim finds it (`services.claims.materials`)."""
        return self.called if self.pages == 1 else _page_name(self.called, self.page)

    def sentence(self) -> str:
        """A description for the user."""
        what = f"{self.whose}　{_(self.form)}"
        if self.pages > 1:
            what = _("{what}，第 {page} 页，共 {pages} 页").format(what=what, page=self.page, pages=self.pages)
        return _("{what}（以前收过）").format(what=what) if self.received else what


@dataclass(frozen=True)
class Codes:
    """The meaning of codes: code → sheet, code → reason why it is unknown, and sentences about missing pages of the same forms."""

    sheets: Mapping[str, FormPage]
    unknown: Mapping[str, str]
    lacking: Sequence[str]

    def of(self, codes: Sequence[str]) -> tuple[list[FormPage], str]:
        """The sheets on one picture with these codes; if there are none, the reason."""
        found = [sheet for code in codes if (sheet := self.sheets.get(code)) is not None and not sheet.elsewhere]
        unread = _("没有认出右下角的码：拍全、拍平、拍清楚再来，或自己附到那条记录上")
        return found, "" if found else next((self.unknown.get(code) or self.sheets[code].elsewhere for code in codes), unread)


def known(session: Session, codes: Iterable[str]) -> Codes:
    """The meaning of codes at this station."""
    sheets: dict[str, FormPage] = {}
    unknown: dict[str, str] = {}
    read: dict[FormType, dict[str, PageCode]] = {}
    for code in dict.fromkeys(codes):
        parsed = page_codes.parse(code)
        entry = _BY_MARK.get(parsed.mark) if parsed is not None else None
        if parsed is None:
            unknown[code] = _("不是本程序打印的表")
        elif entry is None:
            unknown[code] = _("是新版程序打印的表，升级后再收")
        else:
            read.setdefault(entry, {})[code] = parsed
    for entry, found in read.items():
        of_records = _of_records(session, entry, found)
        sheets |= of_records
        told = _("{form}：本站没有这条{kind}，可能已删除、是别的村的，或还没有同步过来")
        told = told.format(form=_(entry.title), kind=_(kind_of(entry.about).label))
        unknown |= {code: told for code in found if code not in of_records}
    files = {(file.record_id, file.name) for file in attachments.attachments(session, {sheet.record for sheet in sheets.values()})}
    for code, sheet in sheets.items():
        exists = any(record == sheet.record and name.startswith(sheet.stem) for record, name in files)
        sheets[code] = replace(sheet, received=exists)
    return Codes(sheets, unknown, _lacking(files, [sheet for sheet in sheets.values() if not sheet.elsewhere]))


def _of_records(session: Session, entry: FormType, found: Mapping[str, PageCode]) -> dict[str, FormPage]:
    """The sheets of one form about records that are here, by code."""
    signed = records.by_id(session, entry.about, (parsed.record for parsed in found.values()))
    names = titles(session, entry.about, (record.id for record in signed.values() if record.deleted_at is None))
    called = entry.called or entry.title
    told = _("{whose}　{form}：归 {scope} 的电脑收")
    foreign = {one.id: one.village for one in signed.values() if not session.may_write(one.village)}
    elsewhere = {id: told.format(whose=names.get(id), form=_(entry.title), scope=scope) for id, scope in foreign.items()}
    return {
        code: FormPage(
            *(parsed.record, entry.about, names[parsed.record], entry.title, called, parsed.page, parsed.pages),
            elsewhere=elsewhere.get(parsed.record, ""),
        )
        for code, parsed in found.items()
        if parsed.record in names
    }


def keep(session: Session, pages: Sequence[tuple[FormPage, str, bytes]]) -> int:
    """Attach pages, given as (sheet, suffix, content); returns the number of new ones. A page with identical content is not attached again.
    Raises like `attachments.put`."""
    existing = {file.id for file in attachments.attachments(session, {sheet.record for sheet, _ending, _data in pages})}
    kept = {attachments.put(session, sheet.record, f"{sheet.stem}.{ending}", data, called=sheet.stem) for sheet, ending, data in pages}
    return len(kept - existing)


def unsigned(session: Session, asked: Mapping[str, Sequence[str]]) -> dict[str, bool]:
    """Claim id → whether its application form is still missing; `asked` maps claims to the documents they need. Claims that need no form
    are left out."""
    forms = {entry.called for entry in _BY_MARK.values() if entry.about == "claim" and entry.called}
    wanted = [id for id, documents in asked.items() if forms.intersection(documents)]
    returned = {file.record_id for file in attachments.attachments(session, wanted) if file.name.startswith(tuple(forms))}
    return {id: id not in returned for id in wanted}


def _lacking(files: Collection[tuple[str, str]], sheets: Collection[FormPage]) -> list[str]:
    """Sentences about forms of which some pages have come back, now or earlier, and others are missing."""
    returned: dict[tuple[str, str], set[int]] = {}
    one_of: dict[tuple[str, str], FormPage] = {}
    for sheet in sheets:
        returned.setdefault((sheet.record, sheet.called), set()).add(sheet.page)
        one_of[sheet.record, sheet.called] = sheet
    found = []
    for key, sheet in one_of.items():
        names = [name for record, name in files if record == sheet.record]
        absent = [n for n in range(1, sheet.pages + 1) if n not in returned[key]]
        missing = [n for n in absent if not any(name.startswith(_page_name(sheet.called, n)) for name in names)]
        if missing:
            numbers = _("、").join(map(str, missing))
            found.append(_("{whose}　{form}：还缺第 {pages} 页").format(whose=sheet.whose, form=_(sheet.form), pages=numbers))
    return found


def _page_name(called: str, page: int) -> str:
    return f"{called} 第{page}页"
