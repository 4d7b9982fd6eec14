"""A county's own Word document in the place of a form: filled in wherever its fields stand, and every kind of bad one refused."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest

from domain.errors import InputUnusable
from domain.page_codes import text
from services.forms import CATALOGUE, files, templates, word_template
from services.forms.form import Form, Opinion
from services.forms.word import drawn, packed

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MAIN, TYPES, LINKS = "word/document.xml", "[Content_Types].xml", "word/_rels/document.xml.rels"
HEAD = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml"'
    ' xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' mc:Ignorable="w14">'
)
CLAIM = "0190a0a0-0000-7000-8000-000000000001"
ROSTER = Form(
    "汇总名册",
    {"填报单位": "解放村", "填报时间": "2023年6月5日"},
    opening=["桦川县人社局："],
    text=["第一段", "第二段"],
    columns=CATALOGUE["claim_roster"].columns,
    rows=[
        (n, name, "**0118", "解放村", "交通补助", 2023, "辽宁省", "", 500.0, "草稿", "")
        for n, name in enumerate(("<a>&{{标题}}", "李四", "王五"), 1)
    ],
    total=("", "合计", "", "", "", "", "", "", 1500.0, "", ""),
)
APPLICATION = Form("申请表", boxes=[(("姓名", "张三"),)], record=CLAIM, mark="A")


def parts_of(data: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def usual(name: str, tmp_path: Path) -> dict[str, bytes]:
    """The parts of the blank document of a form."""
    templates.blank(name, tmp_path / "blank.docx")
    return parts_of((tmp_path / "blank.docx").read_bytes())


def document(tmp_path: Path, inside: str, name: str = "claim_roster") -> bytes:
    """A document with these elements in its body."""
    parts = usual(name, tmp_path)
    return packed({**parts, MAIN: f"{HEAD}<w:body>{inside}</w:body></w:document>".encode()})


def p(*texts: str, look: str = "") -> str:
    """A paragraph of runs."""
    return f"<w:p>{''.join(f'<w:r>{look}<w:t>{one}</w:t></w:r>' for one in texts)}</w:p>"


def row(*cells: str) -> str:
    return f"<w:tr>{''.join(f'<w:tc>{one}</w:tc>' for one in cells)}</w:tr>"


def filled(tmp_path: Path, template: bytes, form: Form = ROSTER, name: str = "claim_roster") -> dict[str, bytes]:
    templates.fill(form, name, template, tmp_path / "out.docx")
    parts = parts_of((tmp_path / "out.docx").read_bytes())
    for part, content in parts.items():
        if part.endswith((".xml", ".rels")):
            ElementTree.fromstring(content)
    return parts


def texts(xml: bytes) -> list[str]:
    """The text of each paragraph that has any, its line breaks as such."""
    told = []
    for one in ElementTree.fromstring(xml).iter(f"{W}p"):
        marks = {f"{W}br": "\n", f"{W}tab": "\t"}
        told.append("".join(marks.get(each.tag, each.text or "" if each.tag == f"{W}t" else "") for each in one.iter()))
    return [one for one in told if one]


def refused(tmp_path: Path, data: bytes, said: str, name: str = "claim_roster") -> None:
    file = tmp_path / "样表.docx"
    file.write_bytes(data)
    with pytest.raises(InputUnusable, match=said):
        templates.keep(tmp_path, name, file)
    assert templates.of(tmp_path, name) is None


# ---------------------------------------------------------------- taken and filled in


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_blank_one_is_one_that_is_taken_and_holds_every_field(tmp_path: Path, name: str) -> None:
    templates.blank(name, tmp_path / "a.docx")
    templates.keep(tmp_path, name, tmp_path / "a.docx")
    found = set(re.findall(r"{{(.+?)}}", "".join(part.decode() for part in parts_of((tmp_path / "a.docx").read_bytes()).values())))
    assert {*CATALOGUE[name].fields, *(f"行.{column}" for column in CATALOGUE[name].columns)} <= found


def test_of_a_workbook_and_a_document_the_one_taken_last_stands(tmp_path: Path) -> None:
    for ending in (".docx", ".xlsx", ".docx"):
        templates.blank("monthly", tmp_path / f"a{ending}")
        templates.keep(tmp_path, "monthly", tmp_path / f"a{ending}")
        assert templates.of(tmp_path, "monthly") == tmp_path / "forms" / f"monthly{ending}"
        assert len(list((tmp_path / "forms").iterdir())) == 1
    assert templates.drop(tmp_path, "monthly") and not templates.drop(tmp_path, "monthly")


@pytest.mark.parametrize("own", [".docx", ".xlsx"])
def test_a_layout_is_for_files_of_its_own_sort(tmp_path: Path, own: str) -> None:
    templates.blank("application", tmp_path / f"own{own}")
    data = (tmp_path / f"own{own}").read_bytes()
    for ending in (".docx", ".xlsx"):
        files.write(APPLICATION, tmp_path / f"out{ending}", name="application", own=data)
        made = b"".join(parts_of((tmp_path / f"out{ending}").read_bytes()).values())
        assert "张三".encode() in made and ("社保卡账号".encode() in made) == (ending == own)  # the usual layout has what the form has
    with pytest.raises(InputUnusable):
        files.write(APPLICATION, tmp_path / "out.doc")


def test_a_row_repeats_and_what_stands_around_it_stays(tmp_path: Path) -> None:
    table = (
        "<w:tbl><w:tblPr/>"
        + row(p("序号"), "<w:tcPr><w:gridSpan w:val='2'/></w:tcPr>" + p("姓名"))
        + row(
            p("{{行.序号}}"),
            "<w:tcPr><w:gridSpan w:val='2'/></w:tcPr>" + p("{{行.姓名或单位}}（{{填报单位}}）", look="<w:rPr><w:b/></w:rPr>"),
        )
        + row(p("合计"), p("{{合计}}元"))
        + "</w:tbl>"
    )
    made = filled(tmp_path, document(tmp_path, p("{{标题}}") + table + p("{{ 填报时间 }}，{{正文}}")))[MAIN]
    assert texts(made) == [
        "汇总名册",
        "序号",
        "姓名",
        "1",
        "<a>&{{标题}}（解放村）",
        "2",
        "李四（解放村）",
        "3",
        "王五（解放村）",
        "合计",
        "1,500.00元",
        "2023年6月5日，桦川县人社局：\n第一段\n第二段",
    ]
    assert made.count(b"<w:b/>") == 3 and made.count(b"gridSpan") == 4 and b'mc:Ignorable="w14"' in made


@pytest.mark.parametrize(
    ("look", "made"),
    [
        ("", "<w:trPr><w:cantSplit/></w:trPr>"),
        ("<w:trPr/>", "<w:trPr><w:cantSplit/></w:trPr>"),
        ("<w:tblPrEx><w:jc/></w:tblPrEx>", "<w:tblPrEx><w:jc/></w:tblPrEx><w:trPr><w:cantSplit/></w:trPr>"),
        ("<w:trPr><w:tblHeader/></w:trPr>", "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>"),
        ('<w:trPr><w:cantSplit w:val="0"/></w:trPr>', '<w:trPr><w:cantSplit w:val="0"/></w:trPr>'),
    ],
)
def test_no_page_ends_within_a_row_that_repeats(tmp_path: Path, look: str, made: str) -> None:
    line = row(p("{{行.序号}}")).replace("<w:tr>", f"<w:tr>{look}")
    data = filled(tmp_path, document(tmp_path, f"<w:tbl>{line}</w:tbl>"))[MAIN].decode()
    assert data.count(f"<w:tr>{made}<w:tc>") == len(ROSTER.rows)


def test_a_form_without_lines_leaves_the_row_empty(tmp_path: Path) -> None:
    template = document(tmp_path, "<w:tbl>" + row(p("{{行.序号}}"), p("x")) + "</w:tbl>" + p("{{合计}}元"))
    assert texts(filled(tmp_path, template, Form("x", columns=ROSTER.columns))[MAIN]) == ["x", "元"]


def test_a_field_in_pieces_takes_the_look_of_where_it_begins(tmp_path: Path) -> None:
    bold, odd = (
        "<w:rPr><w:b/></w:rPr>",
        '<w:proofErr w:type="spellStart"/><w:bookmarkStart w:id="0" w:name="_GoBack"/><w:bookmarkEnd w:id="0"/>',
    )
    runs = (
        f"<w:r>{bold}<w:t>单位：{{</w:t></w:r>{odd}<w:r><w:t>{{填报</w:t></w:r><w:r><w:tab/><w:t>单</w:t></w:r>"
        "<w:r><w:t>位}</w:t></w:r><w:r><w:t>}；{{填报时间}}。</w:t></w:r>"
    )
    made = filled(tmp_path, document(tmp_path, f'<w:p w14:paraId="1A">{runs}</w:p>'))[MAIN].decode()
    assert texts(made.encode()) == ["单位：解放村\t；2023年6月5日。"]
    assert f'<w:r>{bold}<w:t xml:space="preserve">单位：解放村</w:t></w:r>{odd}<w:r></w:r><w:r><w:tab/></w:r>' in made


def test_fields_stand_in_headers_footers_text_boxes_and_controls(tmp_path: Path) -> None:
    box = f'<w:r><w:pict><v:shape id="a"><v:textbox><w:txbxContent>{p("{{填报单位}}")}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>'
    bound = '<w:sdtPr><w:dataBinding w:xpath="/a[b>1]" w:storeItemID="x"/></w:sdtPr>'
    control = f"<w:sdt>{bound}<w:sdtContent>{p('{{标题}}')}</w:sdtContent></w:sdt>"
    nested = f"<w:tbl>{row(p('外'), '<w:tbl>' + row(p('{{行.序号}}'), p('{{行.状态}}')) + '</w:tbl>' + p('底'))}</w:tbl>"
    parts = parts_of(document(tmp_path, f"<w:p><w:r><w:t>甲</w:t></w:r>{box}<w:r><w:t>{{{{填报时间}}}}</w:t></w:r></w:p>{control}{nested}"))
    parts["word/footer1.xml"] = f'<w:ftr xmlns:w="{W[1:-1]}">{p("填报：{{填报单位}}")}</w:ftr>'.encode()
    made = filled(tmp_path, packed(parts))
    assert sorted(texts(made[MAIN])) == sorted(
        ["甲解放村2023年6月5日", "解放村", "汇总名册", "外", "1", "草稿", "2", "草稿", "3", "草稿", "底"]
    )
    assert texts(made["word/footer1.xml"]) == ["填报：解放村"] and b"dataBinding" not in made[MAIN]


def test_a_document_of_wps_is_filled_in_both_ways_it_draws_a_text_box(tmp_path: Path) -> None:
    """WPS and newer Word write a text box twice, for programs that know the one or the other, and data of their own beside."""
    spaces = (
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
        'xmlns:wpsCustomData="http://www.wps.cn/officeDocument/2013/wpsCustomData" mc:Ignorable="w14 wpsCustomData"'
    )
    inside = f"<w:txbxContent>{p('{{', '填报单位', '}}')}</w:txbxContent>"
    box = (
        f'<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{inside}</wps:txbx></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:textbox>{inside}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent>"
    )
    body = f"<w:p><w:r>{box}</w:r><w:r><w:rPr><w:rFonts w:hint='eastAsia'/></w:rPr><w:t>{{{{标题}}}}</w:t></w:r></w:p>"
    parts = parts_of(document(tmp_path, body))
    parts[MAIN] = parts[MAIN].replace(b'mc:Ignorable="w14"', spaces.encode())
    custom = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
    parts["docProps/custom.xml"] = f'<Properties xmlns="{custom}"><property pid="2" name="KSOProductBuildVer"/></Properties>'.encode()
    relation = f'<Relationship Id="rX" Type="{custom.replace("2006/", "2006/relationships/")}" Target="docProps/custom.xml"/>'
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(b"</Relationships>", f"{relation}</Relationships>".encode())
    made = filled(tmp_path, packed(parts))
    assert sorted(texts(made[MAIN])) == ["解放村", "解放村", "解放村解放村汇总名册"] and spaces.encode() in made[MAIN]
    assert made["docProps/custom.xml"] == parts["docProps/custom.xml"]


def test_a_paragraph_that_is_a_text_becomes_as_many_as_the_text_has(tmp_path: Path) -> None:
    look = '<w:pPr><w:ind w:firstLine="440"/></w:pPr>'
    made = filled(tmp_path, document(tmp_path, p("　　{{正", "文}}").replace("<w:p>", f"<w:p>{look}") + "<w:p/>" + p("end")))[MAIN]
    assert texts(made) == ["　　桦川县人社局：", "　　第一段", "　　第二段", "end"] and made.count(look.encode()) == 3


def test_what_is_filled_in_is_text_and_what_nobody_needs_to_know_is_left_out(tmp_path: Path) -> None:
    form = Form("a\x07\x0bb</w:t>", {"填报单位": '{ INCLUDETEXT "http://x" }'}, note="完整号码 <李文书>")
    data = document(tmp_path, p("{{标题}}") + p("{{填报单位}}"))
    made = filled(tmp_path, packed({**parts_of(data), "docProps/core.xml": "<a>王科长</a>".encode()}), form)
    assert texts(made[MAIN]) == ["ab</w:t>", '{ INCLUDETEXT "http://x" }'] and b"instr" not in made[MAIN]
    assert "王科长".encode() not in made["docProps/core.xml"] and "完整号码 &lt;李文书".encode() in made["docProps/core.xml"]


def test_other_names_for_the_same_are_understood(tmp_path: Path) -> None:
    """Another prefix or none, a mark of UTF-8 at the beginning, signs written as numbers, a text as CDATA."""
    for prefix, declared in (("x:", "xmlns:x"), ("", "xmlns")):
        run = "<w:r><w:t>&#123;{标题}}</w:t><w:t><![CDATA[<{{标题}}]]></w:t></w:r>"
        xml = f'<w:document {declared}="{W[1:-1]}"><w:body><w:p>{run}</w:p></w:body></w:document>'
        parts = {**usual("claim_roster", tmp_path), MAIN: b"\xef\xbb\xbf" + xml.replace("w:", prefix).encode()}
        made = filled(tmp_path, packed(parts))[MAIN]
        assert texts(made) == ["汇总名册<汇总名册"] and f"<{prefix}t xml".encode() in made


def test_the_code_of_a_signed_page_stands_where_the_county_wants_it(tmp_path: Path) -> None:
    made = filled(tmp_path, packed(usual("application", tmp_path)), APPLICATION, "application")
    codes = [name for name in made if name.endswith(".png")]
    assert len(codes) == 1 and b"drawing" in made["word/footer1.xml"] and b"drawing" not in made[MAIN]
    assert f'Target="/{codes[0]}"'.encode() in made["word/_rels/footer1.xml.rels"] and codes[0].encode() in made[TYPES]
    zxing = pytest.importorskip("zxingcpp")
    from PySide6.QtGui import QImage

    image = QImage.fromData(made[codes[0]]).convertToFormat(QImage.Format.Format_Grayscale8)
    assert [one.text for one in zxing.read_barcodes(image)] == [text(CLAIM, "A", page=1, pages=1)]
    again = filled(tmp_path, packed(usual("application", tmp_path)), Form("x"), "application")  # of no record: nothing to find again
    assert not any(name.endswith(".png") for name in again) and texts(again["word/footer1.xml"])
    refused(tmp_path, document(tmp_path, p("{{二维码}}")), "不认识")


def test_any_form_is_written_as_a_document_with_its_code(tmp_path: Path) -> None:
    form = Form(
        "证明",
        {"编号": "1", "日期": "2"},
        ["村委会："],
        [(("姓名", "张三"), ("电话", "1")), (("住址", "解放村\n三组"),)],
        ("a", "b"),
        [("1", 2.5)],
        opinions=[Opinion("意见", "同意\n二")],
        text=["说明"],
        signatures=["甲", "乙"],
        closing=["落款"],
        wide=True,
        record=CLAIM,
        mark="A",
    )
    files.write(form, tmp_path / "a.docx")
    made = parts_of((tmp_path / "a.docx").read_bytes())
    told = texts(made[MAIN])
    assert told[:11] == ["证明", "编号：1", "日期：2", "村委会：", "姓名", "张三", "电话", "1", "住址", "解放村", "三组"]
    assert told[11:] == ["a", "b", "1", "2.50", "说明", "意见", "同意", "二", form.opinions[0].signs, "甲：", "乙：", "落款"]
    assert b"landscape" in made[MAIN] and any(name.endswith(".png") for name in made)


# ---------------------------------------------------------------- refused


@pytest.mark.parametrize("inside", [p("{{正文}}" * 900), f"<w:tbl>{row(p('{{正文}}{{行.序号}}' * 90))}</w:tbl>"])
def test_what_would_unfold_beyond_measure_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str) -> None:
    monkeypatch.setattr(word_template, "MAX_MADE", 100_000)
    with pytest.raises(InputUnusable, match="样表太大"):
        filled(tmp_path, document(tmp_path, inside), replace(ROSTER, text=["段" * 150]))


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        (p("a") + p("{{手机", "号}}"), r"\{\{手机号\}\}（第 2 段）"),
        (
            "<w:tbl>" + row(p("a")) + "</w:tbl><w:tbl>" + row(p("a")) * 2 + row(p("{{行.单价}}")) + "</w:tbl>",
            r"（表格 2 第 3 行）.*填报单位",
        ),
        (p("{{行.姓名或单位}}"), "行.姓名或单位.*第 1 段.*表格的一行"),
        ("<w:tbl>" + row(p("{{行.状态}}")) * 2 + "</w:tbl>", "只能有一行"),
        ("<w:p/>" * 200_001, "太大"),
        ("<w:sdt>" * 300 + "</w:sdt>" * 300, "太大"),
        (p("{{标题}}" * 2001), "太大"),
        (p("a") + p("{{标", "题}}", look="<w:rPr><w:vanish/></w:rPr>"), "第 2 段里有隐藏的文字"),
        ("<w:tbl>" + row(p("{{行.状态}}", "x" * 70_000)) + "</w:tbl>", "太大"),
    ],
)
def test_what_stands_wrong_is_told_with_its_place(tmp_path: Path, inside: str, said: str) -> None:
    refused(tmp_path, document(tmp_path, inside), said)


def code(*instructions: str, result: str = "1") -> str:
    """A field of Word's own, what it does in pieces."""
    said = "".join(f"<w:r><w:instrText>{one}</w:instrText></w:r>" for one in instructions)
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'.format
    return f"<w:p>{mark('begin')}{said}{mark('separate')}<w:r><w:t>{result}</w:t></w:r>{mark('end')}</w:p>"


