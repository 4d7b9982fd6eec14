"""Attachments by command, over a real connection: added at one laptop, listed and saved at another."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import update

from db.contents import content_piece
from db.county import County
from db.local import REVOKED, set_meta
from db.store import Store
from tests.conftest import PASSWORD, VILLAGE
from tests.e2e.conftest import Run
from tests.e2e.test_exchange import PERSON, World

PDF = b"%PDF-1.7\n" + b"0123456789" * 20_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "就业证明.pdf"
    made.write_bytes(PDF)
    return made


def person(run: Run, home: Path) -> str:
    assert run("--home", home, "import", "-", stdin=PERSON).code == 0
    return str(run("--home", home, "search", "张三", "--json").value[0]["id"])


def test_a_file_attached_here_is_saved_there(run: Run, make_store: Callable[..., Store], tmp_path: Path, file: Path) -> None:
    world = World(tmp_path, run, make_store)
    with world.serving():
        a, b = world.enrolled(VILLAGE), world.enrolled(VILLAGE)
        who = person(run, a)
        ended = run("--home", a, "attach", "person", who, file, "--json")
        assert ended.code == 0
        id = ended.value["id"]
        assert run("--home", a, "status", "--json").value["files_unsent"] == 1
        assert "附件待传 1 个" in run("--home", a, "status").out
        assert run("--home", a, "sync", "--json").value["files_sent"] == 1
        assert run("--home", a, "status", "--json").value["files_unsent"] == 0
        assert run("--home", b, "sync", "--json").value["files_received"] == 1
    (one,) = run("--home", b, "attachments", "person", who, "--json").value
    assert (one["id"], one["name"], one["size"], one["state"]) == (id, "就业证明.pdf", len(PDF), "here")
    assert "就业证明.pdf" in run("--home", b, "attachments").out
    folder = tmp_path / "out"
    folder.mkdir()
    ended = run("--home", b, "attachment", "save", id, folder, "--json")
    assert ended.value == {"id": id, "file": str(folder / "就业证明.pdf"), "bytes": len(PDF)}
    assert (folder / "就业证明.pdf").read_bytes() == PDF
    (view,) = run("--home", b, "audit", "views", "--json").value
    assert (view["what"], view["reason"]) == (f"attachment {id}", "看或另存附件")  # a photograph of a card shows its number
    assert run("--home", b, "delete", "attachment", id).code == 0
    assert run("--home", b, "attachments", "--json").value == []
    assert run("--home", b, "attachment", "save", id, folder).code == 3
    with closing(Store.open(a, user=None, password=PASSWORD)) as store, store.applying() as session:
        set_meta(session, REVOKED, "2026-01-01T00:00:00Z")
    assert run("--home", a, "attachment", "save", id, tmp_path / "again.pdf").code == 5
    assert not (tmp_path / "again.pdf").exists()
    assert world.server("check", "--json").value["spoilt"] == run("--home", a, "audit", "verify", "--json").value["spoilt"] == []
    spoil = update(content_piece).where(content_piece.c.start == 0).values(body=b"%PDF")
    with closing(Store.open(a, user=None, password=PASSWORD)) as store, store.applying() as session:
        session.conn.execute(spoil)
    with closing(County(world.database)) as county, county.write() as session:
        session.conn.execute(spoil)
    for checked in (world.server("check", "--json"), run("--home", a, "audit", "verify", "--json")):
        assert (checked.code, checked.value["spoilt"]) == (6, [id])


def test_wrong_use_and_unusable_files(run: Run, home: Path, tmp_path: Path, file: Path) -> None:
    who = person(run, home)
    bad = tmp_path / "a.exe"
    bad.write_bytes(b"MZ")
    for arguments, code in (
        (("attach", "person", who, bad), 3),
        (("attach", "person", who, tmp_path / "none.pdf"), 3),
        (("attach", "person", who, tmp_path), 3),
        (("attach", "person", "nobody", file), 3),
        (("attach", "nothing", who, file), 2),
        (("attach", "person", who), 2),
        (("attachments", "person"), 2),
        (("attachments", "person", "nobody"), 3),
        (("attachment", "save", "nothing", tmp_path), 3),
        (("attachment", "open", "nothing", tmp_path), 2),
    ):
        ended = run("--home", home, *arguments, "--json")
        assert ended.code == code, arguments
        assert len(ended.err.strip().splitlines()) == 1
    assert run("--home", home, "attach", "person", who, file).code == 0
    id = run("--home", home, "attachments", "--json").value[0]["id"]
    assert run("--home", home, "attachment", "save", id, tmp_path / "no" / "x.pdf").code == 3
    assert json.loads(run("--home", home, "undo", "1", "--json").out)["removed"] == 1
