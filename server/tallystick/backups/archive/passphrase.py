"""How does what somebody typed become a key? By scrypt over its normalised letters. Pure.

The same letters are typed as different code points on different keyboards, so they are brought to one form (NFC) first.
"""

import unicodedata
from dataclasses import dataclass
from typing import NoReturn

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tallystick.backups.archive.errors import PassphraseUnfit, TooCostly

KEY_BYTES = 32
# For new archives. Older ones open with whatever they were closed with.
LETTERS_MIN = 12
BYTES_MAX = 1024
# scrypt takes 128 * r * 2**log_n bytes of memory: 128 MiB as archives are made, and never more than 256 MiB.
BLOCK_SIZE = 8
LOG_N_MAX = 18
PASSES_MAX = 4


@dataclass(frozen=True)
class Cost:
    """What it costs to try one passphrase."""

    log_n: int = 17
    passes: int = 1

    def require_bearable(self) -> None:
        if not (1 <= self.log_n <= LOG_N_MAX and 1 <= self.passes <= PASSES_MAX):
            raise TooCostly(f"scrypt with 2**{self.log_n} blocks and {self.passes} passes is outside of the bounds")


USUAL = Cost()


class Passphrase:
    """Shows itself to nobody: not when printed, not when pickled."""

    __slots__ = ("_letters",)

    def __init__(self, text: str) -> None:
        if not text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise PassphraseUnfit("a passphrase is text, and not empty")
        self._letters = unicodedata.normalize("NFC", text).encode()
        if len(self._letters) > BYTES_MAX:
            raise PassphraseUnfit(f"a passphrase has {BYTES_MAX} bytes at most")

    @classmethod
    def chosen(cls, text: str) -> "Passphrase":
        """One for new archives."""
        if len(unicodedata.normalize("NFC", text)) < LETTERS_MIN:
            raise PassphraseUnfit(f"a passphrase has {LETTERS_MIN} letters at least")
        return cls(text)

    def derive(self, cost: Cost, salt: bytes) -> bytes:
        """Takes a second, on purpose; other threads go on meanwhile."""
        cost.require_bearable()
        scrypt = Scrypt(salt=salt, length=KEY_BYTES, n=1 << cost.log_n, r=BLOCK_SIZE, p=cost.passes)
        return scrypt.derive(self._letters)

    def __repr__(self) -> str:
        return "Passphrase(hidden)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a passphrase is not written anywhere")
