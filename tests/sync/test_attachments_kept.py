"""Attached files here: taken, cleaned, encrypted, never dropped before the county holds them, gone with who is erased."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from db import contents as held_contents
from db.contents import content, content_piece
from db.mapping import table
from db.session import Session
from db.store import Store
from domain.attachments import MAX_SIZE, clean_name, media_type
from domain.errors import DomainError, InputUnusable, NotFound
from services import attachments as service
from services.records import undelete
from sync.county.acts import erasure
from sync.county.keys import county_keys
from sync.station.result import ExchangeResult
from tests.sync.conftest import PASSWORD, World, add
from tests.sync.photos import END, JPEG, at_county, attach, bytes_of, photo, sha_of, state


def age(store: Store, id: str) -> None:
    with store.applying() as session:
        t = table("attachment")
        session.conn.execute(update(t).where(t.c.id == id).values(deleted_at="2000-01-01T00:00:00Z"))


def remove(store: Store, id: str) -> None:
    with store.write("删除") as session:
        service.remove(session, id)


def test_what_the_county_does_not_hold_is_never_dropped(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    person = add(a)
    id = attach(a, person, photo(tmp_path))
    remove(a, id)
    age(a, id)
    world.sync(a)
    with a.applying() as session:
        held_contents.sweep(session)
        assert held_contents.size(session, session.get("attachment", id, deleted=True).sha256) == 300_000
    with a.write("恢复") as session:
        undelete(session, "attachment", id)
    world.sync(a)
    assert state(a, id) == "here"


def test_what_the_county_holds_goes_a_month_after_its_last_record(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    file = photo(tmp_path)
    one, two = attach(a, add(a), file), attach(a, add(a), file)
    world.sync(a)
    remove(a, one)
    age(a, one)
    with a.applying() as session:
        assert held_contents.sweep(session) == 0  # another record means it
    remove(a, two)
    with a.applying() as session:
        assert held_contents.sweep(session) == 0  # it may be brought back
    age(a, two)
    with a.applying() as session:
        assert held_contents.sweep(session) == 1
    with a.write("恢复") as session:
        undelete(session, "attachment", two)
    assert state(a, two) == "missing"
    world.sync(a)
    assert bytes_of(a, two) == file.read_bytes()


def test_an_erased_person_takes_their_files_along_everywhere(world: World, tmp_path: Path) -> None:
    a, b = world.station("甲"), world.station("乙")
    one, two = add(a), add(a)
    gone = attach(a, one, photo(tmp_path, 9000, "1.jpg", seed=1))
    kept = attach(a, two, photo(tmp_path, 9000, "2.jpg", seed=2))
    shared = photo(tmp_path, 9000, "3.jpg", seed=3)
    attach(a, one, shared)
    attach(a, two, shared)
    world.sync(a, b)
    sha, keys = sha_of(a, gone), county_keys(world.county)
    with world.county.write() as session:
        erasure.erase(session, keys, one, "去世满五年")
    world.sync(a, b)
    for place in (world.county, a, b):
        with place.read() as session:
            assert held_contents.read(session, sha) == b""
            assert session.conn.execute(select(func.count()).select_from(content)).scalar_one() == 2
    assert bytes_of(b, kept) == bytes_of(a, kept)


def test_a_county_that_lost_content_gets_it_again(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    id = attach(a, add(a), photo(tmp_path))
    world.sync(a)
    with world.county.write() as session:
        session.conn.execute(content.delete())
        session.conn.execute(content_piece.delete())
    assert world.sync(a).files_sent == 0  # asked once a day
    with a.applying() as session:
        session.conn.execute(update(content).values(sent_at="2020-01-01T00:00:00Z"))
    assert world.sync(a).files_sent == 1
    assert at_county(world.county, sha_of(a, id)) == bytes_of(a, id)
    with a.applying() as session:
        held_contents.forget_sent(session)
    assert state(a, id) == "unsent"


def test_only_allowed_files_are_taken(world: World, tmp_path: Path) -> None:
    a = world.store("甲")
    person = add(a)

    def take(name: str, data: bytes) -> str:
        file = tmp_path / name
        file.write_bytes(data)
        return attach(a, person, file)

    for name, data in (
        ("a.exe", b"MZ"),
        ("a", JPEG),
        ("a.jpg", b"MZ not a picture"),
        ("a.pdf", JPEG),
        ("a.pdf", b"%PDF-1.7 1 0 obj << /S /JavaScript /JS (app.alert(1)) >> endobj"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("a.jpg", b""),
        ("a.jpg", JPEG + b"x" * MAX_SIZE),
        ("a.jpg", JPEG + b"half of it was copied"),
    ):
        with pytest.raises(InputUnusable):
            take(name, data)
    assert take("a.jpg", JPEG + b"x" * (MAX_SIZE - 6) + END)
    with pytest.raises(NotFound):
        attach(a, "nobody", tmp_path / "a.jpg")
    with a.read() as session:
        assert session.conn.execute(select(func.count()).select_from(content)).scalar_one() == 1


def test_a_record_has_a_bounded_number_of_attachments(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST", 1)
    a = world.store("甲")
    person = add(a)
    attach(a, person, photo(tmp_path))
    with pytest.raises(DomainError, match="最多"):
        attach(a, person, photo(tmp_path, seed=2))


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Windows\\x.pdf", "x.pdf"),
        ("a\u202egpj.exe.pdf", "agpj.exe.pdf"),
        ("con.pdf", "_con.pdf"),
        (" .pdf", "pdf"),
        ("证明\n第 2 页.pdf", "证明第 2 页.pdf"),
        ("", "_"),
        ("..", "_"),
        ("长" * 300 + ".pdf", "长" * 96 + ".pdf"),
    ],
    ids=[str(n) for n in range(9)],
)
def test_names_are_cleaned(name: str, clean: str) -> None:
    assert clean_name(name) == clean
    assert clean_name(clean) == clean


def test_a_synced_record_with_a_hostile_name_or_type_does_no_harm(world: World, tmp_path: Path) -> None:
    a = world.station("甲")
    data = photo(tmp_path, 5000).read_bytes()
    with a.write("x") as session:
        sha = held_contents.keep(session, data)
    person = add(a)
    bad = add(a, "attachment", record_id=person, name="../../x.exe", media_type="image/jpeg", sha256=sha, size=5000)
    lying = add(a, "attachment", record_id=person, name="x.pdf", media_type="application/pdf", sha256=sha, size=5000)
    strange = add(a, "attachment", record_id=person, name="/etc/y.jpg", media_type="", sha256="../../x", size=5000)
    fine = add(a, "attachment", record_id=person, name="/etc/y.jpg", media_type="?", sha256=sha, size=5000)
    world.sync(a)
    with a.read() as session:
        for id in (bad, lying):
            with pytest.raises(InputUnusable):
                service.content(session, id)
        with pytest.raises(NotFound):
            service.content(session, strange)
        assert service.content(session, fine) == ("y.jpg", data)
    assert media_type("y.JPG", data) == "image/jpeg"


def test_content_lies_in_the_encrypted_store_only(world: World, tmp_path: Path) -> None:
    a = world.store("甲")
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF-" + "身份证复印件".encode() * 5000)
    attach(a, add(a), file)
    a.close()
    kept = b"".join(f.read_bytes() for f in (world.folder / "甲").rglob("*") if f.is_file())
    assert "身份证复印件".encode() not in kept
    world.stations["甲"] = Store.open(world.folder / "甲", user="甲", password=PASSWORD)


def test_reading_a_range(world: World) -> None:
    data = random.Random(3).randbytes(200_000)
    with world.county.write() as session:
        sha = held_contents.keep(session, data)
        _ranges(session, sha, data)


def _ranges(session: Session, sha: str, data: bytes) -> None:
    chance = random.Random(4)
    for _n in range(40):
        start, length = chance.randrange(len(data)), chance.randrange(1, 150_000)
        assert held_contents.read(session, sha, start, length) == data[start : start + length]


def test_the_result_says_nothing_of_files_when_there_are_none() -> None:
    assert "附件" not in ExchangeResult().sentence()
