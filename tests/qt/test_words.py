"""Every word a window shows passes the one door, so that it can be shown in English."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.paths import ROOT

CHINESE = re.compile(r"[\u4e00-\u9fff]")
READ_NOT_SHOWN = {
    "presenting.py": "的",
    "view_model.py": "导入 省 自治区 缺 到 是 否 病 事 旷 休",
    "list_tabs.py": "已就业",
    "course_tabs.py": "✓√1到是v缺0x×否 缺 缺0x×否",
    "scopes.py": "村镇乡县区市 社区",
    "wages_tab.py": "合计 总计 小计 累计 月",
    "shortcut.py": "村站通",
}
"""Words compared with what people type and paste, codes that are Chinese, and the name of the packed program's file; nobody is shown
them in a window."""


def loose_words(path: Path) -> Iterator[tuple[int, str]]:
    """Chinese text in code that is neither a docstring nor inside `_()`, `N_()` and their like."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    passed: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed.add(id(node.value))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "N_", "P_", "lazy", "page_word"):
            passed.update(id(part) for argument in node.args for part in ast.walk(argument))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed and CHINESE.search(node.value):
            yield node.lineno, node.value


def test_no_word_goes_past_the_door() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {word}"
        for path in sorted((ROOT / "desktop").rglob("*.py"))
        for line, word in loose_words(path)
        if word not in READ_NOT_SHOWN.get(path.name, "").split()
    ]
    assert found == []
