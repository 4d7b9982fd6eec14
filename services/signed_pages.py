"""Printed pages that come back signed: what each is by the code on it, and keeping it among the files of the record it belongs to.

told = known(session, codes)             what the codes of photographed pages say, and which pages are still to come
sheets, why_not = told.of(codes)         those of one photograph
keep(session, [(sheet, "jpg", data)])    attached under the name of the document it is, so that the claim lacks it no more
unsigned(session, documents)             which claims still wait for their application form
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
from services.forms import CATALOGUE, Entry
from services.titles import titles

_BY_MARK: Final = {entry.mark: entry for entry in CATALOGUE.values() if entry.mark}


@dataclass(frozen=True)
class Sheet:
    """A page of a form of a record here. `whose`: the record as people call it; `form`: the form's title in Chinese."""

    record: str
    kind: str
    whose: str
    form: str
    called: str
    page: int
    pages: int
    there: bool = False
    """Whether the record has a file of that name already."""

    @property
    def stem(self) -> str:
        """The name of its file without ending; it begins with the document it is, by which a claim finds it (`services.materials`)."""
        return self.called if self.pages == 1 else _page_name(self.called, self.page)

    def sentence(self) -> str:
        """What it is, for people."""
        what = f"{self.whose}　{_(self.form)}"
        if self.pages > 1:
            what = _("{what}，第 {page} 页，共 {pages} 页").format(what=what, page=self.page, pages=self.pages)
        return _("{what}（以前收过）").format(what=what) if self.there else what


@dataclass(frozen=True)
class Told:
    """What codes mean here: sheets, and why others mean nothing, by code; and sentences about pages of the same forms still to come."""

    sheets: Mapping[str, Sheet]
    strange: Mapping[str, str]
    lacking: Sequence[str]

    def of(self, codes: Sequence[str]) -> tuple[list[Sheet], str]:
        """The sheets on one picture with these codes; where there are none, why not."""
        found = [self.sheets[code] for code in codes if code in self.sheets]
        unread = _("没有认出右下角的码：拍全、拍平、拍清楚再来，或自己附到那条记录上")
        return found, "" if found else next((self.strange[code] for code in codes), unread)


def known(session: Session, codes: Iterable[str]) -> Told:
    """What codes mean here."""
    sheets: dict[str, Sheet] = {}
    strange: dict[str, str] = {}
    read: dict[Entry, dict[str, PageCode]] = {}
    for code in dict.fromkeys(codes):
        said = page_codes.parse(code)
        entry = _BY_MARK.get(said.mark) if said is not None else None
        if said is None:
            strange[code] = _("不是本程序打印的表")
        elif entry is None:
            strange[code] = _("是新版程序打印的表，升级后再收")
        else:
            read.setdefault(entry, {})[code] = said
    for entry, found in read.items():
        signed = records.by_id(session, entry.about, (said.record for said in found.values()))
        names = titles(session, entry.about, (record.id for record in signed.values() if record.deleted_at is None))
        for code, said in found.items():
            if said.record in names:
                called = entry.called or entry.title
                sheets[code] = Sheet(said.record, entry.about, names[said.record], entry.title, called, said.page, said.pages)
            else:
                label = _(kind_of(entry.about).label)
                strange[code] = _("{form}：本站没有这条{kind}，可能已删除、是别的村的，或还没有同步过来").format(
                    form=_(entry.title), kind=label
                )
    files = {(file.record_id, file.name) for file in attachments.attachments(session, {sheet.record for sheet in sheets.values()})}
    for code, sheet in sheets.items():
        there = any(record == sheet.record and name.startswith(sheet.stem) for record, name in files)
        sheets[code] = replace(sheet, there=there)
    return Told(sheets, strange, _lacking(files, sheets.values()))


def keep(session: Session, pages: Sequence[tuple[Sheet, str, bytes]]) -> int:
    """Attach pages, each with the ending of its file; answers how many are new: a page whose very bytes are there stays as it is.
    Raises as `attachments.put`."""
    there = {file.id for file in attachments.attachments(session, {sheet.record for sheet, _ending, _data in pages})}
    kept = {attachments.put(session, sheet.record, f"{sheet.stem}.{ending}", data, called=sheet.stem) for sheet, ending, data in pages}
    return len(kept - there)


def unsigned(session: Session, asked: Mapping[str, Sequence[str]]) -> dict[str, bool]:
    """Whether the application form of a claim has still to come back, by claim; `asked` are the documents each needs. Claims that need
    none are left out."""
    forms = {entry.called for entry in _BY_MARK.values() if entry.about == "claim" and entry.called}
    wanted = [id for id, documents in asked.items() if forms.intersection(documents)]
    come = {file.record_id for file in attachments.attachments(session, wanted) if file.name.startswith(tuple(forms))}
    return {id: id not in come for id in wanted}


def _lacking(files: Collection[tuple[str, str]], sheets: Collection[Sheet]) -> list[str]:
    """Sentences about forms of which some pages came, now or earlier, and others did not."""
    came: dict[tuple[str, str], set[int]] = {}
    one_of: dict[tuple[str, str], Sheet] = {}
    for sheet in sheets:
        came.setdefault((sheet.record, sheet.called), set()).add(sheet.page)
        one_of[sheet.record, sheet.called] = sheet
    found = []
    for key, sheet in one_of.items():
        names = [name for record, name in files if record == sheet.record]
        absent = [n for n in range(1, sheet.pages + 1) if n not in came[key]]
        missing = [n for n in absent if not any(name.startswith(_page_name(sheet.called, n)) for name in names)]
        if missing:
            numbers = _("、").join(map(str, missing))
            found.append(_("{whose}　{form}：还缺第 {pages} 页").format(whose=sheet.whose, form=_(sheet.form), pages=numbers))
    return found


def _page_name(called: str, page: int) -> str:
    return f"{called} 第{page}页"
