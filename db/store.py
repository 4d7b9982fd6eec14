"""A station's store: one encrypted SQLite file, its users, and the transactions everything else runs in.

with store.write("登记 张三") as session:
    records.save(session, "person", values)
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, delete, select, text, update

from db import acts, capture, keys, lease, local, unindexed, upgrade
from db.engine import problem, readable, reading, sqlite_engine, unhurried
from db.files import STORE_FILE
from db.ids import IdSource
from db.prepared import Prepared
from db.session import Session, utc_now
from domain.errors import CannotWrite, CunzhanError, DomainError, InputUnusable, Misused, Refused, StoreDamaged
from domain.scopes import level_of, valid
from domain.values import UNSEEN
from domain.words import N_, LazyText, _, lazy, stored

KEY_FILE = keys.KEY_FILE
_REPLACED = N_("本机数据已从备份恢复、换了密钥，或被移走了，这一步没有保存。请关闭村站通再打开。")
_ROLE = Prepared(select(local.account.c.role).where(local.account.c.name == bindparam("user")))
_QUIET = Prepared(text("UPDATE control SET quiet = :now"))


def _valid_user_name(user: str) -> bool:
    """Whether this may be a user's name: visible characters only, so that no two names look alike."""
    return bool(user.strip()) and "@" not in user and len(user) <= 50 and not UNSEEN.search(user)