BEGIN = '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>'


@pytest.mark.parametrize(
    "inside",
    [
        code(' INCLUDETEXT "http://x/a" '),
        code(" INCLU", 'DEPICTURE "\\\\x\\a" '),
        code(" ddeauto excel "),
        code(" IMPORT a "),
        code(" MERGEFIELD 姓名 "),
        code(' HYPERLINK "file://x/a" '),
        code(' HYPERLINK "\\\\x\\a" '),
        code(' HYPERLINK "http://x" INCLUDETEXT'),
        code("QUOTE 1"),
        '<w:p><w:fldSimple w:instr=" INCLUDETEXT x "/></w:p>',
        "<w:p><w:r><w:instrText> LINK x </w:instrText></w:r></w:p>",
        f"{BEGIN}<w:r><w:instrText> DDE x</w:instrText></w:r></w:p>",
        f"{BEGIN}{code(' REF a ')[5:]}",  # what one gives would say what the other does
        f'{BEGIN}<w:fldSimple w:instr=" REF a "/></w:p>',
        f"{BEGIN}<w:r><w:t>{{{{标题}}}}</w:t></w:r></w:p>",
    ],
)
def test_fields_that_fetch_or_run_are_refused(tmp_path: Path, inside: str) -> None:
    refused(tmp_path, document(tmp_path, inside), "域")


