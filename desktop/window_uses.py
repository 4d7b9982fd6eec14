"""The use cases of the window itself, bound to the open store: search, the status line, undo, unlocking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from db import acts, aside, backup, conflicts, exchange, held, wrong_clock
from db.key_stick import StickMissing
from db.keys import MIN_PASSWORD
from db.lease import lease, refusal
from db.local import REVOKED, get_meta
from db.session import Session
from db.unlocking import check_pin
from desktop.registry import page_of
from desktop.search_box import SearchResult
from desktop.station import Station
from desktop.status_line import Status
from domain import page_codes
from domain.clock import when
from domain.errors import Refused
from domain.words import _, lazy
from services import records, signed_pages
from services.search import search
from services.signed_pages import FormPage
from sync.replica.identity import CLOCK

_CLOCK_MATTERS = 5  # minutes


class WindowUses:
    """What the window itself asks of the open store; all of it blocks on the database and is run through Jobs. `guarded`: unlocking needs a
    password, as everywhere but in the practice village."""

    def __init__(self, station: Station, *, guarded: bool = True) -> None:
        self._station = station
        self.guarded = guarded

    def search(self, text: str) -> Sequence[SearchResult]:
        """What the search box finds."""
        return self._station.read(_found, text)

    def status(self) -> Status:
        """The content of the status line."""
        told = tuple(one.sentence() for one in aside.waiting(self._station.store.home))
        return replace(self._station.read(status), aside=told)

    def undo(self, sure: bool) -> tuple[str, bool | None]:
        """Undo the last saved change; returns a sentence and whether anything was undone. For a change made before this start, unless the
        user is `sure`, returns a question and None, and undoes nothing."""
        act = self._station.read(acts.last_undoable)
        if act is not None and act.at < self._station.since and not sure:
            return _("{when}　{label}\n这一步是这次打开程序以前做的。撤销以后，它改过的都恢复原样。").format(
                when=when(act.at), label=act.label
            ), None
        done = self._station.write(lazy("撤销"), records.undo_last)
        return _result_text(done, _("已撤销：{label}"), _("没有可以撤销的了"))

    def redo(self) -> tuple[str, bool]:
        """Redo the last undone change; returns a sentence and whether anything was redone."""
        done = self._station.write(lazy("重做"), records.redo_last)
        return _result_text(done, _("已重做：{label}"), _("没有可以重做的"))

    def unlock(self, typed: str) -> str:
        """ "" for the right PIN or password, otherwise the sentence to show."""
        store = self._station.store
        if store.account().disabled:
            return _("「{name}」已停用，打不开了。请找本站管理员。").format(name=store.user)
        if typed.isdigit() and len(typed) <= 8 and check_pin(store, typed):
            return ""
        try:
            store.check_password(typed)
        except Refused as error:
            if isinstance(error, StickMissing) and not (typed.isdigit() and len(typed) < MIN_PASSWORD):  # shorter digits are a wrong PIN
                return str(error)
            return _("不对，请再输一次。PIN 连错五次后只能用密码。")
        return ""

    def log_reason(self, reason: str) -> None:
        """Log the reason why secrets are shown from now on."""
        self._station.log_view("numbers in the window", reason)


def status(session: Session) -> Status:
    """Return the content of the status line."""
    last = exchange.last_exchange(session)
    # an earlier success says nothing about the connection now
    tried = [one for one in exchange.exchanges(session, 1) if one.at >= session.ago(1)]
    return Status(
        enrolled=exchange.enrolled(session),
        revoked=bool(get_meta(session, REVOKED)),
        lease=lease(session),
        masked=refusal(session),
        online=bool(tried and tried[0].ok and tried[0].figures.get("requests")),  # exchanges by stick do not count
        conflicts=conflicts.open_count(session),
        clock_wrong_by=_minutes(get_meta(session, CLOCK)) or round(wrong_clock.behind(session) / 60),
        unsent=exchange.unsent(session),
        held=held.count(session),
        last_sync=last.at if last else "",
        last_backup=get_meta(session, backup.LAST_BACKUP) or "",
    )


def _minutes(offset: str | None) -> int:
    minutes = round(abs(float(offset or 0)) / 60)
    return minutes if minutes >= _CLOCK_MATTERS else 0


def _found(session: Session, text: str) -> list[SearchResult]:
    code = text.strip().upper()  # as a scanner types it, also with Caps Lock on
    if page_codes.parse(code) is not None:
        return [_on_paper(sheet) for sheet in signed_pages.known(session, [code]).sheets.values()]
    hits = search(session, text, 10)
    return [SearchResult(hit.id, hit.title, hit.detail, page_of(hit.kind), {"kind": hit.kind, "id": hit.id}) for hit in hits]


def _on_paper(sheet: FormPage) -> SearchResult:
    """The record that a printed page is about."""
    page, args = ("benefits", {"claim": sheet.record}) if sheet.kind == "claim" else (page_of(sheet.kind), {})
    return SearchResult(sheet.record, sheet.whose, _(sheet.form), page, {"kind": sheet.kind, "id": sheet.record, **args})


def _result_text(done: tuple[str, acts.Undone] | None, done_text: str, nothing: str) -> tuple[str, bool]:
    if done is None:
        return nothing, False
    label, what = done
    text = done_text.format(label=label)
    return (text + _("（有 {n} 条后来又改过或要用到，没有动）").format(n=what.kept) if what.kept else text), True
