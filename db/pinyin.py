"""Pinyin of names and titles, for sorting and for search while typing: `张三` → `zhang san`, initials `zs`.

Each Chinese character gives one syllable, without tones and with ü written `v`. Syllables are separated by a blank, so that all 李 sort
before all 梁. Surnames have their surname readings (单 Shàn, 仇 Qiú, 尉迟 Yùchí). Letters and digits stay, in lower case.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from operator import eq

from domain.identity import half_width
from domain.name_likeness import heard


def _table(words: str) -> dict[str, str]:
    """Parse `单=shan 仇=qiu` into a mapping."""
    return dict(pair.split("=") for pair in words.split())


_SURNAMES = _table("""
    单=shan 仇=qiu 曾=zeng 解=xie 区=ou 查=zha 朴=piao 盖=ge 员=yun 乐=yue 缪=miao 翟=zhai 阚=kan 覃=qin 召=shao 折=she
    种=chong 秘=bi 洗=xian 繁=po 黑=he 乜=nie 佴=nai 薄=bo 莘=shen 牟=mu 祭=zhai 句=gou 宓=fu 谌=chen 郇=huan 隗=wei
    晟=cheng 幺=yao 么=yao 适=kuo 贾=jia 那=na 柏=bai 訾=zi 尉=wei 万=wan 长=zhang 藏=zang 瞿=qu 炅=gui 逄=pang 褶=xi
    弗=fei 盛=sheng 卜=bu 都=du
""")
_TYPED_AS = _table("""
    单=dan,chan 曾=ceng 盖=gai 乐=le 缪=mou 翟=di 覃=tan,qin 薄=bao 隗=kui 那=nuo 柏=bo 盛=cheng 卜=bo 都=dou 车=ju
""")
"""Other readings that are typed for surnames besides the usual ones of their characters."""
_COMPOUND_SURNAMES = _table("""
    尉迟=yu,chi 万俟=mo,qi 长孙=zhang,sun 单于=chan,yu 澹台=tan,tai 令狐=ling,hu 鲜于=xian,yu 宰父=zai,fu 亓官=qi,guan
    乐正=yue,zheng 谷梁=gu,liang 拓跋=tuo,ba 皇甫=huang,fu 夏侯=xia,hou 濮阳=pu,yang 宗正=zong,zheng 中行=zhong,hang
    呼延=hu,yan 毌丘=guan,qiu
""")
_WORDS = _table("""
    银行=yin,hang 商行=shang,hang 行业=hang,ye 车行=che,hang 重庆=chong,qing 重复=chong,fu 厦门=xia,men 西藏=xi,zang
    会计=kuai,ji 人参=ren,shen 海参=hai,shen 烹调=peng,tiao 空调=kong,tiao 调味=tiao,wei 调理=tiao,li 成长=cheng,zhang
    村长=cun,zhang 组长=zu,zhang 院长=yuan,zhang 校长=xiao,zhang 穆棱=mu,ling 单县=shan,xian 尉犁=yu,li 音乐=yin,yue
    乐器=yue,qi 弹簧=tan,huang
""")
_USUAL = {"长": "chang", "都": "du", "卜": "bu", "晟": "sheng", "率": "lv", "嗯": "en", "了": "liao", "地": "di", "的": "de"}
_LETTERS = re.compile(r"[a-z0-9]+")

# Any plausible syllable: one that no word has costs only an empty look-up, so the grammar may be generous.
_SYLLABLE = re.compile(
    r"(?:[zcs]h?|[bpmfdtnlgkhjqxryw])(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ui|ao|ou|iu|ie|ue|ve|an|en|in|un|vn|ia|ua|uo|[aeiouv])"
    r"|ang|eng|ai|ei|ao|ou|an|en|er|a|o|e"
)
_CONSONANT = re.compile(r"[zcs]h?|[bpmfdtnlgkhjqxryw]")
_UNFINISHED = re.compile(r"(?:[zcs]h?|[bpmfdtnlgkhjqxryw])(?:on|io|ion|iang?|uang?)")
_MAX_READINGS = 12
_MAX_TYPED = 40
_LONGEST_NAME = 4


@lru_cache(maxsize=1)
def _characters() -> dict[int, str]:
    """The single-character table of pypinyin. Its phrases (50 MB) are useless for names and are not loaded."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
    from pypinyin.constants import PINYIN_DICT  # 70 ms and 12 MB, paid only by programs that write or search

    return PINYIN_DICT


@lru_cache(maxsize=20_000)
def syllable(character: str) -> str:
    """The usual reading of one Chinese character, without its tone; `""` if it has none."""
    if character in _USUAL:
        return _USUAL[character]
    toned = _characters().get(ord(character), "").split(",")[0]
    plain = unicodedata.normalize("NFD", toned.replace("ü", "v").translate(_TONED_V))
    return "".join(letter for letter in plain if "a" <= letter <= "z")


_TONED_V = str.maketrans(dict.fromkeys("ǖǘǚǜ", "v"))


@lru_cache(maxsize=20_000)
def syllables(text: str, *, surname: bool = True) -> tuple[str, ...]:
    """The syllables of a name or title, with each run of letters or digits as one. `surname`: the text is a person's name."""
    if surname and text and text[:2] not in _COMPOUND_SURNAMES:
        parts = (_SURNAMES.get(text[:1]) or syllable(text[:1]), *map(syllable, text[1:]))
        if all(parts):
            return parts
    clean = half_width(text).lower()
    found: list[str] = []
    place = 0
    while place < len(clean):
        place += _next(clean, place, surname and not found, found)
    return tuple(found)