def test_fields_that_count_pages_and_plain_links_are_taken(tmp_path: Path) -> None:
    inside = (
        code(" PAGE ", " \\* MERGEFORMAT ")
        + code(' TOC \\o "1-3" ', result="")
        + code(' HYPERLINK "https://www.hlj.gov.cn/a?b=c" \\t "_blank" ')
    )
    inside += p("{{填报单位}}", look='<w:rPr><w:vanish w:val="0"/></w:rPr>') + p("藏", look="<w:rPr><w:vanish/></w:rPr>")
    inside += code(" SEQ a ", result="{{标题}}") + '<w:p><w:fldSimple w:instr=" NUMPAGES "/></w:p>'
    parts = parts_of(document(tmp_path, inside))
    parts[LINKS] = linked("hyperlink", "https://www.hlj.gov.cn/", "External")(parts)[LINKS]
    assert "汇总名册" in texts(filled(tmp_path, packed(parts))[MAIN])


def linked(sort: str, target: str, mode: str = "Internal") -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    sort = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{sort}"
    one = f'<Relationship Id="rX" Type="{sort}" Target="{target}" TargetMode="{mode}"/>'
    return lambda parts: {**parts, LINKS: parts[LINKS].replace(b"</Relationships>", one.encode() + b"</Relationships>")}


