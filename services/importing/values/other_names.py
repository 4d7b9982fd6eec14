"""People's names in rosters: reads and repairs them, and tells a name written differently from the name of somebody else."""

from __future__ import annotations

import re
from typing import Any

from db.pinyin import syllables
from domain.errors import FieldError
from domain.identity import half_width
from domain.name_likeness import Name, bare_name, compare
from domain.values import Type, check_text
from domain.words import _
from services.importing.values.cells import ASK, NOTHING, REPAIR, WARN, Notice, is_empty, text_of

_CALLED = re.compile("[老小大阿]?[一二三四五六七八九十丫妮娃蛋狗柱锁]{1,2}[子儿头]?[哥姐叔婶嫂娘爷奶姨妹弟]?")
"""How people are called in a village, without a surname: 老三, 二丫, 狗蛋."""
_LOST = re.compile("[?？□*＊\ufffd\ue000-\uf8ff()（）\\d]")
_LOST_CHARACTER = re.compile("[?□\ufffd\ue000-\uf8ff\U000f0000-\U0010fffd()*\\d]")
"""What is left of a rare character in a name after conversion: a private-use character or a replacement."""
_NAME_REMARK = re.compile(
    r"(?<=[一-龥]{2})\((?:[男女]|[代兼]|户主|党员|[组班队]长|主任|书记|会计|代领|代签|在外|外出|务工|低保|五保|特困|残疾?|脱贫|监测|新增|(?:曾用名|原名|又名|别名|小名|乳名|外号|绰号):?[一-龥·]{1,6}|(?P<dead>已?故|亡|(?:已经?)?(?:死亡|去世|病故)|销户))\)$"
)
"""A remark after a name: 王芳(女), 李强(已故). 王芳(大) tells two people of one name apart, so it stays."""
_LONG_NUMBER = re.compile("\\d{11}", re.ASCII)
_SEVERAL_NAMES = re.compile("[一-龥]{2,4}(?:[、，,;；/][一-龥]{2,4})+")
_CONTROL = re.compile(r"\s*[\x01-\x1f\x7f-\x9f\u2028\u2029]+\s*")


def tidied(name: str) -> str:
    """A name with a space for each line break and other control characters."""
    return _CONTROL.sub(" ", name).strip() if _CONTROL.search(name) else name


def read_name(cell: Any, notices: list[Notice]) -> str | None:
    """A person's name. Spaces inside a Chinese name are removed and reported as a repair. Raises `FieldError` if the cell also has a number
    or several names."""
    if isinstance(cell, str) and cell.isalpha() and not is_empty(cell) and cell not in NOTHING:
        return cell
    text = "" if is_empty(cell) else text_of(cell).lstrip("'")
    if not text or text in NOTHING:
        return None
    name = half_width(tidied(text))
    name = " ".join(name.split()) if re.search("[A-Za-z]", name) else re.sub(r"\s+", "", name)
    name = re.sub(r"[•‧∙⋅・ㆍ﹒．]|(?<=[一-龥])\.(?=[一-龥])", "·", name)
    if name != text:
        notices.append(Notice(REPAIR, "spaces", _("姓名里的空格或全角字符已去掉")))
    if remark := _NAME_REMARK.search(name):
        name = name[: remark.start()]
        message = _("姓名后面的「{remark}」没有读入") if not remark["dead"] else _("姓名后面写着「{remark}」：已经不在的不要收下")
        notices.append(Notice(ASK if remark["dead"] else REPAIR, "remark", message.format(remark=remark[0].strip("()"))))
    if _LONG_NUMBER.search(name):
        raise FieldError(_("姓名一格里有号码，请分开写"), "number_in_name")
    if _SEVERAL_NAMES.fullmatch(name):
        raise FieldError(_("姓名一格里写了不止一个人，请一人一行"), "several")
    if _LOST_CHARACTER.search(name):
        notices.append(Notice(WARN, "lost_character", _("姓名里有自造字、没有转过来的生僻字，或括号一类不属于姓名的字，请核对")))
    return check_text(Type.TEXT, name)


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
