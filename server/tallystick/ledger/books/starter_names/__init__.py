"""What are a new book's categories called in each language? To add a language: a file beside these, and a line here."""

from tallystick.ledger.books.starter_names import de, en, es, fr, it, nl, pl, pt

NAMES = {
    "de": de.NAMES,
    "en": en.NAMES,
    "es": es.NAMES,
    "fr": fr.NAMES,
    "it": it.NAMES,
    "nl": nl.NAMES,
    "pl": pl.NAMES,
    "pt": pt.NAMES,
}
