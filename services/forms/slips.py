"""注册码: the codes of a whole township or county as a list to sign for, and as slips to cut, one for each place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

from services.files import written
from services.forms.fitting import SIGNED
from services.forms.form import Form

_BLANK: Final = "　" * 12
_STEPS: Final = (
    "第一次打开村站通：选好{name}，照着问的填；到「加入县服务器」填上面的地址和注册码，按「现在加入」。",
    "已经在用的：打开「同步」，在「加入县服务器」里填，按「加入」。没有网络：在「同步 → U 盘」填注册码，写一份注册申请，交给县里。",
    "只能用一次。字母大小写都行，横线不用打。不要拍照外传；丢了马上告诉县里收回（编号 {id}）。",
)
_PAGE: Final = """<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><title>{title}</title><style>
@page {{ size: A4; margin: 12mm; }}
body {{ color: #000; background: #fff; max-width: 186mm; margin: 0 auto; font: 11pt 'Microsoft YaHei', SimSun, sans-serif; }}
section {{ border-bottom: 1px dashed #000; padding: 4mm 0; break-inside: avoid; }}
h2 {{ font-size: 14pt; margin: 0 0 2mm; }}
p {{ margin: 1mm 0; }}
.code {{ font: bold 15pt Consolas, 'DejaVu Sans Mono', monospace; overflow-wrap: anywhere; }}
ol {{ margin: 2mm 0 0; padding-left: 6mm; font-size: 10pt; }}
</style></head><body>
{slips}
</body></html>
"""


@dataclass(frozen=True)
class Slip:
    """What is given to one place: its name, the code with the number it is withdrawn by, and until when it is valid."""

    name: str
    scope: str
    code: str
    id: str
    until: str


def write(slips: Sequence[Slip], file: Path, title: str, server: str) -> None:
    """Write the list (`.xlsx`) or the slips (`.html`, one below the other with a line to cut along). Raises `InputUnusable`."""
    if file.suffix.lower() == ".html":
        with written(file) as unfinished:
            unfinished.write_text(page(slips, title, server), encoding="utf-8", newline="\n")
        return
    from services.forms import workbook

    workbook.write(listed(slips, title, server), file)


def listed(slips: Sequence[Slip], title: str, server: str) -> Form:
    """The list, with room to sign for each code."""
    return Form(
        title,
        {"服务器地址": server or _BLANK},
        columns=("序号", "地方", "代码", "注册码", "编号", "有效到", SIGNED),
        rows=[(number, one.name, one.scope, one.code, one.id, one.until, "") for number, one in enumerate(slips, 1)],
        text=["注册码只能用一次。纸条丢了，用编号收回：cunzhan-server codes withdraw 编号。"],
        wide=True,
    )


def page(slips: Sequence[Slip], title: str, server: str) -> str:
    """The slips as a page for printing."""
    return _PAGE.format(title=escape(title), slips="\n".join(_slip(one, server) for one in slips))


def steps(one: Slip) -> list[str]:
    """What to do with a slip, step by step."""
    return [step.format(name=one.name, id=one.id) for step in _STEPS]


def _slip(one: Slip, server: str) -> str:
    todo = "".join(f"<li>{escape(step)}</li>" for step in steps(one))
    return (
        f"<section><h2>村站通　加入县服务器　{escape(one.name)}</h2>"
        f"<p>服务器地址：<b>{escape(server or _BLANK)}</b></p>"
        f"<p>注册码：<span class='code'>{escape(one.code)}</span></p>"
        f"<p>有效到：{escape(one.until)}</p><ol>{todo}</ol></section>"
    )
