"""People's names in rosters: repairs them, and tells a name written differently from the name of somebody else."""

from __future__ import annotations

import re

from db.pinyin import syllables
from domain.name_likeness import Name, bare_name, compare
from domain.words import _

_CALLED = re.compile("[老小大阿]?[一二三四五六七八九十丫妮娃蛋狗柱锁]{1,2}[子儿头]?[哥姐叔婶嫂娘爷奶姨妹弟]?")
"""How people are called in a village, without a surname: 老三, 二丫, 狗蛋."""
_LOST = re.compile("[?？□*＊\ufffd\ue000-\uf8ff()（）\\d]")


_CONTROL = re.compile(r"\s*[\x01-\x1f\x7f-\x9f\u2028\u2029]+\s*")


def tidied(name: str) -> str:
    """A name with a space for each line break and other control characters."""
    return _CONTROL.sub(" ", name).strip() if _CONTROL.search(name) else name


def unlike(known: str, given: str) -> bool:
    """Whether two names have nothing in common but a surname: neither one written or heard wrongly, nor a nickname of the other."""
    if _LOST.search(known + given):
        return not set(_LOST.sub("", known)) & set(_LOST.sub("", given))
    one, other = bare_name(known), bare_name(given)
    if compare(one, other, syllables(known), syllables(given)) is not Name.DIFFERENT or set(one[1:]) & set(other[1:]):
        return False
    return not (_nickname(one, other) or _nickname(other, one))


def _nickname(name: str, of: str) -> bool:
    """Whether a name is how somebody with the surname of `of` is called: 王老三, 二丫, 老王头."""
    return _CALLED.fullmatch(name.removeprefix(of[0])) is not None or re.fullmatch(f"[老小大阿]{re.escape(of[0])}.?", name) is not None


def renamed(known: str, given: str) -> str:
    """The question about a row that would give a known person a wholly different name."""
    message = _("台账里这个号码是「{known}」，这里写的是「{name}」，不像同一个人，请先核对号码；是同一个人改了名再收下，姓名改为「{name}」")
    return message.format(known=known, name=given)
