"""What the programs print is text and nothing else, whatever names, files and other laptops bring."""

import json
import sys
from io import BytesIO, StringIO, TextIOWrapper

import pytest

from cli.console import PASSWORD_VARIABLE, Console, as_json, table
from domain.errors import Refused

HOSTILE = "李\x1b]0;x\x07\x1b[2J\x9b31m四\u202e红\r好\x7f"
SHOWN = "李\\u001b]0;x\\u0007\\u001b[2J\\u009b31m四\\u202e红\\u000d好\\u007f"


def test_a_terminal_is_told_nothing_it_would_obey() -> None:
    console = Console(StringIO(), StringIO())
    console.print(f"一\t二\n{HOSTILE}")
    console.say(HOSTILE)
    assert console.out.getvalue() == f"一\t二\n{SHOWN}\n"  # type: ignore[attr-defined]  # a StringIO
    assert console.err.getvalue() == f"{SHOWN}\n"  # type: ignore[attr-defined]  # a StringIO


def test_lines_end_alike_on_every_system() -> None:
    """Two stores hold the same data exactly when what they export to standard output is the same, byte for byte."""
    written = BytesIO(), BytesIO()
    out, err = (TextIOWrapper(each, encoding="cp936", newline="\r\n") for each in written)
    console = Console(out, err)
    console.print("一\n二")
    console.say("三")
    assert [each.getvalue() for each in written] == ["一\n二\n".encode(), "三\n".encode()]


def test_a_table_stands_straight_beside_what_is_written_out() -> None:
    _head, line, first, second = table(("姓名", "村"), [("\x1b[31m", "甲"), ("张三", "乙")]).split("\n")
    assert first == "\\u001b[31m  甲"
    assert second == "张三        乙"
    assert line == "----------  --"


def test_json_stays_the_same_value() -> None:
    console = Console(StringIO(), StringIO())
    console.print(json.dumps({"name": HOSTILE}, ensure_ascii=False))
    assert json.loads(console.out.getvalue()) == {"name": HOSTILE}  # type: ignore[attr-defined]  # a StringIO


def test_json_for_another_program_survives_the_code_page_of_powershell(monkeypatch: pytest.MonkeyPatch) -> None:
    value = {"name": "张三"}
    monkeypatch.setattr(sys, "platform", "linux")
    assert as_json(value, StringIO()) == '{"name": "张三"}'
    monkeypatch.setattr(sys, "platform", "win32")
    handed_on = as_json(value, StringIO()).encode("utf-8").decode("cp936")
    assert json.loads(handed_on) == value


@pytest.mark.parametrize("typed", [[], ["correct horse"]])
def test_an_end_where_a_password_is_due_is_no_password(typed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def until_the_end(_prompt: str) -> str:
        if not typed:
            raise EOFError
        return typed.pop()

    terminal = StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", until_the_end)
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    with pytest.raises(Refused, match="没有密码"):
        Console(StringIO(), terminal).password(twice=True)


def test_a_password_in_another_encoding_is_refused_before_it_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a new store fails with a report of a crash, and an old one says that its key file is damaged."""
    monkeypatch.setenv(PASSWORD_VARIABLE, "\udcc3\udcdc\udcc2\udceb2023")
    with pytest.raises(Refused, match="认不出的字符"):
        Console(StringIO(), StringIO()).password()
