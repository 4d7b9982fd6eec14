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


@pytest.fixture
def catalogue():
    return translations.read("en")


def test_no_word_lacks_its_english_one(catalogue) -> None:
    missing = [m.id for m in translations.words() if m.id and not ((found := catalogue.get(m.id)) and found.string)]
    assert missing == [], "make translations, then complete resources/translations/en/LC_MESSAGES/cunzhan.po"


def test_english_words_hold_no_chinese_and_keep_their_placeholders(catalogue) -> None:
    for message in catalogue:
        if message.id:
            assert set(re.findall(r"\{\w*\}", message.id)) == set(re.findall(r"\{\w*\}", message.string)), message.id


def test_the_compiled_catalogue_is_the_edited_one(catalogue) -> None:
    assert translations.po_file("en").with_suffix(".mo").read_bytes() == translations.compiled(catalogue)


def test_switching_the_language_reaches_labels_and_errors() -> None:
    name = kind_of("person").by_name["name"]
    relation = kind_of("person").by_name["relation"]
    try:
        words.set_language("en")
        assert words._(name.label) == "Name"
        with pytest.raises(FieldError, match="Relation"):
            relation.read("妻子")
    finally:
        words.set_language("zh")
    assert words._(name.label) == "姓名"
