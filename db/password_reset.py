"""Gives another user, who forgot their password, a new one."""

from __future__ import annotations

from db import acts, keys, local
from db.store import KEY_FILE, Store
from domain.errors import DomainError
from domain.words import _, lazy


def reset(store: Store, name: str, password: str) -> None:
    """Replace another user's password; the PIN and the key stick no longer apply. The role stays. Only for administrators.

    One transaction, in which the key file is written last: after a power cut the old password or the new one opens the store.
    """
    store.require_admin()
    if name == store.user:
        raise DomainError(_("自己的密码请用「改密码」来改。"))
    keys.check_password(password)
    slot = keys.wrap("user", name, password, store.data_key)
    with store.applying() as session:
        user = next((one for one in local.accounts(session) if one.name == name), None)
        if user is None or user.disabled:
            raise DomainError(_("用户「{name}」已停用，先重新增加。").format(name=name))
        local.allow(session, name, user.role)
        acts.keep(session, lazy("重设用户 {name} 的密码", name=name), session.author)
        keys.replace(store.home / KEY_FILE, slot)