class Store:
    """An open store, made by `create` or `open` and closed by `close`. Sessions may run on any thread, each on one at a time."""

    def __init__(self, home: Path, engine: Engine, key: bytes, user: str) -> None:
        self.home = home
        self.engine = engine
        self._key = key
        self.user = user
        self.scope = self.role = self.station = ""
        self.upgraded = False  # set by this opening: work for `sync.station.receiving.newer_program`
        with engine.connect() as conn:
            rows = {row.key: row.value for row in conn.execute(select(local.meta.c.key, local.meta.c.value))}
        try:
            self.scope, self.role, self.station = rows["scope"], rows["role"], rows["station"]
        except KeyError:
            raise StoreDamaged(_("村站数据不完整。没有改动任何内容，请用最近的备份恢复。")) from None
        self.id_source = IdSource(self.station)
        self._replacing = threading.Lock()
        self._opened = self._file()

    # -- making and opening ------------------------------------------------------------------------------------

    @staticmethod
    def create(home: Path, *, scope: str, role: str, user: str, password: str) -> tuple[Store, str]:
        """Create a store in `home` (a new or empty folder); returns it and the recovery code to print."""
        if not valid(scope) or level_of(scope) != role:
            raise Misused(_("站点代码与级别不符：村 12 位，乡镇 9 位，县 6 位。"))
        if not _valid_user_name(user):
            raise InputUnusable(_("用户名不能为空，不能含 @ 和看不见的字符，最长 50 字。"))
        keys.check_password(password)
        home.mkdir(parents=True, exist_ok=True)
        key, code = keys.new_data_key(), keys.new_recovery_code()
        slots = [keys.wrap("user", user, password, key), keys.wrap("recovery", "recovery", code, key)]
        try:
            if Store.exists(home):
                raise FileExistsError
            (home / STORE_FILE).touch(exist_ok=False)  # of two at once only one continues: the other's failure would remove its files
        except FileExistsError:
            raise InputUnusable(_("这个文件夹里已经有村站数据，不会覆盖它。请换一个文件夹。")) from None
        except OSError:  # SQLite fails as well, and its error is translated
            pass
        engine = sqlite_engine(home / STORE_FILE, key)
        try:
            with engine.connect().execution_options(begin="IMMEDIATE") as conn, conn.begin():
                _create_schema(conn)
                station = f"{scope}-{secrets.token_hex(4)}"
                facts = {"scope": scope, "role": role, "station": station, "made_at": utc_now()}
                facts |= {name: secrets.token_hex(32) for name in (local.SEED, local.SEAL_SEED)}
                conn.execute(local.meta.insert(), [{"key": k, "value": v} for k, v in facts.items()])
                conn.execute(local.account.insert().values(name=user, role="admin"))
            keys.write(home / KEY_FILE, keys.KeyFile(1, slots))  # last: a half-made store has no key file and is refused
        except BaseException as error:  # a full disk, Ctrl-C: remove what was begun, so that it can be tried again
            engine.dispose()
            for end in ("", "-wal", "-shm", "-journal"):
                (home / f"{STORE_FILE}{end}").unlink(missing_ok=True)
            raise problem(error) from None
        return Store(home, engine, key, user), code

    @staticmethod
    def exists(home: Path) -> bool:
        """Whether `home` holds a store."""
        return keys.exists(home)

    @staticmethod
    def open(home: Path, *, user: str | None, password: str) -> Store:
        """Open with a user's password (by default the first user's). Raises `Refused` or `StoreDamaged`."""
        return Store.opened(home, keys.unlock(home / KEY_FILE, user, password), password)

    @staticmethod
    def opened(home: Path, slot: keys.Opened, password: str) -> Store:
        """Open with the slot that `keys.unlock` opened with this password. A slot of an earlier release is bound to its user now."""
        store = Store.with_key(home, slot.slot.name, slot.key)
        try:
            store.check_owner(slot)
        except BaseException:
            store.close()
            raise
        if not slot.up_to_date:
            with suppress(CunzhanError):  # another time: the disk is full, or the password was just changed
                fresh = keys.wrap("user", store.user, password, slot.key, slot.slot.stick)
                store.replace_slots(fresh, instead_of=slot.slot)
        return store

    @staticmethod
    def with_key(home: Path, user: str, key: bytes) -> Store:
        """Open as `user` with the data key of an opened slot."""
        if not (home / STORE_FILE).exists():
            raise StoreDamaged(_("找不到村站数据文件。请从备份恢复。"))
        if not (home / STORE_FILE).stat().st_size:  # an interrupted copy: opening it would write into it
            raise StoreDamaged(_("村站数据不完整。没有改动任何内容，请用最近的备份恢复。"))
        engine = sqlite_engine(home / STORE_FILE, key)
        try:
            readable(engine)
            with _translated_errors():
                upgraded = upgrade.check(engine, home, key)
            store = Store(home, engine, key, user)
        except BaseException:
            engine.dispose()  # Windows cannot move an open file, so a restore could not replace it
            raise
        store.upgraded = upgraded
        with store.read() as session:
            if not any(a.name == user and not a.disabled for a in local.accounts(session)):  # names in `keys.json` can be edited
                store.close()
                raise keys.no_user(user)
            unnoticed, incomplete = lease.unnoticed(session), unindexed.missing(session)
        with suppress(CunzhanError):  # a full disk must not prevent opening
            if unnoticed:
                with store.noting() as session:
                    lease.notice(session)
            if incomplete:
                unindexed.complete(store)
        return store

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    # -- transactions --------------------------------------------------------------------------------------------

    def _file(self) -> tuple[int, int] | None:
        """The identity (device, inode) of the store file on disk; None if it is missing."""
        try:
            found = os.stat(self.home / STORE_FILE)
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def check_in_place(self, conn: Connection) -> None:
        """Raise `DomainError` if the store was replaced, with a backup or under a new data key: writes would go to the old file."""
        if conn.engine is not self.engine:
            raise DomainError(_("本机数据刚刚换了密钥，这一步没有保存，请再做一次。"))
        if self._replaced():
            raise DomainError(_(_REPLACED))

    def _replaced(self) -> bool:
        return self._file() != self._opened or keys.to_be_replaced(self.home)

    def connect(self, **options: Any) -> Connection:
        """A connection with these execution options, not while `replacing` has neither the old file nor the new one in place."""
        with self._replacing:
            return self.engine.connect().execution_options(**options)

    @contextmanager
    def replacing(self, key: bytes) -> Iterator[None]:
        """Go on, after the block, with the file that has replaced the store's in it, under a new data key (`db.new_key`)."""
        with self._replacing:
            self.engine.dispose()
            yield
            self.engine, self._key, self._opened = sqlite_engine(self.home / STORE_FILE, key), key, self._file()

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        """As the function of this name. What is wrong with the old file, or with the new one under the old key, is no damage."""
        try:
            with _translated_errors():
                yield
        except (StoreDamaged, CannotWrite) as error:
            if error.__cause__ is None or not self._replaced():
                raise
            raise DomainError(_(_REPLACED)) from error

    def session(self, conn: Connection) -> Session:
        """A session on a connection to this store, or to a copy of it."""
        return Session(conn, self.scope, self.role, self.user, self.station, utc_now(), self.id_source)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A read-only transaction with a consistent view."""
        with self._translated_errors(), self.connect() as conn, conn.begin(), reading(conn):
            yield self.session(conn)

    @contextmanager
    def write(self, label: LazyText | str) -> Iterator[Session]:
        """One act of the user, undone as a whole by 撤销, which shows its `label`. Raises `Refused` for a read-only user."""
        with self._translated_errors(), self.connect(begin="IMMEDIATE") as conn, conn.begin():
            self.check_in_place(conn)
            upgrade.refuse_old_window(conn)
            self.refuse_reader(conn)
            session = self.session(conn)
            session.act = conn.execute(
                capture.act.insert().values(at=session.at, by=session.author, label=stored(label)).returning(capture.act.c.id)
            ).scalar_one()
            conn.execute(
                update(capture.control).values(act=session.act, user=session.author, at=session.at, salt=self.id_source.salt, quiet=None)
            )
            yield session
            conn.execute(update(capture.control).values(act=None, user=None, at=None, salt=None))
            if conn.execute(select(capture.op.c.seq).where(capture.op.c.act == session.act).limit(1)).first() is None:
                conn.execute(delete(capture.act).where(capture.act.c.id == session.act))

    @contextmanager
    def applying(self, *, flush: bool = True, own: bool = False) -> Iterator[Session]:
        """A transaction for changes of others, with the capture triggers off. It cannot be committed unless they are on again.

        `own`: write only local data that never travels (a draft, the PIN), which is allowed even to an old window after a newer program has
        upgraded the store. Without `flush`, the transaction reaches the disk together with the next one that is flushed; a
        power cut before that takes it back.
        """
        disk = nullcontext if flush else unhurried
        with self._translated_errors(), self.connect(begin="IMMEDIATE") as conn, disk(conn), conn.begin():
            self.check_in_place(conn)
            if not own:
                upgrade.refuse_old_window(conn)
            _QUIET.run(conn, now=1)
            yield self.session(conn)
            _QUIET.run(conn, now=None)

    @contextmanager
    def noting(self) -> Iterator[Session]:
        """A transaction, not flushed to disk, for notes that a power cut may lose, such as that nothing new was found. Not for records."""
        with self._translated_errors(), self.connect(begin="IMMEDIATE") as conn, unhurried(conn), conn.begin():
            self.check_in_place(conn)
            yield self.session(conn)

    # -- settings and users -----------------------------------------------------------------------------------------

    def get_meta(self, key: str, default: str | None = None) -> str | None:
        """A setting of this store."""
        with self.read() as session:
            return local.get_meta(session, key, default)

    def set_meta(self, key: str, value: str | None) -> None:
        """Set a setting; None removes it."""
        with self.applying() as session:
            local.set_meta(session, key, value)

    def accounts(self) -> list[local.Account]:
        """The users of this laptop."""
        with self.read() as session:
            return local.accounts(session)

    def add_user(self, name: str, role: str, password: str) -> None:
        """Add a user, with a password of their own, or add a disabled one again under the same name. Only for administrators. Without the
        account no password is wrapped; whoever has an account and no password can be added again."""
        self.require_admin()
        keys.check_password(password)
        if role not in local.ROLES or not _valid_user_name(name):
            raise DomainError(_("用户名不能为空，不能含 @ 和看不见的字符，最长 50 字。"))
        slot = keys.wrap("user", name, password, self._key)
        with self.applying() as session:
            active = any(one.name == name and not one.disabled for one in local.accounts(session))
            if active and name in keys.read(self.home / KEY_FILE).names():
                raise DomainError(_("已经有用户「{name}」。").format(name=name))
            local.allow(session, name, role)
            acts.keep(session, lazy("增加用户 {name}", name=name), session.author)
        self.replace_slots(slot)

    def change_password(self, old: str, new: str) -> None:
        """Change the present user's password; `old` proves who asks."""
        keys.check_password(new)
        slot = self.check_password(old)
        self.replace_slots(keys.wrap("user", self.user, new, self._key, slot.stick), instead_of=slot)

    def check_password(self, password: str) -> keys.Slot:
        """Raise `Refused` unless it is the present user's password (unlocking, unmasking). Returns the slot that it opens."""
        opened = keys.unwrap(keys.find(keys.read(self.home / KEY_FILE), "user", self.user), password)
        self.check_owner(opened)
        return opened.slot

    def check_owner(self, opened: keys.Opened) -> None:
        """Raise `Refused` if the slot was wrapped for another user than the one whose name it has in the key file."""
        if opened.bound or not any(opened.made_for("user", one.name) for one in self.accounts()):
            return
        with suppress(CunzhanError):
            self.keep_act(N_("用户 {name} 名下的密码是别人的，没有打开"))
        raise Refused(_("密钥文件被改过：这里放的是另一位用户的密码，没有打开。没有改动任何内容，请告诉本站管理员，用恢复码换密码。"))

    def replace_slots(self, *slots: keys.Slot, instead_of: keys.Slot | None = None, label: str = "") -> None:
        """Change the key file as `keys.replace` does, holding the store's write lock, so that no other window or command changes it
        meanwhile. Then log it under a `label`; a disk too full for that must not hide what was done."""
        with self._translated_errors(), self.connect(begin="IMMEDIATE") as conn, conn.begin():
            self.check_in_place(conn)
            keys.replace(self.home / KEY_FILE, *slots, instead_of=instead_of)
        if label:
            with suppress(CunzhanError):
                self.keep_act(label)

    def disable_user(self, name: str) -> None:
        """Disable a user; what they entered stays. Nobody can disable themselves. If the disk fills up, the password goes first."""
        self.require_admin()
        if name == self.user:
            raise DomainError(_("不能停用自己。"))
        with self.applying() as session:
            session.conn.execute(update(local.account).where(local.account.c.name == name).values(disabled_at=session.at))
            acts.keep(session, lazy("停用用户 {name}", name=name), session.author)
            file = keys.read(self.home / KEY_FILE)
            file.slots = [s for s in file.slots if not (s.type == "user" and s.name == name)]
            keys.write(self.home / KEY_FILE, file)

    def change_role(self, name: str, role: str, reason: str) -> None:
        """Change another user's role; `reason` is logged with the change. Users cannot change their own role, so an administrator always
        remains."""
        self.require_admin()
        if name == self.user:
            raise DomainError(_("自己的角色请另一位管理员来改。"))
        if not 0 < len(reason) <= 100 or role not in local.ROLES:
            raise DomainError(_("请写明为什么改角色，最长 100 字。"))
        with self.applying() as session:
            which = (local.account.c.name == name) & local.account.c.disabled_at.is_(None)
            if not session.conn.execute(update(local.account).where(which).values(role=role)).rowcount:
                raise DomainError(_("用户「{name}」已停用，先重新增加。").format(name=name))
            label = lazy("改用户 {name} 的角色为{role}：{reason}", name=name, role=lazy(local.ROLES[role]), reason=reason)
            acts.keep(session, label, session.author)

    def new_recovery_code(self) -> str:
        """Create a new recovery code, which replaces the old one."""
        self.require_admin()
        code, before = keys.new_recovery_code(), keys.find(keys.read(self.home / KEY_FILE), "recovery", "recovery")
        slot = keys.wrap("recovery", "recovery", code, self._key)
        self.replace_slots(slot, instead_of=before, label=N_("用户 {name} 换了恢复码"))
        return code

    def keep_act(self, label: str) -> None:
        """Log, for `audit acts`, an act of the present user that changes no record. `label` may contain `{name}`, the user's."""
        with self.applying() as session:
            acts.keep(session, lazy(label, name=self.user), session.author)

    def account(self) -> local.Account:
        """The present user."""
        return next(a for a in self.accounts() if a.name == self.user)

    def require_admin(self) -> None:
        """Raise `Refused` unless the present user is an administrator of this laptop."""
        if self.account().role != "admin":
            raise Refused(_("只有本站管理员能这样做。"))

    @property
    def reads_only(self) -> bool:
        """Whether the present user is read-only."""
        return self.account().role == "readonly"

    def refuse_reader(self, conn: Connection) -> None:
        """Raise `Refused` if the present user is read-only, whichever way the change comes: window, command or file."""
        if _ROLE.value(conn, user=self.user) == "readonly":
            raise Refused(_(local.READS_ONLY))

    @property
    def data_key(self) -> bytes:
        """The raw key, for a backup of the same store (`db.backup`)."""
        return self._key


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Translate disk and database errors into messages that users can act on."""
    try:
        yield
    except CunzhanError:
        raise
    except Exception as error:
        translated = problem(error)
        if translated is error:
            raise
        raise translated from error


def _create_schema(conn: Connection) -> None:
    upgrade.whole_schema().create_all(conn)
    capture.install(conn)
    upgrade.stamp(conn)
