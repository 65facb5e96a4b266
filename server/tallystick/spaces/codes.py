"""What does a code to join with look like? Twelve letters and digits that nobody confuses, in groups, whatever way they are typed.

A code is not kept anywhere: it follows from the invitation's id and a secret of the keyring. So neither the journal, which every member
reads, nor a dump of the database holds it, and the server can still show it to an owner.
"""

import hashlib
import unicodedata
from uuid import UUID

from tallystick.store.keyring import Keyring

# Crockford's base 32: without I, L, O and U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SYMBOLS = 12  # 60 bits: at the pace that throttles allow, nobody meets one by guessing
GROUP = 4

_BITS = 5
_LOOKUP_BYTES = 32
_READ_AS = str.maketrans("OIL", "011")
# Dashes of every kind, which keyboards like to put in, and blanks.
_BETWEEN = frozenset({"Pd", "Zs", "Cc"})


class Codes:
    """Makes codes, and the keyed hashes that they are found by."""

    def __init__(self, keyring: Keyring) -> None:
        self._code_key = keyring.derive(b"invitation codes")
        self._lookup_key = keyring.derive(b"invitation lookups")

    def code_of(self, invitation_id: UUID) -> str:
        """The invitation's code, the same whenever it is asked for."""
        digest = hashlib.blake2b(
            invitation_id.bytes, key=self._code_key, digest_size=(SYMBOLS * _BITS + 7) // 8
        ).digest()
        number = int.from_bytes(digest)
        symbols = "".join(ALPHABET[number >> _BITS * place & len(ALPHABET) - 1] for place in range(SYMBOLS))
        return "-".join(symbols[start : start + GROUP] for start in range(0, SYMBOLS, GROUP))

    def lookup_of(self, code: str) -> bytes | None:
        """What an invitation is found by. None: no code looks like this."""
        symbols = read_code(code)
        if symbols is None:
            return None
        return hashlib.blake2b(symbols.encode(), key=self._lookup_key, digest_size=_LOOKUP_BYTES).digest()


def read_code(typed: str) -> str | None:
    """The symbols of a code as somebody typed it. None: no code looks like this."""
    kept = "".join(letter for letter in typed.upper() if unicodedata.category(letter) not in _BETWEEN)
    symbols = kept.translate(_READ_AS)
    return symbols if len(symbols) == SYMBOLS and set(symbols) <= set(ALPHABET) else None
