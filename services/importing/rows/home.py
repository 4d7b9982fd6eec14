"""Determines the village of each row, and refuses a roster of another village."""

from __future__ import annotations

import re
from collections.abc import Iterable

from db.session import Session
from domain import divisions
from domain.errors import FieldError, InputUnusable, Misused, Refused
from domain.scopes import county_of, is_village, township_of, within
from domain.words import _

_VILLAGE = re.compile(
    r"(?P<town>[一-龥]{1,8}?(?:镇|乡|街道))?(?P<village>[一-龥]{1,8}?)(?P<ending>村民委员会|村委会|村|社区)(?!级|民|屯|务|里|集体|庄|镇)"
)
_BEFORE_A_NAME = re.compile(r"(?:^|[：:（(《“ ])$")
_AFTER_A_YEAR = re.compile(r"\d年度?")
_BEFORE_VILLAGE = re.compile(r"^(?:年度?)?(?:.*[省市县区])?")
"""Text that may directly precede a village's name in a title: 2023年度红旗村, 桦川县红旗村."""
_NAME_LENGTHS = range(2, 5)
"""Lengths of a name that counts as a village's although no table has it."""
_NOT_A_VILLAGE = frozenset(
    (
        "乡 农 新农 行政 自然 全 本 各 驻 山 贫困 示范 美丽 和谐 美丽乡 脱贫 重点 试点 城中 每 该 帮扶 扶贫 薄弱 空壳  "
        "搬迁 出列 试验 受灾 非贫困 未脱贫 已脱贫 所在 所辖 移民 民族 边境 偏远 中心 产业 特色 旅游 专业 文明 先进 后进  "
        "涣散"
    ).split()
)
_GENERAL_ENDINGS = ("全", "本", "各", "每", "该", "驻", "整")
"""Endings of words that name no particular village: 截至月底全村, 第二批驻村."""
_COUNTRYSIDE = re.compile("..[农乡]$")
"""Endings of words that mean the countryside rather than a village: 桦川农村商业银行, 上半年乡村公益性岗位."""
_ENDING = re.compile(r"(村民委员会|居民委员会|村委会|居委会|社区|行政村|村)$")
_TOWN_ENDING = re.compile(r"(街道办事处|街道|民族乡|镇|乡)$")


class Home:
    """Finds the village that a row or a title names. At a village station, another village raises `InputUnusable`."""

    def __init__(self, session: Session, village: str | None) -> None:
        self.scope = session.scope
        self.given = village
        if village is not None:
            if divisions.level(village) is None:
                raise Misused(_("区划代码应为 6、9 或 12 位数字：{code}").format(code=village))
            if not session.may_write(village):
                raise Refused(_("本站不能替 {code} 导入，只能导入本站及下级的名册。").format(code=divisions.full_name(village) or village))
        self.repairs: dict[str, str] = {}
        """Village names that were matched with a different ending: as written → as known."""
        self._answers: dict[tuple[str, str, str], str | FieldError] = {}

    @property
    def default(self) -> str:
        """The scope of a row that names no village: the village given, otherwise the station's own scope."""
        return self.given or self.scope

    @property
    def own_village(self) -> str | None:
        """The station's own village; None at a township or county."""
        return self.scope if is_village(self.scope) else None

    def from_titles(self, titles: Iterable[str]) -> str | None:
        """The village named in the titles above a table, or None. Raises `InputUnusable` if it is another village than the station's."""
        if self.given is not None:
            return None
        for title in titles:
            for hit in _VILLAGE.finditer(re.sub(r"[\s　]+", " ", title)):
                code = self._titled(hit["town"], hit["village"])
                if code is not None:
                    return code
                self._refuse_unlisted(hit)
        return None

    def _titled(self, town: str | None, village: str) -> str | None:
        """The village named at the end of `village`, the words before 村 in a title: the longest suffix that is a village of the county."""
        for start in range(len(village)):
            word = village[start:]
            if word in _NOT_A_VILLAGE:
                return None
            if self.own_village and self._is_own(town or "", word) and divisions.name(self.scope):
                return self.scope
            code = divisions.find_village(county_of(self.scope), town if start == 0 else None, word + "村")
            if code is None and town and start == 0:
                code = divisions.find_village(None, town, word + "村")
            if code is not None:
                if not within(code, self.scope):
                    self._foreign((town or "") + word + "村")
                return code
        return None

    def _refuse_unlisted(self, hit: re.Match[str]) -> None:
        """At a village station, raise `InputUnusable` for a name that must be another village although the table of villages lacks it: it
        follows a township's name, or only a year or a county precedes it."""
        if not self.own_village or divisions.name(self.scope) is None or not hit["ending"].startswith("村"):
            return
        word, town = _BEFORE_VILLAGE.sub("", hit["village"]), hit["town"]
        start = hit.start("village")
        named = town or _BEFORE_A_NAME.search(hit.string[:start]) or _AFTER_A_YEAR.match(hit.string, max(start - 1, 0))
        common = word.endswith(_GENERAL_ENDINGS) or any(word.endswith(each) for each in _NOT_A_VILLAGE if len(each) > 1 or word == each)
        if named and len(word) in _NAME_LENGTHS and not common and not _COUNTRYSIDE.search(word):
            self._foreign((town or "") + word + "村")

    def _is_own(self, town: str, village: str) -> bool:
        """Whether the names are those of the station's own village, ignoring endings."""
        own = divisions.name(self.scope) or ""
        own_town = divisions.name(township_of(self.scope)) or ""
        same_town = not town or not own_town or _TOWN_ENDING.sub("", own_town) == _TOWN_ENDING.sub("", town)
        return same_town and _ENDING.sub("", own) == _ENDING.sub("", village)

    def _foreign(self, name: str) -> None:
        own = divisions.called(self.scope)
        raise InputUnusable(
            _(
                "这份名册写的是「{name}」，本村是{own}，没有导入。全乡镇的名册请只留本村的行；确实都是本村的人，请把表里和标题的村名改过来再导入。"
            ).format(name=name, own=own)
        )

    def village_of(self, county: str, town: str, village: str) -> str:
        """The scope for a row, from the names in it. Raises `FieldError` at a township or county that does not know the village."""
        if self.given is not None or not village:
            return self.default
        key = (county, town, village)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = self._resolved(*key)
        if isinstance(answer, FieldError):
            raise answer
        return answer

    def _resolved(self, county: str, town: str, village: str) -> str | FieldError:
        if self.own_village and divisions.name(self.scope) is None:
            return self.scope  # the table lacks this village, so its name cannot be compared
        code = divisions.find_village(county or county_of(self.scope), town or None, village)
        if self.own_village:
            if code != self.scope and village != "本村" and (code is not None or not self._is_own(town, village)):
                self._foreign(town + village)
            code = self.scope
        if code is None or not within(code, self.scope):
            return FieldError(_("认不出村名「{name}」，或不归本站").format(name=town + village), "village")
        if divisions.name(code) != village:
            self.repairs[village] = divisions.called(code)
        return code
