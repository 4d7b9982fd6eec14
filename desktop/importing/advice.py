"""What to do about a row that did not go in, by the word the import gives its trouble (`Issue.code`)."""

from __future__ import annotations

from domain.words import _

_NUMBER = "请对照身份证逐位核对，在表里改正后再导入一次。"
_ADVICE = {
    "checksum": _NUMBER,
    "length": _NUMBER,
    "characters": _NUMBER,
    "birth_date": _NUMBER,
    "disability": _NUMBER,
    "prefix": _NUMBER,
    "digits_lost": "表格把号码当成了数字，末几位已经丢了。请把这一列改成“文本”格式，重新填号码。",
    "no_name": "请在表里补上姓名。",
    "choice": "请改成这一列允许的写法。",
    "date": "请写成 2023-06-05 或 2023年6月。",
    "place": "请写到县（市、区），例如“大连市甘井子区”。",
    "person": "请先导入人员名册，或先登记这个人，再导入这张表。",
    "village": "请核对村名；确是别村的人，交给那个村导入。",
    "required": "请在表里补上。",
    "masked": "号码带星号，和库里的对不上。请向来表的单位要完整号码。",
    "append_only": "已经登记的发放和办理记录不能改。确实错了，请另记一笔更正。",
    "order": "请核对起止时间，结束不能早于开始。",
    "sex": "请对照身份证核对性别。表里对就收下，不对就先不收。",
    "birth": "请对照身份证核对出生日期。表里对就收下，不对就先不收。",
    "duplicate": "重复的一行就不收；是号码抄错了，请改正后再导入；确是两回事就收下。",
}


def advice(code: str) -> str:
    """The next step for a person, for the codes of `services.importing`."""
    return _(_ADVICE.get(code, "请在表里改正后再导入一次，已经导入的行不会重复。"))
