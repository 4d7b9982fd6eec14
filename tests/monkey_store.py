"""The store under random keys: what it holds at first, what another program does to it meanwhile, and what must hold of it afterwards."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from pathlib import Path

from sqlalchemy import select

from db import backup, local
from db.mapping import TABLES
from db.session import Session
from services import records
from services.importing import apply, plan
from sync.replica.audit import verify
from tests.bench.screening import fill
from tests.fresh import PASSWORD, new_store
from tests.paths import ROOT

SAMPLES = ROOT / "resources" / "samples"
ROSTERS = tuple("registry.xlsx work.xlsx workshop.xlsx wages.xlsx training.xlsx posts.xlsx survey.csv".split())


def _delete(session: Session) -> None:
    kind = random.choice(("person", "employment", "course", "post", "appointment", "claim", "enrolment", "vacancy"))
    ids = session.conn.execute(select(TABLES[kind].c.id).where(TABLES[kind].c.deleted_at.is_(None))).scalars().all()
    if ids:
        records.delete(session, kind, random.choice(ids))


def _change(session: Session) -> None:
    ids = session.conn.execute(select(TABLES["person"].c.id).where(TABLES["person"].c.deleted_at.is_(None))).scalars().all()
    if ids:
        records.save(session, "person", {"phone": f"138{random.randrange(10**8):08d}"}, id=random.choice(ids))


ACTS: tuple[Callable[[Session], object], ...] = (
    *(records.undo_last, records.redo_last, _delete, _delete, _delete, _change, _change),
    *(lambda session, name=name: apply(session, plan(session, SAMPLES / name)) for name in ROSTERS),
)


def village(home: Path, scope: str, kinds: Collection[str]) -> None:
    """A store with some of the sample rosters, which are a village's."""
    store = new_store(home, scope)
    for name in ROSTERS[:6]:
        with store.write(name) as session:
            apply(session, plan(session, SAMPLES / name))
    if "crowd" in kinds:
        with store.write("crowd") as session:
            fill(session, 5000)
    if "reader" in kinds:
        store.add_user("王主任", "readonly", PASSWORD)
    store.close()


def wrong(session: Session) -> list[str]:
    """What is damaged or doubled in a store; a draft that cannot be read raises."""
    found = [] if backup.sound(session) else ["the store is damaged"]
    audit = verify(session)
    found += [] if audit.ok else [audit.sentence()]
    for form in session.conn.execute(select(local.draft.c.form)).scalars():
        local.load_draft(session, form)
    paid: dict[str, int] = {}
    for one in session.select("payment"):
        paid[one.claim_id] = paid.get(one.claim_id, 0) + (one.amount if one.bank_result != "failed" else 0)
    found += [f"claim {one.id} is paid twice" for one in session.select("claim") if paid.get(one.id, 0) > one.amount]
    return found