def holding(element: str) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    return lambda parts: {**parts, MAIN: f"{HEAD}<w:body><w:p>{element}</w:p></w:body></w:document>".encode()}


def typed(old: str, new: str) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    return lambda parts: {**parts, TYPES: parts[TYPES].replace(old.encode(), new.encode())}


HOSTILE: dict[str, Callable[[dict[str, bytes]], dict[str, bytes]]] = {
    "a document with macros": typed(".wordprocessingml.document.main", ".ms-word.document.macroEnabled.main"),
    "a template": typed("document.main", "template.main"),
    "two documents": typed("styles+xml", "document.main+xml"),
    "a part under another name": lambda parts: typed("footer1.xml", "footer1.bin")(
        {**parts, "word/footer1.bin": parts["word/footer1.xml"]}
    ),
    "a project of macros": lambda parts: {**parts, "word/vbaProject.bin": b"x"},
    "an embedded workbook": lambda parts: {**parts, "word/embeddings/a.xlsx": b"x"},
    "a picture from elsewhere": linked("image", "http://x/a.png", "External"),
    "a picture of another computer": linked("image", "\\\\x\\a.png"),
    "an attached template": linked("attachedTemplate", "file:///a.dotm", "External"),
    "a piece of another document": linked("aFChunk", "a.html"),
    "an object": linked("oleObject", "a.bin"),
    "a control": linked("control", "a.xml"),
    "a link into the network": linked("hyperlink", "file://x/a", "External"),
    "a link that runs": linked("hyperlink", "javascript:x", "External"),
    "altChunk": holding("<w:altChunk/>"),
    "OLEObject": holding('<w:r><w:object><o:OLEObject Type="Link"/></w:object></w:r>'),
    "an address in a drawing": holding('<w:r><w:pict><v:shape><v:imagedata src="http://x/a.png"/></v:shape></w:pict></w:r>'),
    "an address beside a drawing": holding('<w:r><w:pict><v:shape><v:imagedata o:href="//x/a.png"/></v:shape></w:pict></w:r>'),
    "mail merge": lambda parts: {**parts, "word/settings.xml": f'<w:settings xmlns:w="{W[1:-1]}"><w:mailMerge/></w:settings>'.encode()},
    "DTD": lambda parts: {**parts, MAIN: b'<!DOCTYPE a [<!ENTITY b "b">]>' + parts[MAIN]},
    "DTD of the list of parts": lambda parts: {**parts, TYPES: b"<!DOCTYPE a>" + parts[TYPES]},
    "UTF-16": lambda parts: {**parts, MAIN: parts[MAIN].decode().encode("utf-16")},
    "another encoding": lambda parts: {**parts, MAIN: parts[MAIN].replace(b"UTF-8", b"GB18030")},
    "half of it": lambda parts: {**parts, MAIN: parts[MAIN][:500]},
    "no list of parts": lambda parts: {name: part for name, part in parts.items() if name != TYPES},
    "two parts of one name": lambda parts: {**parts, "word/Styles.xml": parts["word/styles.xml"]},
    "a name that climbs": lambda parts: {**parts, "../a.png": b"x"},
    "the strict kind": lambda parts: {
        **parts,
        MAIN: parts[MAIN].replace(W[1:-1].encode(), b"http://purl.oclc.org/ooxml/wordprocessingml/main"),
    },
    "a bomb": lambda parts: {**parts, "word/media/a.xml": b" " * 30_000_000},
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_document_is_refused(tmp_path: Path, kind: str) -> None:
    refused(tmp_path, packed(HOSTILE[kind](usual("claim_roster", tmp_path))), "请|大得不正常")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_part_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        for name, part in [*usual("claim_roster", tmp_path).items(), (MAIN, document(tmp_path, p("{{标题}}")))]:
            archive.writestr(name, part)
    refused(tmp_path, made.getvalue(), "请")


@pytest.mark.parametrize(
    "data", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 100, b"PK\x03\x04 word/document.xml", b"{\\rtf1 a}", b"PK" + b"x" * 2**21]
)
def test_what_is_no_document(tmp_path: Path, data: bytes) -> None:
    refused(tmp_path, data, "样表|文件")


