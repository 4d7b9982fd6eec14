"""设置 with the store behind it."""

from __future__ import annotations

from pathlib import Path

from db import backup as backups
from db.local import REVOKED, get_meta, set_meta
from db.session import Session
from desktop.auto_backup import DAYS, EVERY_DAYS, FOLDER
from desktop.page import Frame, Page
from desktop.paper.forms import FormPrinter
from desktop.settings.page import SettingsPage
from desktop.settings.policies import policy_uses
from desktop.settings.policy_model import PolicyModel
from desktop.settings.view_model import BackupState, CountyState, SettingsModel, SettingsUses
from desktop.station import Station
from desktop.welcome.county import enrol


def build(frame: Frame, station: Station) -> Page:
    """The page and its view model."""
    store = station.store

    def keep_schedule(folder: str, days: int) -> None:
        with store.applying() as session:
            set_meta(session, FOLDER, folder or None)
            set_meta(session, EVERY_DAYS, str(days))

    def backup(file: Path) -> tuple[int, int]:
        made = backups.backup(store, file)
        station.changed.emit()
        return made.records, made.bytes

    def drill(file: Path, password: str) -> tuple[int, int]:
        found = backups.verify(file, user=store.user, password=password)
        return found.records, found.bytes

    def enrol_here(server: str, code: str) -> str:
        sentence = enrol(store, server, code)
        station.changed.emit()
        return sentence

    uses = SettingsUses(
        user=store.user,
        users=store.accounts,
        add_user=store.add_user,
        disable_user=store.disable_user,
        change_role=store.change_role,
        change_password=store.change_password,
        set_pin=store.set_pin,
        new_code=store.new_recovery_code,
        backup_state=station.reading(_backup_state),
        keep_schedule=keep_schedule,
        backup=backup,
        drill=drill,
        county=station.reading(_county),
        enrol=enrol_here,
        print=FormPrinter(frame, station).show,
    )
    model, policies = SettingsModel(frame.jobs, uses), PolicyModel(frame, policy_uses(station))
    return SettingsPage(frame, model, policies).keeping(model, policies)


def _backup_state(session: Session) -> BackupState:
    days = int(get_meta(session, EVERY_DAYS) or DAYS)
    return BackupState(get_meta(session, backups.LAST_BACKUP) or "", get_meta(session, FOLDER) or "", days)


def _county(session: Session) -> CountyState:
    server = get_meta(session, "server") or ""
    return CountyState(bool(get_meta(session, "county_id")), bool(get_meta(session, REVOKED)), server, session.station)
