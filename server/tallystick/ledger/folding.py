"""When are two texts the same to a reader? The one form in which the ledger compares and searches text."""

import unicodedata


def folded(text: str) -> str:
    """Without case, width, ways of composing accents and extra white space. Only for comparing: what was typed is what is shown."""
    form = unicodedata.normalize("NFKC", text).casefold()
    # Folding case can undo the normal form.
    return " ".join(unicodedata.normalize("NFKC", form).split())
