"""The machine and the pinned libraries do what the program counts on."""

import re
import subprocess
import sys

import pytest
from PySide6.QtGui import QFontDatabase, QImage, QPainter
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.paths import ROOT


def test_qt_calls_leave_the_references_of_none_alone(qtbot: QtBot) -> None:
    """PySide6 6.12.0 dropped one reference of None a call and killed Python 3.11 after some thousand of them (see docs/decisions)."""
    if sys.version_info >= (3, 12):
        pytest.skip("None is immortal from Python 3.12 on")
    label = QLabel()
    qtbot.addWidget(label)
    image = QImage(64, 64, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    before = sys.getrefcount(None)
    for _ in range(1_000):
        label.setText("解放村")
        painter.drawRect(0, 0, 5, 5)
    drift = sys.getrefcount(None) - before
    painter.end()
    assert abs(drift) < 50


_TWO_THREADS = """
import sys, threading
import desktop
from PySide6 import QtCore, QtGui, QtPrintSupport, QtSvg, QtWidgets
names = [(module, name) for module in (QtCore, QtGui, QtPrintSupport, QtSvg, QtWidgets) for name in dir(module)]
got, ready = [{}, {}], threading.Barrier(2)
def ask(mine):
    ready.wait()
    for module, name in names:
        mine[module, name] = getattr(module, name)
sys.setswitchinterval(1e-6)
other = threading.Thread(target=ask, args=(got[1],))
other.start()
ask(got[0])
other.join()
assert all(got[0][one] is got[1][one] for one in names)
"""


def test_two_threads_may_ask_for_the_same_classes_of_qt() -> None:
    """PySide6 6.9.3 makes classes when first asked for, and crashes when two threads do so (see `desktop/__init__.py`)."""
    for _n in range(3):
        done = subprocess.run([sys.executable, "-c", _TWO_THREADS], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_every_part_of_qt_is_loaded_before_threads_start() -> None:
    """PySide shows a part to other threads before all its classes are in it: two that import it at once fail with an `ImportError`."""
    files = (ROOT / "desktop").rglob("*.py")
    parts = {part for file in files for part in re.findall(r"^ *from (PySide6\.\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)}
    program = f"import sys, desktop.app; sys.exit(str({parts} - sys.modules.keys()) if {parts} - sys.modules.keys() else 0)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert len(parts) > 3
    assert done.returncode == 0, done.stderr


def test_the_store_is_encrypted_and_searches_chinese() -> None:
    from sqlcipher3 import dbapi2

    connection = dbapi2.connect(":memory:")
    try:
        assert connection.execute("pragma cipher_version").fetchone()[0].startswith("4.")
        version = tuple(int(part) for part in connection.execute("select sqlite_version()").fetchone()[0].split("."))
        assert version >= (3, 45)
        connection.execute("create virtual table words using fts5(text, tokenize='trigram')")
        connection.execute("insert into words values ('横头山镇解放村三组')")
        assert connection.execute("select count(*) from words where words match '解放村'").fetchone()[0] == 1
    finally:
        connection.close()


@pytest.mark.parametrize("name", ["Regular", "Bold"])
def test_bundled_font_has_the_characters_of_names_and_forms(qtbot: QtBot, name: str) -> None:
    from fontTools.ttLib import TTFont

    path = ROOT / "resources" / "fonts" / f"NotoSansCJKsc-{name}.otf"
    number = QFontDatabase.addApplicationFont(str(path))
    assert QFontDatabase.applicationFontFamilies(number) == ["Noto Sans CJK SC"]
    with TTFont(path, lazy=True) as font:
        known = font.getBestCmap()
    assert [sign for sign in "村站通张镕喆𠮷䶮㛃0123456789·×¥①Ⅳ、。（）○●→ǎü" if ord(sign) not in known] == []
