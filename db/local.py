"""Tables that a station keeps for itself and never sends: settings, users, drafts."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Integer, Table, delete, func, select, text
from sqlalchemy.dialects.sqlite import insert as upsert

from db.mapping import TEXT, metadata, program_table
from db.prepared import Prepared
from db.session import Session
from domain.words import N_

meta = program_table("meta", "key! value?")
"""Settings and state of this store, as text."""

account = Table(
    "account",
    metadata,
    Column("name", TEXT, primary_key=True),
    Column("role", TEXT, nullable=False),
    Column("pin", TEXT),
    Column("pin_failures", Integer, nullable=False, default=0),
    Column("disabled_at", TEXT),
)
"""People who use this laptop; at the county, those of its web console. `role`: admin, clerk, reviewer or readonly. `pin` is an argon2id
hash, at the county that of the console password."""

draft = program_table("draft", "form! user! at values")
"""Unsaved form entries, which survive a power cut."""

PRACTICE = "practice"
"""Setting that marks a practice village: its people are invented and are never sent to a county."""
COUNTY_KEY = "county_key"
"""Setting: the public key (hex) with which this station's county signs, pinned at enrolment."""
RECOVERY_KEY = "county_recovery_key"
"""Setting: the public key (hex) to which the data key is sealed for the county (`db.keys.wrap_for_county`)."""
SEED, SEAL_SEED = "device_seed", "device_seal_seed"
"""Settings: the seeds (hex) of this station's signing key and sealing key. They exist from the store's creation, so that the county
recognises a copy or backup made before enrolment as this laptop."""
COUNTY_SEED = "county_seed"
"""Setting of the county: the seed (hex) of its signing key."""
REVOKED = "revoked_at"
"""Setting: when the county revoked this station; removed once the county answers it as a known station again."""
RESTORED = "restored_at"
"""Setting of a store that was restored from a backup and has not exchanged since (`db.backup`); of a county: when it was restored
(`db.county_backup`)."""
LISTED = "listed_for_bank"
"""Setting of a county's laptop: the payments it wrote into sheets for the bank that have no answer yet, with the day, as JSON by id."""
ROLES = {"admin": N_("管理员"), "reviewer": N_("审核员"), "clerk": N_("填报员"), "readonly": N_("只看不改")}
"""The roles of users, with their labels."""
READS_ONLY = N_("您的用户只能看，不能改。需要录入请找本站管理员。")


@dataclass(frozen=True)
class Account:
    """A user of this laptop."""

    name: str
    role: str
    has_pin: bool
    disabled: bool


_ALL = Prepared(select(meta.c.key, meta.c.value))
_KEEP = Prepared(text("INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value"))


def get_meta(session: Session, key: str, default: str | None = None) -> str | None:
    """A setting of this store."""
    return _settings(session).get(key, default)


def get_metas(session: Session, keys: Collection[str]) -> dict[str, str]:
    """Those of these settings that are set."""
    kept = _settings(session)
    return {key: kept[key] for key in keys if key in kept}


def _settings(session: Session) -> dict[str, str]:
    """All settings. They are few, and one query per transaction costs less than one for each."""
    if session.settings is None:
        session.settings = {key: value for key, value in _ALL.all(session.conn) if value is not None}
    return session.settings


def set_meta(session: Session, key: str, value: str | None) -> None:
    """Set a setting; None removes it."""
    if value is None:
        session.conn.execute(delete(meta).where(meta.c.key == key))
    else:
        _KEEP.run(session.conn, key=key, value=value)
    kept = _settings(session)
    kept.pop(key, None)
    if value is not None:
        kept[key] = value


def accounts(session: Session) -> list[Account]:
    """The users of this laptop in the order they were added."""
    rows = session.conn.execute(select(account).order_by(account.c.disabled_at.is_not(None), account.c.name))
    return [Account(r.name, r.role, r.pin is not None, r.disabled_at is not None) for r in rows]


def allow(session: Session, name: str, role: str) -> None:
    """Add a user, or re-enable one who was disabled, with the new role and without the old PIN."""
    fresh = {"role": role, "pin": None, "pin_failures": 0, "disabled_at": None}
    session.conn.execute(upsert(account).values(name=name, **fresh).on_conflict_do_update(index_elements=["name"], set_=fresh))


def save_draft(session: Session, form: str, values: dict[str, Any]) -> None:
    """Save the entries of a form, replacing an earlier draft."""
    clear_draft(session, form)
    text = json.dumps(values, ensure_ascii=False)
    session.conn.execute(draft.insert().values(form=form, user=session.user, at=session.at, values=text))


def load_draft(session: Session, form: str) -> dict[str, Any] | None:
    """The draft of a form, or None."""
    text = session.conn.execute(select(draft.c["values"]).where(draft.c.form == form, draft.c.user == session.user)).scalar()
    return None if text is None else dict(json.loads(text))


def drafts(session: Session) -> dict[str, int]:
    """How many drafts each user has; nobody else can see them."""
    count = select(draft.c.user, func.count()).group_by(draft.c.user).order_by(draft.c.user)
    return dict(session.conn.execute(count).all())


def half_filled(session: Session) -> list[tuple[str, str]]:
    """Names of the forms for which the present user has a draft of the last month, and when it was saved (UTC); the latest first."""
    mine = (draft.c.user == session.user) & (draft.c.at >= session.ago(30))
    return [(row.form, row.at) for row in session.conn.execute(select(draft.c.form, draft.c.at).where(mine).order_by(draft.c.at.desc()))]


def clear_draft(session: Session, form: str) -> None:
    """Delete a draft, once its form is saved or discarded."""
    session.conn.execute(delete(draft).where(draft.c.form == form, draft.c.user == session.user))
