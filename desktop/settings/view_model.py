"""The view model of 设置: users of this laptop, backups, the county, PIN and key stick. The window itself applies the look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Signal

from db import backup as backups
from db import exchange, new_key, unlocking
from db.announced import announced
from db.local import REVOKED, get_meta, set_meta
from db.session import Session
from db.unlocking import set_pin
from desktop.auto_backup import DAYS, EVERY_DAYS, FOLDER
from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import ViewModel
from domain.errors import CunzhanError, DomainError
from domain.words import _
from sync.replica import identity

_T = TypeVar("_T")


@dataclass(frozen=True)
class BackupState:
    """The state of backups: when the last was made (UTC, "" if never), the folder of automatic backups, and their interval in days (0:
    none)."""

    last: str = ""
    folder: str = ""
    every_days: int = 1


@dataclass(frozen=True)
class CountyState:
    """Whether this laptop belongs to a county."""

    enrolled: bool = False
    revoked: bool = False
    server: str = ""
    device: str = ""


class SettingsModel(ViewModel):
    """Loads the state and changes settings; after each change the state is loaded again."""

    users_found = Signal(list)
    backup_found = Signal(object)
    county_found = Signal(object)
    release_found = Signal(str)
    """The version of the newer release that the county offers; "" for none."""
    code_made = Signal(str)
    stick_found = Signal(str)
    """The id of the present user's key stick; "" for none."""
    busy = Signal(bool)

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self._store = station.store
        self.user = station.store.user
        """The present user."""

    def load(self) -> None:
        """Load the state."""
        self._jobs.run(lambda: list(self._store.accounts()), self.users_found.emit)
        self._jobs.run(self._station.reading(_backup_state), self.backup_found.emit)
        self._jobs.run(self._station.reading(_county), self.county_found.emit)
        self._jobs.run(self._station.reading(announced), self.release_found.emit)
        self._jobs.run(lambda: unlocking.stick_of(self._store), self.stick_found.emit)

    def add_user(self, name: str, role: str, password: str, again: str, refused: Callable[[Exception], None]) -> None:
        """Add a user with a password."""
        message = _("已增加用户 {name}").format(name=name.strip())
        self._with_password(password, again, lambda: self._store.add_user(name.strip(), role, password), message, refused)

    def disable_user(self, name: str) -> None:
        """Disable a user, whose key then opens nothing any more."""
        self._void(lambda: self._store.disable_user(name), _("已停用 {name}，此人录入的内容都在。").format(name=name))

    def renew_key(self) -> None:
        """Encrypt the store under a new data key."""
        self._run(partial(new_key.by_admin, self._store), self._renewed)

    def reset_password(self, name: str, password: str, again: str, refused: Callable[[Exception], None]) -> None:
        """Give another user, who forgot theirs, a new password, which is logged."""
        message = _("{name} 的密码已重设，请当面告诉他，打开以后自己再改").format(name=name)
        self._with_password(password, again, lambda: unlocking.reset_password(self._store, name, password), message, refused)

    def change_role(self, name: str, role: str, reason: str, refused: Callable[[Exception], None]) -> None:
        """Change another user's role, with a reason."""
        message = _("{name} 的角色已改，下次打开时生效").format(name=name)
        self._do(lambda: self._store.change_role(name, role, reason.strip()), message, refused)

    def change_password(self, old: str, new: str, again: str, refused: Callable[[Exception], None]) -> None:
        """Change the present user's password; the old one opens nothing any more, also with the key file of an old backup."""
        change = partial(self._store.change_password, old, new)
        self._with_password(new, again, change, _("密码已改。"), refused, self._void)

    def set_pin(self, pin: str, again: str, refused: Callable[[Exception], None]) -> None:
        """Set the PIN of the idle lock. It is entered twice: a mistyped one would lock its owner out."""
        if not pin:
            refused(DomainError(_("PIN 应为 4 到 8 位数字。")))
        elif pin != again:
            refused(DomainError(_("两次输入的 PIN 不一样，请再输一次。")))
        else:
            self._do(lambda: set_pin(self._store, pin), _("PIN 已设好"), refused)

    def drop_pin(self) -> None:
        """Unlock by the password alone."""
        self._do(lambda: set_pin(self._store, ""), _("PIN 已取消"))

    def use_stick(self, password: str, root: str, refused: Callable[[Exception], None]) -> None:
        """Make a stick the present user's second factor."""
        done = _("钥匙已写到 U 盘。下次打开时插上它；最好再做一个备用的。")
        self._void(lambda: unlocking.use_stick(self._store, password, Path(root)), done, refused)

    def spare_stick(self, root: str, refused: Callable[[Exception], None]) -> None:
        """Write the same key to another stick."""
        self._do(lambda: unlocking.spare_stick(self._store, Path(root)), _("备用的钥匙 U 盘做好了"), refused)

    def drop_stick(self, password: str, refused: Callable[[Exception], None]) -> None:
        """Stop using a key stick; the password alone opens the store again."""
        self._do(lambda: unlocking.drop_stick(self._store, password), _("以后只凭密码打开"), refused)

    def new_code(self) -> None:
        """Make a new recovery code, which replaces the previous one."""
        self._run(partial(new_key.new_recovery_code, self._store), self.code_made.emit)

    def backup(self, file: Path) -> None:
        """Write a backup now."""
        self._run(lambda: self._back_up(file), self._backed_up)

    def drill(self, file: Path, password: str) -> None:
        """Check whether a backup can be restored."""
        message = _("演练成功：这份备份能打开，完整，有 {records:,} 条记录。本机数据没有变化。")
        verify = partial(backups.verify, file, user=self.user, password=password)
        self._run(verify, lambda found: self._frame.message(message.format(records=found.records)))

    def keep_schedule(self, folder: str, days: int) -> None:
        """Set folder and interval of automatic backups."""
        self._do(lambda: self._keep_schedule(folder, days), _("备份安排已保存"))

    def _with_password(
        self,
        new: str,
        again: str,
        work: Callable[[], None],
        sentence: str,
        refused: Callable[[Exception], None],
        do: Callable[[Callable[[], None], str, Callable[[Exception], None]], None] | None = None,
    ) -> None:
        if new != again:
            refused(DomainError(_("两次输入的密码不一样，请再输一次。")))
        else:
            (do or self._do)(work, sentence, refused)

    def _do(self, work: Callable[[], None], sentence: str, refused: Callable[[Exception], None] | None = None) -> None:
        self._run(work, lambda _none: self._frame.message(sentence), refused)

    def _void(self, work: Callable[[], object], sentence: str, refused: Callable[[Exception], None] | None = None) -> None:
        """Do work that takes the store's key from somebody, or from a stick, and replace the key if it did."""

        def both() -> new_key.Renewed | None:
            return new_key.voided(self._store) if work() is not False else None

        self._run(both, lambda made: self._renewed(made, sentence), refused)

    def _renewed(self, made: new_key.Renewed | None, sentence: str = "") -> None:
        self._frame.message(sentence + (made.sentence() if made else ""))
        if made and made.code:
            self.code_made.emit(made.code)

    def _run(self, work: Callable[[], _T], then: Callable[[_T], object], refused: Callable[[Exception], None] | None = None) -> None:
        """Run one job at a time; afterwards the state is loaded again."""

        def done(result: _T) -> None:
            self.busy.emit(False)
            then(result)
            self.load()

        def failed(error: Exception) -> None:
            self.busy.emit(False)
            (refused if refused and isinstance(error, CunzhanError) else self._jobs.failed.emit)(error)

        self.busy.emit(True)
        self._jobs.run(work, done, failed)

    def _back_up(self, file: Path) -> backups.Backup:
        made = backups.backup(self._store, file)
        self._station.changed.emit()
        return made

    def _keep_schedule(self, folder: str, days: int) -> None:
        with self._store.applying() as session:
            set_meta(session, FOLDER, folder or None)
            set_meta(session, EVERY_DAYS, str(days))

    def _backed_up(self, made: backups.Backup) -> None:
        self._frame.message(
            _("备份已写好并核对过：{records:,} 条记录，{size:.1f} MB").format(records=made.records, size=made.bytes / 2**20)
        )


def _backup_state(session: Session) -> BackupState:
    days = int(get_meta(session, EVERY_DAYS) or DAYS)
    return BackupState(get_meta(session, backups.LAST_BACKUP) or "", get_meta(session, FOLDER) or "", days)


def _county(session: Session) -> CountyState:
    server = get_meta(session, identity.SERVER) or ""
    return CountyState(exchange.enrolled(session), bool(get_meta(session, REVOKED)), server, session.station)
