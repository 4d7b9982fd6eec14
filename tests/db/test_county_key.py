"""The county's SQLite file is encrypted; its key is a file of its own."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from db import keys
from db.county import County
from db.local import get_meta, set_meta
from domain.errors import InputUnusable, StoreDamaged

WORDS = "县里的一句话 230826197908178768"


def county(folder: Path) -> County:
    return County(f"sqlite:///{folder / 'county.db'}")


def written(folder: Path) -> Path:
    with closing(county(folder)) as made, made.write() as session:
        set_meta(session, "words", WORDS)
    return folder / "county.db"


def read(folder: Path) -> str | None:
    with closing(county(folder)) as there, there.read() as session:
        return get_meta(session, "words")


def test_nothing_can_be_read_without_the_key(tmp_path):
    file = written(tmp_path)
    content = b"".join(one.read_bytes() for one in tmp_path.iterdir() if one.name.startswith("county.db") and one.suffix != ".key")
    assert WORDS.encode() not in content and not content.startswith(b"SQLite")
    key = tmp_path / "county.db.key"
    assert key.stat().st_mode & 0o077 == 0 or os.name == "nt"  # Windows keeps rights with the folder, not in a mode
    assert read(tmp_path) == WORDS
    key.rename(tmp_path / "elsewhere")
    before = file.read_bytes()
    with pytest.raises(InputUnusable, match="密钥文件"):
        county(tmp_path)
    assert not key.exists() and file.read_bytes() == before  # a new key would hide that the right one is needed


@pytest.mark.parametrize("content", ["", "00", "不是十六进制", "ab" * 33])
def test_a_key_file_that_is_none_is_told(tmp_path, content):
    written(tmp_path)
    (tmp_path / "county.db.key").write_text(content, encoding="utf-8")
    with pytest.raises(InputUnusable, match="密钥文件"):
        county(tmp_path)


def test_another_key_is_told_and_changes_nothing(tmp_path):
    file = written(tmp_path)
    (tmp_path / "county.db.key").write_text("ab" * keys.KEY_BYTES, encoding="ascii")
    before = file.read_bytes()
    with pytest.raises(StoreDamaged, match="密钥"):
        county(tmp_path)
    assert file.read_bytes() == before


def test_the_key_may_lie_on_another_disk(tmp_path, monkeypatch):
    monkeypatch.setenv(keys.COUNTY_KEY, str(tmp_path / "stick" / "key"))
    with pytest.raises(InputUnusable):  # the stick is not there
        county(tmp_path)
    assert not (tmp_path / "county.db").exists()
    (tmp_path / "stick").mkdir()
    written(tmp_path)
    assert read(tmp_path) == WORDS and not (tmp_path / "county.db.key").exists()


def test_programs_that_start_together_share_one_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _n: keys.county_key(tmp_path / "county.db"), range(8)))
    assert len(found) == 1 and {file.name for file in tmp_path.iterdir()} == {"county.db.key"}


def test_a_file_of_an_older_program_still_opens(tmp_path):
    with closing(sqlcipher.connect(str(tmp_path / "county.db"))) as plain:
        plain.execute("CREATE TABLE kept (a)")
        plain.commit()
    written(tmp_path)
    assert read(tmp_path) == WORDS and not (tmp_path / "county.db.key").exists()


@pytest.mark.parametrize("url", ["sqlite:///:memory:", "sqlite:///"])
def test_a_county_cannot_live_in_memory(tmp_path, monkeypatch, url):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputUnusable, match="文件里"):
        County(url)
    assert list(tmp_path.iterdir()) == []