def _next(text: str, place: int, surname: bool, found: list[str]) -> int:
    """Append the syllable at `place` to `found`; returns how many characters were read."""
    word = text[place : place + 2]
    reading = _COMPOUND_SURNAMES.get(word) if surname else _WORDS.get(word)
    if reading:
        found.extend(reading.split(","))
        return 2
    letters = _LETTERS.match(text, place)
    if letters:
        found.append(letters.group())
        return len(letters.group())
    one = (_SURNAMES.get(text[place]) if surname else None) or syllable(text[place])
    found.extend([one] if one else [])
    return 1


class _Readings(dict[int, str]):
    """Translation table for characters after a surname: each becomes a blank and its reading; one without a reading becomes NUL."""

    def __missing__(self, code: int) -> str:
        reading = syllable(chr(code))
        self[code] = found = f" {reading}" if reading else "\0"
        return found


class _Heads(dict[int, str]):
    """Translation table for the same characters: each becomes the first letter of its reading, or NUL."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _READINGS[code].strip()[:1]
        return found


_READINGS = _Readings({ord("\n"): "\n"})
_HEADS = _Heads({ord("\n"): "\n"})


def names(column: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pinyin and initials of many people's names, equal to those of `syllables` and `initials` but computed for all at once."""
    given = "\n".join([name[1:] for name in column])
    after, heads = (given.translate(table).split("\n") for table in (_READINGS, _HEADS))
    if len(after) != len(column):  # a line break in a name
        after = heads = ["\0"] * len(column)
    for name, rest, head in zip(column, after, heads, strict=True):
        first = _SURNAMES.get(name[:1]) or syllable(name[:1]) if name else ""
        if first and "\0" not in rest and name[:2] not in _COMPOUND_SURNAMES:
            yield first + rest, first[0] + head
        else:
            parts = syllables(name)
            yield " ".join(parts), initials(parts)


def beginnings(text: str) -> tuple[str, ...]:
    """Pinyin prefixes of the people's names that begin with `text`: `尉` is 尉 (wei) or the first half of 尉迟 (yu chi)."""
    first = " ".join(syllables(text))
    more = {" ".join(reading.split(",")) for name, reading in _COMPOUND_SURNAMES.items() if len(text) == 1 and name[0] == text}
    return tuple(dict.fromkeys(found for found in (first, *sorted(more)) if found))


@lru_cache(maxsize=1)
def _misread() -> Sequence[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Surnames with the syllables that names have for them, and those that are typed as well: the usual ones of their characters."""
    typed = [(name, tuple(map(syllable, name))) for name in (*_SURNAMES, *_COMPOUND_SURNAMES)]
    typed += [(name, (reading,)) for name, readings in _TYPED_AS.items() for reading in readings.split(",")]
    return [(name, syllables(name), other) for name, other in dict.fromkeys(typed) if other != syllables(name)]


def misread(way: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """For syllables (from `splits`, the last may be unfinished) that begin with another reading of a surname: the surname, and the
    syllables as the names that begin with it have them. `(dan, x)` → `(单, (shan, x))`."""
    *whole, last = way
    return [
        (name, (*right[: len(way)], *way[len(right) :]))
        for name, right, other in _misread()
        if all(map(eq, whole, other)) and (len(way) > len(other) or (len(last) > 1 and other[len(whole)].startswith(last)))
    ]


def misread_initials(letters: str) -> list[tuple[str, str]]:
    """As `misread`, for the first letters of a name: `dxm` → `(单, sxm)`."""
    if not 1 < len(letters) <= _LONGEST_NAME:
        return []
    heads = [(name, initials(right), initials(other)) for name, right, other in _misread()]
    return [(name, right + letters[len(right) :]) for name, right, other in heads if letters.startswith(other) and other != right]


def alike(syllable: str) -> list[str]:
    """Syllables that sound like this one, including some that no word has."""
    plain = heard(syllable)
    begun = {plain, re.sub("^n", "l", plain), re.sub("^([zcs])", r"\1h", plain)}
    return sorted(begun | {f"{one}g" for one in begun if one.endswith("n")})


def initials(parts: tuple[str, ...]) -> str:
    """First letters of syllables: `("zhang", "san")` → `zs`; a number stays whole."""
    return "".join([part if part.isdigit() else part[0] for part in parts])


@lru_cache(maxsize=256)
def splits(typed: str) -> tuple[tuple[str, ...], ...]:
    """Ways to split typed letters into syllables or initials: `xian` → `(xian) (xi an) …`, `zhangsf` → `(zhang s f)`.

    The last part may be unfinished. A blank or apostrophe separates syllables. Empty if the letters cannot be pinyin. At most twelve ways,
    fewest syllables first; only the first forty letters are read.
    """
    ways: list[tuple[str, ...]] = [()]
    words = re.findall(r"[a-z]+", typed.lower().replace("ü", "v")[:_MAX_TYPED])
    for number, word in enumerate(words, 1):
        ways = [(*way, *more) for way in ways for more in _split(word, number == len(words))][:_MAX_READINGS]
    return tuple(way for way in ways if way)


def _split(word: str, unfinished: bool) -> list[tuple[str, ...]]:
    """Ways to split one run of letters, computed from its end so that no input can make it slow."""
    ways: list[list[tuple[str, ...]]] = [[] for _ in word] + [[()]]
    for place in reversed(range(len(word))):
        rest = word[place:]
        if unfinished and _UNFINISHED.fullmatch(rest):
            ways[place].append((rest,))
        for end in range(min(6, len(rest)), 0, -1):
            if _SYLLABLE.fullmatch(rest[:end]) or _CONSONANT.fullmatch(rest[:end]):
                ways[place].extend((rest[:end], *more) for more in ways[place + end])
        ways[place] = sorted(set(ways[place]), key=lambda way: (len(way), way))[:_MAX_READINGS]
    return ways[0]
