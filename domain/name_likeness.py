"""Similarity of two names: in writing, in sound, and by characters that are misread. Pure; the caller supplies the pinyin, which needs a
table in `db`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Final

from domain.other_numbers import half_width

_LONGEST: Final = 40
"""Number of characters of a name that are compared."""
_BLANKS: Final = re.compile(r"[\s·•・．.\-]+")


class Name(IntEnum):
    """How two names agree, weakest first."""

    DIFFERENT = 0
    ONE_OTHER = 1
    """One character of three or more differs."""
    SHORTER = 2
    """One character of the given name is missing: 王秀兰, 王兰."""
    UNKNOWN = 3
    """One of the names is unknown."""
    ORDER = 4
    """The characters of the given name are swapped."""
    HEARD = 5
    """They differ only in sounds that many speakers confuse: zh and z, l and n, -ng and -n."""
    SHAPE = 6
    """Characters that are misread for one another."""
    SOUND = 7
    """The same pinyin."""
    VARIANT = 8
    """Two spellings of the same character or surname."""
    SAME = 9


def _groups(text: str) -> Mapping[str, frozenset[str]]:
    """Map each character to those it is confused with."""
    found: dict[str, frozenset[str]] = {}
    for group in text.split():
        for character in group:
            found[character] = found.get(character, frozenset()) | frozenset(group)
    return found


_VARIANTS: Final = _groups("""
    闫阎閆閻 肖萧蕭 付傅 戴代 邱丘 于於 钟锺鍾鐘 范範 兰蓝藍蘭 卢芦盧 党黨 游遊 仝同 罗羅 刘劉 张張 陈陳 杨楊 赵趙 黄黃 吴吳 孙孫 马馬
    峰峯 群羣 升昇陞 堃坤 喆哲 凤鳳 丽麗 云雲 华華 国國 兴興 荣榮 东東 义義 礼禮 宝寶寳 贵貴 庆慶 辉晖煇暉 伟偉 杰傑 珍珎 晋晉 恒恆 温溫
    强強 妍姸 彩綵 志誌 岩巖嵒 泉灥 姗姍 艳艷豔 凯凱 启啟啓 钰鈺 铃鈴 莲蓮 勋勳 霭靄 栋棟 宾賓 滨濱 勤懃 修脩
""")
"""Variant forms of one character, and surnames and names that offices write either way."""
_SHAPES: Final = _groups("""
    末未 士土 己已巳 戊戌戍成 日曰 人入八 干千于 天夫 王玉主 申甲由田 旦且 晴睛清情 洋样 春舂 杨扬 娟涓 淑叔 梅海 瑞端 宏宠 廷延
    凤风 责贵 桂佳挂 会全金 芬芳 苹萍 侠陕 彬杉 怡治冶 宜宣 枚牧 毛手 史吏 永水冰 兵乒 玲铃伶 令今 荣荥 香番 季李 孝考 学字宇 红江虹
    明朋 宋宗 余佘 刑邢 郎郞 陆陕 徐除 孙孜 杜社 材林村 杏杳 柱桂住 伟纬 传伟 华毕 庆厌 彦颜产 美姜 喜嘉 吉古 思恩 惠慧 福富 禄绿录
    珍诊 珠株 瑛英 璐潞 蓉容 莲连 丹舟 亚业 云去 元无 兄克 凡几 习刁 勇男 巧功 候侯 兴光 芝艺 花华 菊鞠 凯剀 娥峨俄 婷停亭 静净 敏敬
    志忠 远达 进讲 连莲 俊峻竣 波被 涛寿 琴琹 霞暇
""")
"""Characters that are misread for one another on paper, or picked beside one another on a screen."""


def bare_name(name: str) -> str:
    """A name normalised for comparison: without blanks and the dots between its parts, limited in length."""
    return _BLANKS.sub("", half_width(name[: 2 * _LONGEST])).upper()[:_LONGEST]


@lru_cache(maxsize=2_000)
def heard(syllable: str) -> str:
    """A syllable as many speakers pronounce it: zh ch sh as z c s, l as n, -ng as -n."""
    return re.sub("ng$", "n", re.sub("^([zcs])h", r"\1", re.sub("^l", "n", syllable)))


def compare(one: str, other: str, one_sounds: Sequence[str], other_sounds: Sequence[str]) -> Name:
    """How two names (from `bare_name`) agree, given the syllables of each; symmetric."""
    if not one or not other:
        return Name.UNKNOWN
    if one == other:
        return Name.SAME
    if len(one) == len(other):
        return max(_by_character(one, other, one_sounds, other_sounds), _whole(one_sounds, other_sounds))
    longer, shorter = sorted((one, other), key=len, reverse=True)
    if len(longer) == 3 and len(shorter) == 2 and longer[0] == shorter[0] and shorter[1] in longer[1:]:
        return Name.SHORTER
    return _whole(one_sounds, other_sounds)


def _by_character(one: str, other: str, one_sounds: Sequence[str], other_sounds: Sequence[str]) -> Name:
    pairs = list(zip(one_sounds, other_sounds, strict=True)) if len(one) == len(one_sounds) == len(other_sounds) else [None] * len(one)
    grades = [_character(a, b, sounds) for a, b, sounds in zip(one, other, pairs, strict=True) if a != b]
    if Name.DIFFERENT not in grades:
        return min(grades)
    if one[0] == other[0] and len(one) > 2 and sorted(one) == sorted(other):
        return Name.ORDER
    return Name.ONE_OTHER if len(grades) == 1 and len(one) > 2 else Name.DIFFERENT


def _character(one: str, other: str, sounds: tuple[str, str] | None) -> Name:
    """Compare two different characters."""
    if other in _VARIANTS.get(one, ()):
        return Name.VARIANT
    if sounds is not None and sounds[0] == sounds[1] != "":
        return Name.SOUND
    if other in _SHAPES.get(one, ()):
        return Name.SHAPE
    return Name.HEARD if sounds is not None and "" != heard(sounds[0]) == heard(sounds[1]) else Name.DIFFERENT


def _whole(one: Sequence[str], other: Sequence[str]) -> Name:
    """Compare by sound alone, for names with characters that have no reading of their own."""
    if len(one) < 2 or len(one) != len(other):
        return Name.DIFFERENT
    if list(one) == list(other):
        return Name.SOUND
    return Name.HEARD if [heard(part) for part in one] == [heard(part) for part in other] else Name.DIFFERENT
