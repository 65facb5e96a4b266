"""Does a new book get the same sensible tree in every language?"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import pytest

from tallystick.ledger.books.starter_names import NAMES
from tallystick.ledger.books.starters import Starter, starter_categories

NAME_MAX = 200  # as the contract says for a category's name
ENGLISH = starter_categories("en")

every_language = pytest.mark.parametrize("language", sorted(NAMES))


def shape(starters: Sequence[Starter]) -> list[tuple[str, str, bool, str, str]]:
    return [(starter.key, starter.parent, starter.is_income, starter.icon, starter.color) for starter in starters]


def test_every_language_has_its_own_words() -> None:
    assert {language: names["income.salary"] for language, names in NAMES.items()} == {
        "de": "Gehalt",
        "en": "Salary",
        "es": "Salario",
        "fr": "Salaire",
        "it": "Stipendio",
        "nl": "Salaris",
        "pl": "Wynagrodzenie",
        "pt": "Salário",
    }


@every_language
def test_every_language_names_the_same_categories(language: str) -> None:
    assert shape(starter_categories(language)) == shape(ENGLISH)
    # No word for a category that is in no tree, and the words are its own.
    assert {starter.key: starter.name for starter in starter_categories(language)} == NAMES[language]


@every_language
def test_siblings_have_names_of_their_own(language: str) -> None:
    names = Counter((starter.parent, starter.name.casefold()) for starter in starter_categories(language))
    assert [name for name, count in names.items() if count > 1] == []


@every_language
def test_names_are_plain_text_that_fits(language: str) -> None:
    for starter in starter_categories(language):
        assert 0 < len(starter.name) <= NAME_MAX
        assert starter.name == " ".join(starter.name.split())
        assert unicodedata.is_normalized("NFC", starter.name)
        assert starter.name.isprintable()


def test_keys_are_unique() -> None:
    assert [key for key, count in Counter(starter.key for starter in ENGLISH).items() if count > 1] == []


def test_parents_come_first_and_are_of_the_same_kind() -> None:
    seen: dict[str, Starter] = {"": Starter("", "", "", is_income=False, icon="", color="")}
    for starter in ENGLISH:
        parent = seen[starter.parent]
        if starter.parent:
            assert parent.parent == ""  # two levels
            assert parent.is_income == starter.is_income
        seen[starter.key] = starter


def test_there_is_something_to_spend_on_and_something_to_earn() -> None:
    assert {starter.key for starter in ENGLISH if starter.is_income} == {
        "income",
        "income.salary",
        "income.interest",
        "income.gifts",
        "income.other",
    }
    assert {"housing", "food.groceries", "savings"} <= {starter.key for starter in ENGLISH if not starter.is_income}


def test_icons_and_colors_are_well_formed() -> None:
    for starter in ENGLISH:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", starter.icon)
        assert re.fullmatch(r"#[0-9A-F]{6}", starter.color)


def test_branches_can_be_told_apart_by_color() -> None:
    branches = [starter for starter in ENGLISH if not starter.parent]
    assert len({starter.color for starter in branches}) == len(branches)
    color_of = {starter.key: starter.color for starter in branches}
    assert [starter for starter in ENGLISH if starter.parent and starter.color != color_of[starter.parent]] == []


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("DE-ch", "de"),
        ("De", "de"),
        ("de-Latn-DE-1996", "de"),
        ("pt-BR", "pt"),
        ("pt-PT", "pt"),
        ("nl-BE", "nl"),
        ("IT", "it"),
        ("en-GB", "en"),
        ("ja", "en"),
        ("ja-DE", "en"),  # a region is no language
        ("den", "en"),  # Slavey only begins like German
        ("x-de", "en"),
        ("und", "en"),
        ("-de", "en"),
    ],
)
def test_a_locale_finds_its_language_or_english(locale: str, language: str) -> None:
    assert starter_categories(locale) == starter_categories(language)
    assert starter_categories(locale)[0].name == NAMES[language]["housing"]


def test_without_a_locale_there_are_none() -> None:
    assert list(starter_categories("")) == []
