"""What to do about a row that was not imported, by the code of its issue (`Issue.code`)."""

from __future__ import annotations

from domain.words import _

_NUMBER = ("checksum", "length", "characters", "birth_date", "disability", "prefix")


def advice(code: str) -> str:
    """Return the next step for the user, for the codes of `services.importing`."""
    if code in _NUMBER:
        return _("请对照身份证逐位核对，在表里改正后再导入一次。")
    known = {
        "digits_lost": _("表格把号码当成了数字，末几位已经丢了。请把这一列改成“文本”格式，重新填号码。"),
        "no_name": _("请在表里补上姓名。"),
        "choice": _("请改成这一列允许的写法。"),
        "date": _("请写成 2023-06-05 或 2023年6月。"),
        "place": _("请写到县（市、区），例如“大连市甘井子区”。"),
        "person": _("请先导入人员名册，或先登记这个人，再导入这张表。"),
        "village": _("请核对村名；确是别村的人，交给那个村导入。"),
        "required": _("请在表里补上。"),
        "undated": _("各行都从同一天起的，按 F7 一次填好；不都一样的，请在表里加一列开始时间。"),
        "employer": _("按 F7 填上是哪个车间或单位，各行都按它读。"),
        "masked": _("号码带星号，和库里的对不上。请向发来这张表的单位要完整号码。"),
        "append_only": _("已经登记的发放和办理记录不能改。确实错了，请另记一笔更正。"),
        "order": _("请核对起止时间，结束不能早于开始。"),
        "sex": _("请对照身份证核对性别。表里对就收下，不对就先不收。"),
        "birth": _("请对照身份证核对出生日期。表里对就收下，不对就先不收。"),
        "duplicate": _("重复的一行就不收；是号码抄错了，请改正后再导入；确是两回事就收下。"),
    }
    return known.get(code) or _("请在表里改正后再导入一次，已经导入的行不会重复。")
