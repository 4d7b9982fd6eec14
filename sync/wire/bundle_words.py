"""Sentences for the codes with which a bundle is refused, and the error that carries them."""

from __future__ import annotations

from collections.abc import Callable

from domain.errors import CunzhanError
from domain.words import _

_SENTENCES: dict[str, Callable[[], str]] = {
    "foreign": lambda: _("这不是村站通的 U 盘文件。没有改动任何内容。"),
    "unreadable": lambda: _("这个文件读不出来：找不到它，U 盘已拔下，或者 U 盘坏了。没有改动任何内容。"),
    "folder": lambda: _("这是一个文件夹。没有改动任何内容，请写明其中的 U 盘文件（.czb）。"),
    "cut": lambda: _("U 盘文件读到一半读不出来了，可能 U 盘被拔下。读到的已经收好，请插好再读一次，会接着收。"),
    "damaged": lambda: _("这个 U 盘文件不完整或已损坏。没有改动任何内容，请从原来的电脑重新写一份。"),
    "large": lambda: _("这个 U 盘文件太大，不能用。没有改动任何内容。"),
    "newer": lambda: _("这个 U 盘文件是新版程序写的，请先升级村站通。没有改动任何内容。"),
    "county": lambda: _("这个 U 盘文件是另一个县（或练习村）的，这里不能读入。没有改动任何内容。"),
    "station": lambda: _("这个 U 盘文件不是给这台电脑的，这里不能读入。没有改动任何内容。"),
    "own": lambda: _("这是本站写给县里的文件，还没有县里的答复。请交给乡镇或县里。没有改动任何内容。"),
    "answers": lambda: _("这是县里给村站、乡镇的答复，请拿到写它的电脑上读入。没有改动任何内容。"),
    "sealed": lambda: _("这个 U 盘文件打不开：不是写给这里的，或者被改动过。没有改动任何内容。"),
    "signature": lambda: _("这个 U 盘文件的签名不对，可能被改动过。没有改动任何内容，请从原来的电脑重新写一份。"),
    "unknown": lambda: _("写这个文件的电脑没有在县里注册。没有改动任何内容，请先给它注册。"),
    "revoked": lambda: _("写这个文件的电脑已被县里停用。没有改动任何内容，它的数据都还在那台电脑上。"),
    "code": lambda: _("这份注册申请里的注册码不对，请县管理员重新发一个。没有改动任何内容。"),
    "expired": lambda: _("这份注册申请里的注册码已过期，请县管理员发一个新的。"),
    "taken": lambda: _("这份注册申请里的注册码已被别的电脑用过，请县管理员发一个新的。"),
    "scope": lambda: _("这份注册申请里的注册码是给别的站点的，请县管理员发一个本站的。"),
    "gap": lambda: _("前面还缺一段没有收到，这一份已经收好，等前面的来了再并入。数据一条也没有丢。"),
    "parted": lambda: _("县里恢复过备份，缺这台电脑以前交过的数据。数据都在本机，请再写一份交给县里，会自动补交。"),
    "broken": lambda: _("里面的数据签名或格式不对，没有并入。数据都在写它的电脑上。"),
    "fork": lambda: _("这台电脑的数据像是从备份恢复的，或被复制到了另一台电脑。数据都在，请再写一次 U 盘送到县里。"),
    "first": lambda: _("这台电脑还没有在县里注册。请用县里给的注册码先写一份注册申请，交给县里。"),
    "joined": lambda: _("这台电脑已经注册好了，这份答复不用再读。没有改动任何内容。"),
    "others": lambda: _("U 盘里的文件是给别的电脑的，或者早已读过，没有给这台电脑的。没有改动任何内容，请看是不是拿错了 U 盘。"),
    "nothing": lambda: _("U 盘里没有给这台电脑的文件。没有改动任何内容，请看是不是拿错了 U 盘。"),
    "full": lambda: _(
        "这里代收的 U 盘文件太多了，这一份没有再收，还在原来的 U 盘里。请先同步，或者写一份 U 盘交给县里、读回答复，再来收。"
    ),
    "old": lambda: _("这是很早以前的答复，已经用不上了。没有改动任何内容，请重新写一份交给县里。"),
}
RIGHTS = frozenset({"unknown", "revoked", "code", "expired", "taken", "scope", "fork"})
"""Codes of refusals for lack of rights: the program exits with 5."""


class BundleError(CunzhanError):
    """A bundle that cannot be accepted; nothing was changed. `word`: the code of the reason."""

    def __init__(self, word: str) -> None:
        super().__init__(sentence(word))
        self.word = word
        if word in RIGHTS:
            self.exit_code = 5


def sentence(word: str) -> str:
    """Return the sentence for a code; a general one for an unknown code."""
    return _SENTENCES[word]() if word in _SENTENCES else _("县里没有接受这个 U 盘文件。")