@pytest.mark.parametrize("ending", [".docx", ".xlsx"])
def test_a_damaged_byte_is_told(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"样表{ending}"
    templates.blank("claim_roster", file)
    parts = parts_of(file.read_bytes()) | {"a.png": b"picture" * 9}
    with ZipFile(file, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    refused(tmp_path, file.read_bytes().replace(b"picturepic", b"pictureqic"), "请")


def test_braces_before_much_white_space_are_read_at_once(tmp_path: Path) -> None:
    began = time.process_time()
    assert texts(filled(tmp_path, document(tmp_path, p("{{" + " " * 300_000, "{{标题}}")))[MAIN])[0].endswith("汇总名册")
    assert time.process_time() - began < 5


def test_a_number_beside_another_box_stands_in_one_line() -> None:
    """Above them three boxes to a row; 20 digits of 5.5 points, and 9 points beside them. A twentieth of a point is Word's unit."""
    boxes = [(("姓名", "张三"), ("性别", "男"), ("出生日期", "")), (("身份证号码", "1" * 20), ("联系电话", ""))]
    for row in ElementTree.fromstring(parts_of(drawn(Form("申请表", boxes=boxes)))[MAIN]).iter(f"{W}tr"):
        widths = [float(cell.get(f"{W}w", "")) for cell in row.iter(f"{W}tcW")]
        assert sum(widths) == pytest.approx(510 * 20, abs=len(widths)) and (len(widths) == 6 or widths[1] > (20 * 5.5 + 9) * 20)


def test_what_stands_at_the_foot_leaves_the_code_at_the_right() -> None:
    """A long note went over the place of the page's number, which broke in two lines, and the code stood in the middle."""
    feet = [parts_of(drawn(replace(APPLICATION, note=note)))["word/footer1.xml"] for note in ("", "解放村　李文书　含完整号码")]
    assert [foot.count(b"<w:tab/>") for foot in feet] == [foot.count(b"<w:tab w:val=") for foot in feet] == [2, 1]
