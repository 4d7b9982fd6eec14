"""What to do about a row that did not go in, by the word the import gives its trouble (`Issue.code`)."""

from __future__ import annotations

from domain.words import _

_ADVICE = {
    "checksum": "请对照身份证逐位核对，在表里改正后再导入一次。",
    "length": "请对照身份证逐位核对，在表里改正后再导入一次。",
    "digits_lost": "表格把号码当成了数字，末几位已经丢了。请把这一列改成“文本”格式，重新填号码。",
    "no_name": "请在表里补上姓名。",
    "choice": "请改成这一列允许的写法。",
    "date": "请写成 2023-06-05 或 2023年6月。",
    "place": "请写到县（市、区），例如“大连市甘井子区”。",
    "person": "库里没有这个人。请先导入人员名册，或先登记这个人。",
    "village": "这一行写的是别的村。请核对，或交给那个村导入。",
    "required": "请在表里补上。",
    "masked": "号码带星号，和库里的对不上。请向来表的单位要完整号码。",
    "sex": "请对照身份证核对性别。表里对就收下，不对就先不收。",
    "birth": "请对照身份证核对出生日期。表里对就收下，不对就先不收。",
    "duplicate": "同一个号码出现了两次。是同一行重复就不收；是写错了号码，请改正后再导入。",
}


def advice(code: str) -> str:
    """The next step for a person, for the codes of `services.importing`."""
    return _(_ADVICE.get(code, "请在表里改正后再导入一次，已经导入的行不会重复。"))
