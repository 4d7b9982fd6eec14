"""设置: users of this laptop, backups, the county, the lock. How the program looks is the window's own affair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from db.local import Account
from desktop.jobs import Jobs, Lane
from domain.errors import CunzhanError, DomainError
from domain.words import _

_T = TypeVar("_T")


@dataclass(frozen=True)
class BackupState:
    """How backups stand: when the last was made (UTC, "" never), where they go by themselves and every how many days (0 never)."""

    last: str = ""
    folder: str = ""
    every_days: int = 1


@dataclass(frozen=True)
class CountyState:
    """Whether this device belongs to a county."""

    enrolled: bool = False
    revoked: bool = False
    server: str = ""
    device: str = ""


@dataclass(frozen=True)
class SettingsUses:
    """What the page needs done, off the GUI thread."""

    user: str
    """Who is present."""
    users: Callable[[], Sequence[Account]]
    add_user: Callable[[str, str, str], None]
    disable_user: Callable[[str], None]
    change_role: Callable[[str, str, str], None]
    change_password: Callable[[str, str], None]
    set_pin: Callable[[str], None]
    new_code: Callable[[], str]
    backup_state: Callable[[], BackupState]
    keep_schedule: Callable[[str, int], None]
    backup: Callable[[Path], tuple[int, int]]
    """Write a checked backup; answers records and bytes."""
    drill: Callable[[Path, str], tuple[int, int]]
    """Open a backup with the present user's password and check it; nothing here changes."""
    county: Callable[[], CountyState]
    enrol: Callable[[str, str], str]
    print: Callable[[QWidget, str], None]
    """`print(parent, form)` shows a form of the station as it will be printed."""


class SettingsModel(QObject):
    """Asks and tells; every change is followed by asking again."""

    users_found = Signal(list)
    backup_found = Signal(object)
    county_found = Signal(object)
    said = Signal(str)
    code_made = Signal(str)
    busy = Signal(bool)

    def __init__(self, jobs: Jobs, uses: SettingsUses) -> None:
        super().__init__()
        self._jobs, self.uses = jobs, uses

    def load(self) -> None:
        """Ask how everything stands."""
        self._jobs.run(lambda: list(self.uses.users()), self.users_found.emit)
        self._jobs.run(self.uses.backup_state, self.backup_found.emit)
        self._jobs.run(self.uses.county, self.county_found.emit)

    def add_user(self, name: str, role: str, password: str, again: str, refused: Callable[[Exception], None]) -> None:
        """Give another person a password of their own."""
        told = _("已增加用户 {name}").format(name=name.strip())
        self._with_password(password, again, lambda: self.uses.add_user(name.strip(), role, password), told, refused)

    def disable_user(self, name: str) -> None:
        """Take a person's access away."""
        self._do(lambda: self.uses.disable_user(name), _("已停用 {name}，此人录入的内容都在").format(name=name))

    def change_role(self, name: str, role: str, reason: str, refused: Callable[[Exception], None]) -> None:
        """Let another user do more or less, and say why."""
        told = _("{name} 的角色已改，下次打开时生效").format(name=name)
        self._do(lambda: self.uses.change_role(name, role, reason.strip()), told, refused)

    def change_password(self, old: str, new: str, again: str, refused: Callable[[Exception], None]) -> None:
        """Change the present user's password."""
        self._with_password(new, again, lambda: self.uses.change_password(old, new), _("密码已改"), refused)

    def set_pin(self, pin: str, again: str, refused: Callable[[Exception], None]) -> None:
        """Set the PIN of the idle lock: typed wrong without being seen it would lock its owner out."""
        if not pin:
            refused(DomainError(_("PIN 应为 4 到 8 位数字。")))
        elif pin != again:
            refused(DomainError(_("两次输入的 PIN 不一样，请再输一次。")))
        else:
            self._do(lambda: self.uses.set_pin(pin), _("PIN 已设好"), refused)

    def drop_pin(self) -> None:
        """Unlock by the password alone."""
        self._do(lambda: self.uses.set_pin(""), _("PIN 已取消"))

    def new_code(self) -> None:
        """Make a new recovery code; one at a time, as each makes the one before void."""
        self._run(self.uses.new_code, self.code_made.emit)

    def backup(self, file: Path) -> None:
        """Write a backup now."""
        self._run(lambda: self.uses.backup(file), self._backed_up)

    def drill(self, file: Path, password: str) -> None:
        """See whether a backup could be restored."""
        self._run(lambda: self.uses.drill(file, password), self._drilled)

    def keep_schedule(self, folder: str, days: int) -> None:
        """Where and how often backups are made by themselves."""
        self._do(lambda: self.uses.keep_schedule(folder, days), _("备份安排已保存"))

    def enrol(self, server: str, code: str) -> None:
        """Enrol the device with the county."""
        if not server.strip() or not code.strip():
            self._jobs.failed.emit(DomainError(_("请填写县服务器的地址和注册码。")))
            return
        self._run(lambda: self.uses.enrol(server.strip(), code.strip()), self.said.emit, lane="net")

    def _with_password(self, new: str, again: str, work: Callable[[], None], sentence: str, refused: Callable[[Exception], None]) -> None:
        if new != again:
            refused(DomainError(_("两次输入的密码不一样，请再输一次。")))
        else:
            self._do(work, sentence, refused)

    def _do(self, work: Callable[[], None], sentence: str, refused: Callable[[Exception], None] | None = None) -> None:
        self._run(work, lambda _none: self.said.emit(sentence), refused)

    def _run(
        self, work: Callable[[], _T], tell: Callable[[_T], object], refused: Callable[[Exception], None] | None = None, *, lane: Lane = "db"
    ) -> None:
        """One thing at a time; how everything stands is asked again afterwards."""

        def done(result: _T) -> None:
            self.busy.emit(False)
            tell(result)
            self.load()

        def broke(error: Exception) -> None:
            self.busy.emit(False)
            (refused if refused and isinstance(error, CunzhanError) else self._jobs.failed.emit)(error)

        self.busy.emit(True)
        self._jobs.run(work, done, broke, lane=lane)

    def _backed_up(self, made: tuple[int, int]) -> None:
        self.said.emit(_("备份已写好并核对过：{records:,} 条记录，{size:.1f} MB").format(records=made[0], size=made[1] / 2**20))

    def _drilled(self, found: tuple[int, int]) -> None:
        self.said.emit(_("演练成功：这份备份能打开，完整，有 {records:,} 条记录。本机数据没有变化。").format(records=found[0]))
