"""A new data key for the store, so that a password, a key stick or a recovery code that no longer counts opens nothing any more.

The data key is the same in every key file of its time, also in those inside backups. Whoever has an old backup and an old password
therefore has the key of today's store, until it is replaced.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from db import acts, keys, local, upgrade
from db.backup import check_copy
from db.engine import copy_file, problem, sqlite_engine
from db.files import STORE_FILE, for_a_copy, sync_folder
from db.key_swap import finish
from db.store import KEY_FILE, Store
from domain.errors import DomainError, StoreDamaged
from domain.words import _, lazy


@dataclass(frozen=True)
class Renewed:
    """What people have to do after a change of the data key: keep a new recovery `code` (if there had to be one), or enrol again, so that
    the `county` can help with a forgotten password."""

    code: str = ""
    county: bool = True

    late: tuple[str, ...] = ()
    """Users who must open the store before the key can be replaced; nothing was done then."""

    unopened: tuple[str, ...] = ()
    """Copies in `backups` that the key of before does not open; they were left as they are."""

    def sentence(self) -> str:
        """What was done, without the code."""
        if self.late:
            text = _(
                "数据密钥还没有换，旧备份里的密钥文件仍打得开现在的数据：等 {names} 各打开一次村站通，再到「设置 → 用户和密码」换新密钥。"
            )
            return text.format(names=_("、").join(self.late))
        text = _("数据换了新密钥：旧备份里的密钥文件打不开现在的数据了。旧备份本身仍用当时的密码打开，不用的请删掉。")
        if self.unopened:
            left = _("数据文件夹的 backups 里有 {names} 没有换密钥：是恢复备份以前留下的，或者损坏了，打不开。原样留着，确实不用了再删。")
            text += left.format(names=_("、").join(self.unopened))
        if self.county:
            return text
        return text + _("县里暂时不能帮这台电脑找回密码；请向县里要一个注册码，再加入一次。")


def missing(store: Store) -> list[str]:
    """The users who must open the store once more before the data key can be replaced: an earlier release wrapped it for them."""
    return [slot.name for slot in keys.read(store.home / KEY_FILE).slots if slot.type == "user" and not slot.public]


def voided(store: Store) -> Renewed:
    """Replace the data key after a password, a key stick or a recovery code became void, if everybody's slot allows it."""
    late = tuple(missing(store))
    return Renewed(late=late) if late else renew(store)


def by_admin(store: Store) -> Renewed:
    """Replace the data key because the present user wants it. Raises `Refused` unless that is an administrator."""
    store.require_admin()
    return renew(store)


def new_recovery_code(store: Store) -> str:
    """Make a new recovery code, and the old one worthless if everybody's slot allows it. The key comes first: if it fails, no code was made
    that nobody has seen."""
    store.require_admin()
    voided(store)
    return store.new_recovery_code()


def renew(store: Store) -> Renewed:
    """Encrypt the store under a new data key, which opens with everybody's present password and key stick. Raises `DomainError`, changing
    nothing.

    Other windows have to be opened again; what they try to save until then is refused, not lost.
    """
    late = missing(store)
    if late:
        text = _("还不能换密钥：{names} 升级以后还没有打开过村站通。请他们各用自己的密码打开一次，或者停用、重设密码，再换。")
        raise DomainError(text.format(names=_("、").join(late)))
    key = keys.new_data_key()
    try:
        with store.connect(begin="IMMEDIATE") as conn, conn.begin():
            store.check_in_place(conn)
            upgrade.refuse_old_window(conn)
            with for_a_copy(store.home) as folder:
                slots, code, county = _slots(store, key)
                fresh = Path(folder) / keys.READY
                unopened = _encrypt(store, key, fresh)
                keys.write(fresh / KEY_FILE, keys.KeyFile(1, slots))
                sync_folder(fresh)
                os.replace(fresh, store.home / keys.READY)
                sync_folder(store.home)
    except Exception as error:
        raise problem(error) from error
    with store.replacing(key):
        finish(store.home)
    return Renewed(code, county, unopened=unopened)


def _encrypt(store: Store, key: bytes, fresh: Path) -> tuple[str, ...]:
    """Copy the store, and the copies of it that no key file goes with, to a new folder and under a new key. Returns the names of the copies
    that do not open: after a restore they may be under the key of the data that was moved aside."""
    copy_file(store.engine, key, fresh / STORE_FILE)
    _log(store, key, fresh / STORE_FILE)
    check_copy(fresh / STORE_FILE, key)
    copies = sorted((store.home / "backups").glob("*.db"))
    return tuple(copy.name for copy in copies if not _copied(copy, store.data_key, fresh / "backups" / copy.name, key))


def _log(store: Store, key: bytes, copy: Path) -> None:
    """Log the change in the new store, so that one that fails leaves no trace."""
    engine = sqlite_engine(copy, key)
    try:
        with engine.connect().execution_options(begin="IMMEDIATE") as conn, conn.begin():
            session = store.session(conn)
            acts.keep(session, lazy("用户 {name} 换了数据密钥", name=store.user), session.author)
    finally:
        engine.dispose()


def _copied(copy: Path, old: bytes, target: Path, key: bytes) -> bool:
    """Copy a copy of the store, under another key; returns False, leaving no target, if it does not open or is damaged."""
    engine = sqlite_engine(copy, old)
    try:
        copy_file(engine, key, target)
    except Exception as error:
        if not isinstance(problem(error), StoreDamaged):
            raise
        target.unlink(missing_ok=True)
        return False
    finally:
        engine.dispose()
    return True


def _slots(store: Store, key: bytes) -> tuple[list[keys.Slot], str, bool]:
    """The slots with a new data key, the new recovery code if there has to be one, and whether the county's slot is among them (or there
    was none)."""
    slots, code, county = [], "", True
    for slot in keys.read(store.home / KEY_FILE).slots:
        fresh = keys.resealed(slot, key)
        if slot.type == "county":
            public = store.get_meta(local.RECOVERY_KEY)
            fresh = keys.wrap_for_county(bytes.fromhex(public), key, store.station) if public else None
            county = fresh is not None
        elif fresh is None and slot.type == "recovery":
            code = keys.new_recovery_code()
            fresh = keys.wrap("recovery", "recovery", code, key)
        slots += [fresh] if fresh is not None else []
    return slots, code, county
