"""The view model of first use: its steps, and what is done with the answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.preferences import UNNOTED
from desktop.welcome.opening import Program
from desktop.widgets.picker import Option
from domain import divisions
from domain.codes import plain_code
from domain.errors import CunzhanError, InputUnusable
from domain.scope_search import find_scope
from domain.scopes import level_of
from domain.words import _

if TYPE_CHECKING:  # loading the database waits until the password is asked for
    from db.store import Store
if TYPE_CHECKING:
    from db.store import Store

STEPS = ("place", "user", "recovery", "roster", "county")
SHORTEST_PASSWORD = 8


class FirstUseModel(QObject):
    """Goes through `STEPS`; each step is left only when it is complete."""

    step_changed = Signal(str)
    problem = Signal(str)
    wrong = Signal(str)
    """The answer a problem is about: "name", "password", "again", "server" or "enrolment"."""
    code_made = Signal(str)
    enrolled = Signal(str)
    busy = Signal(bool)

    def __init__(self, program: Program) -> None:
        super().__init__()
        self._program, self._jobs = program, program.jobs
        self.store: Store | None = None
        """None until it is created."""
        self.step = STEPS[0]
        self.scope = self.place = ""
        self.code = ""

    def find(self, text: str) -> Sequence[Option]:
        """Return villages, townships and counties that `text` may mean."""
        return [Option(code, _name(code)) for code in find_scope(text)]

    def choose_place(self, scope: str) -> None:
        """Choose the user's own place."""
        if not scope:
            self.problem.emit(_("请输入村名，再从列出的里面选一个。"))
            return
        self.scope, self.place = scope, _name(scope)
        self.go("user")

    def make(self, user: str, password: str, again: str) -> None:
        """Create the store for this user; emits `code_made` with the recovery code."""
        where, fault = self.fault_of(user, password, again)
        if fault:
            self.problem.emit(fault)
            self.wrong.emit(where)
            return
        self.busy.emit(True)
        scope = self.scope
        self._jobs.run(lambda: self._create(scope, user.strip(), password), self._made, self._failed)

    def fault_of(self, user: str, password: str, again: str) -> tuple[str, str]:
        """Return which of a name and a password typed twice is wrong (see `wrong`), and why; ("", "") if none is."""
        if not user.strip():
            return "name", _("请填写您的姓名，登记的内容会记在这个名下。")
        if len(password) < SHORTEST_PASSWORD:
            return "password", _("密码至少 {n} 位，可以是一句话。").format(n=SHORTEST_PASSWORD)
        if password != again:
            return "again", _("两次输入的密码不一样，请再输一次。")
        return "", ""

    def confirm_code(self, typed: str) -> None:
        """Check the last four characters of the recovery code, which prove that it was written down."""
        if self.code and plain_code(typed)[-4:] != plain_code(self.code)[-4:]:  # typing the whole code is accepted too
            self.problem.emit(_("最后四位不对。请照着恢复码再看一遍。"))
            return
        self._program.preferences.keep(UNNOTED, None)
        self.go("roster")

    def enrol(self, server: str, code: str) -> None:
        """Enrol with the county now."""
        if not server.strip() or not code.strip():
            self.wrong.emit("enrolment" if server.strip() else "server")
            self.problem.emit(_("请填写县服务器的地址和注册码，或点「以后再说」。"))
            return
        assert self.store is not None
        store = self.store
        self.busy.emit(True)
        self._jobs.run(lambda: enrol(store, server.strip(), code.strip()), self._enrolled, self._failed, lane="net")

    def go(self, step: str) -> None:
        """Show a step."""
        self.step = step
        self.problem.emit("")
        self.step_changed.emit(step)

    def _create(self, scope: str, user: str, password: str) -> str:
        """Create the store; returns the recovery code, which is not noted yet."""
        from db.store import Store

        self.store, code = Store.create(self._program.home, scope=scope, role=level_of(scope), user=user, password=password)
        self._program.preferences.keep(UNNOTED, 1)
        return code

    def _made(self, code: str) -> None:
        self.busy.emit(False)
        self.code = code
        self.code_made.emit(code)
        self.go("recovery")

    def _enrolled(self, sentence: str) -> None:
        self.busy.emit(False)
        self.enrolled.emit(sentence)

    def _failed(self, error: Exception) -> None:
        self.busy.emit(False)
        if not isinstance(error, CunzhanError):
            raise error
        if isinstance(error, WrongAddress):
            self.wrong.emit("server")
        self.problem.emit(str(error))


def _name(scope: str) -> str:
    """The name of a place, from the city down."""
    return (divisions.full_name(scope) or scope).removeprefix(divisions.name("230000") or "")


class WrongAddress(InputUnusable):
    """What was typed is no address of a server."""


def enrol(store: Store, server: str, code: str) -> str:
    """Enrol and return the message; raises `Unreachable`, `Refused`, `WrongAddress` or another `InputUnusable`."""
    from sync.station.enrol import enrol as enrol_at  # loads the network library, so only when needed
    from sync.wire.link import server_url

    try:
        server_url(server)
    except InputUnusable as error:
        raise WrongAddress(str(error)) from error
    device = enrol_at(store, server, code)
    return _("已加入县服务器，本机编号 {device}。").format(device=device)
