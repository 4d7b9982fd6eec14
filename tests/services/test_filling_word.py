"""填上级表格: Word documents are filled in where they are blank; every other byte of them stays."""

from __future__ import annotations

import random
import re
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from db.session import Session
from services.filling.filling import Filling, save
from services.filling.looking import look
from services.office_files.reading import read_workbook
from tests.services.test_filling import LI, WANG, village
from tests.word import LOOK, cell, document, line, lists, row, table, text

__all__ = ["village"]


def rows_of(data: bytes) -> list[list[str]]:
    return [row for sheet in read_workbook(data) for row in sheet.rows]


def saved(done: Filling, tmp_path: Path, *, plain: bool = True) -> bytes:
    file = tmp_path / f"填好{done.ending}"
    save(done, file, plain=plain)
    return file.read_bytes()


def test_a_list_is_filled_in_in_its_own_looks(session: Session, village: dict[str, str], tmp_path: Path) -> None:
    sent = lists("外出务工人员名单", ["序号", "姓名", "身份证号码", "联系电话"], ["1", "李强", LI, ""], ["2", "王芳", WANG, ""])
    done = look(session, sent, name="名单.docx")
    made = saved(done, tmp_path)
    assert rows_of(made)[2:] == [["1", "李强", LI, ""], ["2", "王芳", WANG, "13800138001"]]
    assert text(made).count(LOOK) == text(sent).count(LOOK) + 1  # what came in has the look of what is typed there
    assert text(made).replace(f'<w:r>{LOOK}<w:t xml:space="preserve">13800138001</w:t></w:r>', "") == text(sent)


def test_secrets_are_masked_unless_asked_for_in_full(session: Session, village: dict[str, str], tmp_path: Path) -> None:
    done = look(session, lists("名单", ["姓名", "身份证号码"], ["李强", ""]), name="名单.docx")
    assert LI not in text(saved(done, tmp_path, plain=False)) and LI in text(saved(done, tmp_path))


def test_a_table_without_names_grows_above_its_foot(session: Session, village: dict[str, str], tmp_path: Path) -> None:
    foot = row(cell("填表人：张三", wide=3))
    sent = document(line("名单"), table(row("序号", "姓名", "联系电话", head=True), row("", "", ""), foot), line("注：如实填写"))
    done = look(session, sent, who="all", name="名单.docx")
    made = saved(done, tmp_path)
    named = rows_of(made)[2:-1]
    assert len(named) == 3 == done.listed and sorted(row[1] for row in named) == ["李强", "王芳", "王芳"]
    assert [row[0] for row in named] == ["1", "2", "3"] and rows_of(made)[-1][0] == "填表人：张三"
    assert text(made).count("<w:tblHeader/>") == 1 and text(made).count("<w:tr>") == 5
    assert text(made).count("w14:paraId") == text(sent).count("w14:paraId")  # a mark of one paragraph alone


def test_a_table_that_ends_with_its_headings_grows(session: Session, village: dict[str, str], tmp_path: Path) -> None:
    done = look(session, lists("名单", ["序号", "姓名", "联系电话"]), who="all", name="名单.docx")
    made = saved(done, tmp_path)
    assert [row[0] for row in rows_of(made)] == ["名单", "序号", "1", "2", "3"] and text(made).count("姓名") == 1


def test_a_form_of_one_person_with_merged_cells_and_a_picture(session: Session, village: dict[str, str], tmp_path: Path) -> None:
    photo = cell(merge="restart", inside="<w:p><w:r><w:drawing/></w:r></w:p>")
    rows = (
        row("姓  名", "", "性 别", "", photo),
        row("身份证号", cell(wide=3), cell(merge="continue")),
        row("联系电话", cell(inside="<w:p/>"), "民族", cell(inside='<w:p w:rsidR="1"></w:p>'), cell(merge="continue")),
        row("本人签字", cell(wide=4)),
    )
    sent = document(line("就业信息登记表"), table(*rows), more={"word/media/image1.png": b"png"})
    done = look(session, sent, person=village["wang"], name="登记表.docx")
    made = saved(done, tmp_path)
    filled = rows_of(made)[1:]
    assert filled[0][:4] == ["姓  名", "王芳", "性 别", "女"] and filled[1][1] == WANG and filled[2][1] == "13800138001"
    assert filled[3][1] == "" and done.form
    assert '<w:p><w:r><w:t xml:space="preserve">13800138001' in text(made)
    with ZipFile(BytesIO(made)) as archive:
        assert archive.read("word/media/image1.png") == b"png"


FORM = table(row("姓名", "", "性别", ""), row("身份证号", "", "联系电话", ""))


