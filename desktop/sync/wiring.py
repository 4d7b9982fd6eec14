"""同步 with the store behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from db import conflicts, exchange
from db.local import get_meta
from db.session import Session
from desktop.page import Frame, Page
from desktop.station import Station
from desktop.status_line import when
from desktop.sync import reading
from desktop.sync.automatic import AutoSync
from desktop.sync.drives import drives
from desktop.sync.lan_model import LanModel, LanStanding, LanUses
from desktop.sync.page import EVERY, USUAL, SyncPage
from desktop.sync.standing import Dispute, Parked, Plain
from desktop.sync.stick_model import StickModel, StickUses
from desktop.sync.view_model import SyncModel, Uses
from desktop.wiring.forms import form_tools
from domain.errors import NotFound
from domain.words import _
from services import households, merging, sheets, suspects
from services.merging import Match, Merged
from services.sheets import sheet_value
from sync.replica import identity
from sync.station import releasing, stick_reading, stick_writing
from sync.station.enrol import enrol
from sync.station.exchange import exchange as exchange_now
from sync.station.handing_in import ADDRESS, hand_in
from sync.station.lan_receiver import Receiver


def build(frame: Frame, station: Station) -> Page:
    """The page and its view model."""
    store = station.store

    def reveal(one: Dispute, reason: str) -> Plain:
        station.log_view(f"conflict {one.kind} {one.record_id}", reason)
        return station.reading(_plain)(one.id)

    uses = Uses(
        read=station.reading(reading.standing),
        exchange=lambda progress: exchange_now(store, progress=progress),
        enrol=lambda server, code: enrol(store, server, code),
        settle=station.writing(lambda one, keep, value: _("核对 {title}").format(title=one.title), _settle),
        reveal=reveal,
        write_parked=station.reading(_write_parked),
        release=station.writing(lambda one: _("放行 {title}").format(title=one.title), _release),
        merge=station.writing(lambda match, into: _("合并 {title}").format(title=match.records[0].title), _merge),
        suspects=station.reading(suspects.suspects),
        apart=station.writing(lambda match, _apart: _("核对 {title}").format(title=match.records[0].title), _apart),
        unmerge=station.writing(lambda one: _("取消合并 {title}").format(title=one.title), _unmerge),
    )
    model = SyncModel(frame.jobs, frame.run_long, uses)
    sticks = StickModel(frame.jobs, frame.run_long, stick_uses(station))
    lan = LanModel(frame.jobs, frame.run_long, lan_uses(station))
    return SyncPage(frame, model, sticks, lan, form_tools(frame, station)).keeping(model, sticks, lan)


def stick_uses(station: Station) -> StickUses:
    """What the U 盘 tab needs done."""
    store = station.store
    return StickUses(
        read=station.reading(reading.stick_standing),
        drives=drives,
        write_stick=lambda folder, code, progress: stick_writing.write_to_stick(store, folder, code=code, progress=progress),
        read_stick=lambda folder, progress: stick_reading.read_folder(store, folder, progress=progress),
    )


def lan_uses(station: Station) -> LanUses:
    """What the 局域网 tab needs done."""
    store = station.store

    def standing(session: Session) -> LanStanding:
        address = get_meta(session, ADDRESS) or ""
        return LanStanding(session.role != "village", exchange.unsent(session), address)

    return LanUses(
        read=station.reading(standing),
        open=lambda: Receiver(store),
        send=lambda address, code, progress: hand_in(store, address, code, progress=progress),
    )


def automatic(frame: Frame, station: Station) -> AutoSync:
    """Syncing by itself for as long as the window stands; `start` it."""
    store = station.store
    reachable = station.reading(lambda session: exchange.enrolled(session) and bool(get_meta(session, identity.SERVER)))
    made = AutoSync(
        frame.jobs,
        lambda: exchange_now(store) if reachable() else None,
        minutes=lambda: round(frame.preferences.number(EVERY, USUAL)),
    )
    made.said.connect(frame.message)
    made.moved.connect(frame.records_changed)
    return made


def _settle(session: Session, one: Dispute, keep: str | None, value: Any) -> None:
    """Decide a conflict; a value that is neither goes the way a person would type it."""
    if keep is None:
        field = next(c.declaration for c in conflicts.conflicts(session) if c.id == one.id)
        keep = str(sheet_value(field, value, plain=True)) if field is not None else "mine"
    conflicts.resolve(session, one.id, keep)


def _release(session: Session, one: Parked) -> None:
    releasing.release(session, releasing.find(session, one.key))


def _merge(session: Session, match: Match, into: str) -> str:
    """Join them; answers what there is to do then: a household whose head was the other record has none any more."""
    gone = [twin.id for twin in match.records if twin.id != into]
    for id in gone:
        merging.merge(session, id, into, compared=match.score > 0)
    left = {session.get("person", id).household_id for id in gone} - {None}
    headless = [home.title for home in (households.home(session, id) for id in sorted(left)) if home.head is None and home.members]
    return _("{homes}没有户主了，请在那一户的人页上按 Ctrl+H 换户主。").format(homes=_("、").join(headless)) if headless else ""


def _apart(session: Session, match: Match, apart: bool) -> None:
    (suspects.tell_apart if apart else suspects.list_again)(session, match.records[0].id, match.records[1].id)


def _unmerge(session: Session, one: Merged) -> None:
    merging.unmerge(session, one.id)


def _plain(session: Session, id: str) -> Plain:
    found = next((c for c in conflicts.conflicts(session) if c.id == id), None)
    if found is None:
        raise NotFound(_("这处不一致已经处理过了。"))
    return Plain(found.show(found.mine, plain=True), found.show(found.theirs, plain=True), found.show(found.base, plain=True))


def _write_parked(session: Session, path: Path) -> int:
    lines = [(one.title, one.what, one.reason, one.by, when(one.at)) for one in reading.parked(session)]
    headings = [_("记录"), _("要做的改动"), _("为什么搁置"), _("谁"), _("时间")]
    return sheets.write_list(path, _("搁置的改动"), headings, lines)
