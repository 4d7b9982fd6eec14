"""Every word shown has an English one; the compiled catalogue is the one people edit; placeholders survive translation."""

import gettext
import importlib.util
import re
from string import Formatter

import pytest
from babel.messages.catalog import Message

from domain import words
from domain.errors import FieldError
from domain.fields import kind_of
from tests.paths import ROOT

_spec = importlib.util.spec_from_file_location("translations", ROOT / "packaging" / "translations.py")
assert _spec
assert _spec.loader
translations = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(translations)

CHINESE = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff01-\uff65]")
"""Characters, and the wide punctuation that goes with them."""


@pytest.fixture(scope="module")
def known():
    """The words of the program."""
    return {(message.id, message.context) for message in translations.words() if message.id}


@pytest.fixture(scope="module")
def catalogue():
    return translations.read("en")


def test_no_word_lacks_its_english_one(known, catalogue) -> None:
    said = {key: catalogue.get(*key) for key in known}
    missing = sorted(word for (word, _context), one in said.items() if not (one and all(translations.forms(one))))
    assert missing == [], "make translations, then complete resources/translations/en/LC_MESSAGES/cunzhan.po"


def test_words_are_found_wherever_they_stand(tmp_path) -> None:
    file = tmp_path / "page.py"
    file.write_text("""title = f"{_('名册')}" + _("甲"\n"乙") + N_("丙") + P_("丁") + _(word) + _("")""", encoding="utf-8")
    assert {(word, context) for _line, word, context in translations.marked(file)} == {
        ("名册", None),
        ("甲乙", None),
        ("丙", None),
        ("丁", "page"),
    }


def test_a_page_has_a_word_of_its_own_where_one_record_is_called_otherwise() -> None:
    words.set_language("en")
    try:
        assert (words.page_word("公益岗"), words._("公益岗")) == ("Public posts", "Public post")
        assert words.page_word("培训") == words._("培训") == "Training"
    finally:
        words.set_language("zh")
    assert words.page_word("公益岗") == "公益岗"


def placeholders(text: str) -> set[tuple[str, str]]:
    return {(name, spec or "") for _text, name, spec, _conversion in Formatter().parse(text) if name}


def test_english_words_hold_no_chinese_and_keep_their_placeholders(catalogue) -> None:
    for message in catalogue:
        source = message.id[0] if message.pluralizable else message.id
        for text in translations.forms(message) if source else ():
            assert placeholders(source) == placeholders(text), text
            assert not CHINESE.search(text), text


def test_a_plural_entry_has_a_number_and_two_forms_of_the_same_sentence(catalogue) -> None:
    for message in catalogue:
        if message.pluralizable:
            assert message.id[0] == message.id[1]
            assert placeholders(message.id[0]), "nothing to count by"
            assert len(set(message.string)) == catalogue.num_plurals, message.string


def test_updating_keeps_plural_entries_and_counts_an_incomplete_one(tmp_path, monkeypatch) -> None:
    file = tmp_path / "en" / "LC_MESSAGES" / "cunzhan.po"
    file.parent.mkdir(parents=True)
    monkeypatch.setattr(translations, "TRANSLATIONS", tmp_path)
    monkeypatch.setattr(translations, "words", lambda: [Message("{n} 人"), Message("{n} 天")])
    entry = 'msgid "{word}"\nmsgid_plural "{word}"\nmsgstr[0] "{one}"\nmsgstr[1] "{many}"\n\n'
    kept = entry.format(word="{n} 人", one="{n} person", many="{n} people")
    file.write_text(kept + entry.format(word="{n} 天", one="{n} day", many=""), encoding="utf-8")
    assert translations.update("en") == 1
    assert kept in file.read_text("utf-8")
    assert gettext.translation("cunzhan", tmp_path, ["en"]).ngettext("{n} 人", "{n} 人", 1) == "{n} person"


def test_the_compiled_catalogue_is_the_edited_one(catalogue) -> None:
    assert translations.po_file("en").with_suffix(".mo").read_bytes() == translations.compiled(catalogue)


PATHS = {"zh": re.compile("「([^」\n]+ → [^」\n]+)」"), "en": re.compile('"([^"\n]+ → [^"\n]+)"')}
WINDOWS = {"发送到 → 桌面快捷方式", "更多信息 → 仍要运行", "Send to → Desktop"}
"""Paths through menus that are not ours."""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("resources/manual/zh.md", "zh"),
        ("docs/county.md", "zh"),
        ("docs/forms.md", "zh"),
        ("docs/packs.md", "zh"),
        ("resources/manual/en.md", "en"),
    ],
)
def test_where_the_manual_leads_the_program_has_these_words(catalogue, text, language) -> None:
    shown = {str(one.id if language == "zh" else one.string).rstrip("…") for one in catalogue if not one.pluralizable}
    led = set(PATHS[language].findall((ROOT / text).read_text("utf-8"))) - WINDOWS
    assert led
    assert [path for path in sorted(led) if not shown.issuperset(path.split(" → "))] == []


@pytest.mark.parametrize(
    ("text", "values", "said"),
    [
        ("{n} 人", {"n": 1}, "1 person"),
        ("{n} 人", {"n": 0}, "0 people"),
        ("{n} 人", {"n": "1,001"}, "1,001 people"),
        ("{n} 人", {"n": "1"}, "1 person"),
        ("{n} 人", {"n": "—"}, "— people"),
        ("{file}（{n} 行）", {"file": "12", "n": 1}, "12 (1 row)"),
        ("{name}：{month} 出勤 {days} 天", {"name": "王芳", "month": "2025-03", "days": 1}, "王芳: 2025-03, 1 day attended"),
        ("演练成功：这份备份能打开，完整，有 {records:,} 条记录。本机数据没有变化。", {"records": 1}, "1 record."),
    ],
)
def test_english_counts_one_and_many(text, values, said) -> None:
    words.set_language("en")
    try:
        assert said in words._(text).format(**values)
        assert type(words._(text).format(**values)) is str
        assert words._(text) == words._(text)
        with words.chinese():
            assert words._(text).format(**values) == text.format(**values)
    finally:
        words.set_language("zh")
    assert words._(text) is text


def test_switching_the_language_reaches_labels_and_errors() -> None:
    name = kind_of("person").by_name["name"]
    relation = kind_of("person").by_name["relation"]
    try:
        words.set_language("en")
        assert words._(name.label) == "Name"
        with pytest.raises(FieldError, match="Relation to head: "):
            relation.read("老伙计")
    finally:
        words.set_language("zh")
    assert words._(name.label) == "姓名"
