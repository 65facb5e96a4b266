"""Which categories does a new book start with? Pure: the tree is here, its words are in starter_names, a file per language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tallystick.ledger.books.starter_names import NAMES

FALLBACK = "en"
_INCOME = "income"

# The shape of the tree, the same in all languages: what stands before the dot is the parent, and parents come before their children.
# Keys are for ever, so that what was made from them can be recognised in any language.
_ICONS = {
    "housing": "house",
    "housing.rent": "key",
    "housing.utilities": "bolt",
    "housing.communication": "phone",
    "housing.furnishing": "sofa",
    "food": "utensils",
    "food.groceries": "basket",
    "food.eating_out": "cup",
    "transport": "road",
    "transport.public": "train",
    "transport.car": "car",
    "health": "heart",
    "care": "scissors",
    "clothing": "shirt",
    "children": "stroller",
    "leisure": "sun",
    "leisure.culture": "ticket",
    "leisure.sport": "ball",
    "leisure.subscriptions": "repeat",
    "travel": "suitcase",
    "insurance": "shield",
    "taxes": "receipt",
    "gifts": "gift",
    "savings": "safe",
    "other": "dots",
    "income": "wallet",
    "income.salary": "briefcase",
    "income.interest": "percent",
    "income.gifts": "gift",
    "income.other": "dots",
}

# A branch has one color, so that a chart shows what belongs together.
_COLORS = {
    "housing": "#8D6E63",
    "food": "#EF6C00",
    "transport": "#1E88E5",
    "health": "#E53935",
    "care": "#EC407A",
    "clothing": "#8E24AA",
    "children": "#FBC02D",
    "leisure": "#7CB342",
    "travel": "#00ACC1",
    "insurance": "#3949AB",
    "taxes": "#546E7A",
    "gifts": "#D81B60",
    "savings": "#00897B",
    "other": "#9E9E9E",
    "income": "#43A047",
}


@dataclass(frozen=True, slots=True)
class Starter:
    """One category of a new book."""

    key: str
    parent: str
    name: str
    is_income: bool
    icon: str
    color: str


def starter_categories(locale: str) -> Sequence[Starter]:
    """In the language of a BCP 47 tag, whatever its region, or else in English. No locale: a book that starts without categories."""
    if not locale:
        return ()
    language = locale.partition("-")[0].lower()
    return _STARTERS.get(language, _STARTERS[FALLBACK])


def _compose_tree(names: Mapping[str, str]) -> tuple[Starter, ...]:
    return tuple(_compose_starter(key, names[key]) for key in _ICONS)


def _compose_starter(key: str, name: str) -> Starter:
    branch, dot, _ = key.partition(".")
    return Starter(
        key=key,
        parent=branch if dot else "",
        name=name,
        is_income=branch == _INCOME,
        icon=_ICONS[key],
        color=_COLORS[branch],
    )


_STARTERS = {language: _compose_tree(names) for language, names in NAMES.items()}
