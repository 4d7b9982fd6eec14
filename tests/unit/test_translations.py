"""Every word shown has an English one; the compiled catalogue is the one people edit; placeholders survive translation."""

import importlib.util
import re

import pytest

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
    return {message.id for message in translations.words() if message.id}


@pytest.fixture(scope="module")
def catalogue():
    return translations.read("en")


def test_no_word_lacks_its_english_one(known, catalogue) -> None:
    missing = sorted(word for word in known if not (catalogue.get(word) and catalogue.get(word).string))
    assert missing == [], "make translations, then complete resources/translations/en/LC_MESSAGES/cunzhan.po"


def test_words_are_found_wherever_they_stand(tmp_path) -> None:
    file = tmp_path / "page.py"
    file.write_text("""title = f"{_('名册')}" + _("甲"\n"乙") + N_("丙") + _(word) + _("")""", encoding="utf-8")
    assert {word for _line, word in translations.marked(file)} == {"名册", "甲乙", "丙"}


def test_english_words_hold_no_chinese_and_keep_their_placeholders(catalogue) -> None:
    for message in catalogue:
        if message.id:
            assert set(re.findall(r"\{\w*\}", message.id)) == set(re.findall(r"\{\w*\}", message.string)), message.id
            assert not CHINESE.search(message.string), message.string


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
    shown = {str(one.id if language == "zh" else one.string).rstrip("…") for one in catalogue}
    led = set(PATHS[language].findall((ROOT / text).read_text("utf-8"))) - WINDOWS
    assert led
    assert [path for path in sorted(led) if not shown.issuperset(path.split(" → "))] == []


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
