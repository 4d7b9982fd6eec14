"""A fault of the program: a file without personal data, and a calm sentence."""

import sys

import pytest

from desktop import crash
from domain.errors import InputUnusable


def fault(name: str) -> None:
    number = "230826196503121424"
    raise KeyError(f"{name} {number} /home/王秀兰/花名册.xlsx")


@pytest.fixture
def error() -> Exception:
    try:
        try:
            fault("王秀兰")
        except KeyError as cause:
            raise RuntimeError("王秀兰 138") from cause
    except RuntimeError as caught:
        return caught
    raise AssertionError


def test_the_file_says_where_and_never_who(tmp_path, error) -> None:
    file = crash.write(tmp_path / "crash", error)
    text = file.read_text(encoding="utf-8")
    assert "builtins.RuntimeError" in text
    assert "builtins.KeyError" in text
    assert "tests/qt/test_crash.py" in text
    assert "fault" in text
    for secret in ("王秀兰", "230826196503121424", "138", "花名册", str(tmp_path)):
        assert secret not in text
    assert str(file) in crash.sentence(file)


def test_old_files_go(tmp_path, error) -> None:
    for _n in range(crash.KEPT + 5):
        crash.write(tmp_path, error)
    assert len(list(tmp_path.glob("crash-*.txt"))) == crash.KEPT


def test_known_errors_are_told_as_they_are(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    told: list[str] = []
    crash.install(tmp_path, told.append)
    sys.excepthook(InputUnusable, InputUnusable("这不是表格文件。"), None)
    assert told == ["这不是表格文件。"]
    assert not list(tmp_path.glob("crash-*"))
    sys.excepthook(ValueError, ValueError("x"), None)
    assert "没有丢" in told[1]
    assert len(list(tmp_path.glob("crash-*"))) == 1