def test_the_family_in_a_table_of_its_own_belongs_to_the_form_before(session: Session, village: dict[str, str], tmp_path: Path) -> None:
    heads, blank = row("姓名", "与本人关系", "性别"), row("", "", "")
    sent = document(line("登记表"), FORM, line("家庭成员情况"), table(heads, blank), line("家庭成员（续）"), table(heads, blank, blank))
    done = look(session, sent, person=village["wang"], name="登记表.docx")
    assert not done.blank and [row[1] for row in rows_of(saved(done, tmp_path)) if "女" in row] == ["王芳", "配偶"]
    inside = cell(wide=3, inside=table(heads, blank) + line())
    nested = document(line("登记表"), FORM.replace("</w:tbl>", row("家庭成员", inside) + "</w:tbl>"))
    done = look(session, nested, person=village["wang"], name="登记表.docx")
    assert not done.blank and rows_of(saved(done, tmp_path))[-1] == ["李强", "配偶", "女"]
    other = document(line("登记表"), FORM, line("附件2 脱贫人口花名册"), table(row("姓名", "与户主关系", "性别"), blank))
    assert look(session, other, person=village["wang"], name="登记表.docx").blank, "a list that waits for its people"


def test_a_table_that_was_only_looked_at_gets_no_row(session: Session, village: dict[str, str], tmp_path: Path) -> None:
    sent = document(line("登记表"), FORM, line("名单"), table(row("序号", "姓名", "联系电话")))
    done = look(session, sent, person=village["wang"], name="登记表.docx")
    assert text(saved(done, tmp_path)).count("<w:tr>") == text(sent).count("<w:tr>") == 3


def test_a_list_over_two_tables_and_numbers_that_word_counts(session: Session, village: dict[str, str], tmp_path: Path) -> None:
    counted = cell(inside='<w:p><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:p>')
    sent = document(
        line("名单"), table(row("序号", "姓名", "联系电话"), row(counted, "李强", "")), line(), table(row(counted, "王芳", "")), line()
    )
    assert rows_of(sent)[2:] == [["1", "李强", ""], ["2", "王芳", ""]]
    done = look(session, sent, name="名单.docx")
    assert done.named == 2 and done.found == 1  # two are called 王芳
    assert len(read_workbook(saved(done, tmp_path))) == 1


def test_what_is_deleted_hidden_or_there_twice_is_not_read(session: Session) -> None:
    run = "<w:r><w:t>王</w:t></w:r><w:del><w:r><w:delText>张</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>李</w:t></w:r></w:moveFrom>"
    run += "<w:r><w:rPr><w:vanish/></w:rPr><w:t>赵</w:t></w:r><mc:AlternateContent><mc:Fallback><w:r><w:t>孙</w:t></w:r></mc:Fallback>"
    run += "</mc:AlternateContent><w:ins><w:r><w:t>芳</w:t></w:r></w:ins>"
    assert rows_of(document(table(row(cell(inside=f"<w:p>{run}</w:p>")))))[0] == ["王芳"]


@pytest.mark.parametrize("seed", range(12))
def test_whatever_the_layout_nothing_but_what_was_filled_in_is_new(
    session: Session, village: dict[str, str], tmp_path: Path, seed: int
) -> None:
    """Random lists and forms: what is read again is what the sheet shows, and without it the document is what came, byte for byte."""
    rng = random.Random(seed)
    empty = [
        cell(),
        cell(inside="<w:p/>"),
        cell(inside=line() + line()),
        cell(inside=f"<w:sdt><w:sdtContent>{line()}</w:sdtContent></w:sdt>"),
    ]
    parts: list[str] = []
    for _n in range(rng.randint(1, 3)):
        heads = ["姓名", *rng.sample(["性别", "身份证号码", "联系电话", "民族", "备注", "与户主关系", "务工单位"], 3)]
        rows = [row(name, *rng.choices(empty, k=3)) for name in rng.choices(["李强", "王芳", "查无此人"], k=rng.randint(1, 5))]
        named = table(row(*heads, head=True), *rows)
        labels = rng.sample(["性别", "身份证号码", "联系电话", "民族", "户主姓名", "文化程度", "健康状况"], 5)
        pairs = [(cell(label), rng.choice(empty)) for label in ["姓名", *labels]]
        form = table(*(row(*pairs[n], *pairs[n + 1]) for n in range(0, 6, 2)))
        parts += [line(f"表{rng.random()}"), rng.choice([named, form, table(row(cell(wide=2)), row("甲", "乙"))]), line()]
    sent = document(*parts)
    done = look(session, sent, person=village["li"], name="表.docx") if "姓名" in text(sent) else None
    if done is None:
        return
    made = saved(done, tmp_path)
    shown = [[str(value or "") for value in row] for sheet in done.workbook.worksheets for row in sheet.iter_rows(values_only=True)]
    assert rows_of(made) == [row for row in shown if row], seed
    inserted = re.compile(r'<w:r>(?:<w:rPr>(?:(?!</w:rPr>).)*</w:rPr>)?<w:t xml:space="preserve">[^<]*</w:t></w:r>')
    assert inserted.sub("", text(made)).replace("<w:p></w:p>", "<w:p/>") == text(sent), seed
    assert len(inserted.findall(text(made))) == done.filled
