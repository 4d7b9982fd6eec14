"""The public notice, and the report on its result."""

from __future__ import annotations

from db.session import Session
from domain import divisions
from domain.money import yuan_grouped
from domain.records import Notice, Objection
from services import attachments
from services.claims import notices
from services.claims.notices import PostedNotice
from services.forms.form import TOTAL, Form
from services.forms.subjects import date_words, label
from services.sheets import yuan

OBJECTIONS = ("序号", "日期", "异议内容", "处理情况", "处理结果")
MOST_PHOTOS = 6
NOTICE = ("序号", "姓名", "村（组）", "项目", "金额（元）", "务工地", "起止")


def notice_form(session: Session, id: str) -> Form:
    """No. 5: the notice as posted, with only the permitted columns. Raises `NotFound`."""
    return sheet_form(notices.sheet(session, id))


def sheet_form(sheet: PostedNotice) -> Form:
    """The notice for a sheet that may not have been posted yet."""
    rows = [(x.number, x.name, x.village, x.item, yuan(x.amount), x.place, x.months) for x in sheet.lines]
    issuer = _issuer(sheet.notice)
    opening = [
        f"经审核，下列 {len(rows)} 笔拟享受补助，合计 {yuan_grouped(sheet.total)} 元，现予公示，接受监督。",
        f"公示期：{period(sheet)}。",
        objections_to(sheet),
    ]
    total = ("", TOTAL, "", "", yuan(sheet.total), "", "")
    closing = (issuer, date_words(sheet.notice.start))
    title = f"{issuer}关于{_items(sheet)}的公示"
    return Form(title, opening=opening, columns=NOTICE, rows=rows, total=total, text=sheet.remarks, closing=closing)


def notice_report(session: Session, id: str) -> Form:
    """No. 6: what was posted for how long, the result, and the photographs. Raises `NotFound`."""
    sheet = notices.sheet(session, id)
    notice, issuer = sheet.notice, _issuer(sheet.notice)
    objections = session.select(Objection, notice_id=notice.id, order=("on", "id"))
    result = label("notice", "result", notice.result)
    photos = _photos(session, notice.id)
    boxes = [
        (("公示单位", issuer), ("公示地点", notice.place or "")),
        (("公示内容", _items(sheet)),),
        (("公示笔数", str(len(sheet.lines))), ("公示金额（元）", yuan_grouped(sheet.total))),
        (("公示时间", period(sheet)),),
        (("监督电话", notice.phone or ""), ("公示结果", result or "还没有登记结果")),
        (("收到异议", f"{len(objections)} 件"), ("公示照片", f"{len(photos)} 张" if photos else "")),
    ]
    rows = [(n, one.on, one.content, one.handled or "", one.result or "") for n, one in enumerate(objections, 1)]
    result_text = f"公示期满，结果为「{result}」。" if result else "公示还没有登记结果。"
    entered_late = [f"{text}。" for text in notices.backdated(session, [notice]).values()]
    columns = OBJECTIONS if rows else ()
    signed = ("经办人", "村务监督委员会" if notice.level == "village" else "审核人", "单位（盖章）")
    return Form(
        "公示结果报告",
        boxes=boxes,
        columns=columns,
        rows=rows,
        text=[result_text, *entered_late, *sheet.remarks],
        signatures=signed,
        closing=(date_words(sheet.last_day),),
        pictures=photos,
    )


def _photos(session: Session, id: str) -> list[bytes]:
    """The first photographs attached to a notice whose content is available here."""
    found: list[bytes] = []
    for one in attachments.attachments(session, [id]):
        if one.media_type.startswith("image/") and one.state != "missing" and len(found) < MOST_PHOTOS:
            found.append(attachments.content(session, one.id)[1])
    return found


def period(sheet: PostedNotice) -> str:
    """`2023年6月5日至2023年6月11日（7 个自然日）`, with a remark if the holidays of that year are not announced yet."""
    kind = "工作日" if sheet.notice.day_kind == "working" else "自然日"
    text = f"{date_words(sheet.notice.start)}至{date_words(sheet.last_day)}（{sheet.notice.days} 个{kind}）"
    return text if sheet.holidays_known else text + "，节假日安排未公布，按周末和元旦、五一、国庆推算"


def objections_to(sheet: PostedNotice) -> str:
    """The sentence about where to object."""
    if sheet.notice.phone:
        return f"如有异议，请在公示期内实名反映。监督电话：{sheet.notice.phone}。"
    return f"如有异议，请在公示期内向{_issuer(sheet.notice)}实名反映。"


def _issuer(notice: Notice) -> str:
    return divisions.full_name(notice.village) or notice.village


def _items(sheet: PostedNotice) -> str:
    return "、".join(dict.fromkeys(line.item for line in sheet.lines))
