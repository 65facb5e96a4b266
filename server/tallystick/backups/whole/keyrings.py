"""Which keyring will open what is restored? The one that is there, if it is of the same installation; otherwise a new one.

The lookup secret is what makes it the same: keyed hashes of addresses are made with it, and it comes from the archive.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tallystick.backups.errors import OtherInstallation
from tallystick.store.keyring import Keyring, write


@dataclass(frozen=True, slots=True)
class Adopted:
    """`keep` is called in the last moment before the database becomes the restored one."""

    keyring: Keyring
    keep: Callable[[], None]


def adopt(given: str, path: Path, lookup_secret: bytes, *, is_empty: bool) -> Adopted:
    """`given`: a keyring that lies elsewhere, which we cannot write. `is_empty`: nothing needs the keyring that is there."""
    if given:
        return _require_same(Keyring.load(given), lookup_secret, "TALLYSTICK_KEYRING")
    if not path.exists():
        made = Keyring.generate_with(lookup_secret)
        return Adopted(made, lambda: write(path, made))
    found = Keyring.follow(path)
    if found.lookup_secret == lookup_secret or not is_empty:
        return _require_same(found, lookup_secret, str(path))
    # Its master keys stay, for signing keys that an empty database may have.
    mixed = found.with_lookup(lookup_secret)
    return Adopted(mixed, lambda: write(path, mixed))


def _require_same(keyring: Keyring, lookup_secret: bytes, where: str) -> Adopted:
    if keyring.lookup_secret != lookup_secret:
        raise OtherInstallation(
            f"The keyring of {where} is of another installation than the archive. To fix: restore into an empty data directory "
            "and an empty database, without TALLYSTICK_KEYRING; that makes a keyring that fits"
        )
    return Adopted(keyring, lambda: None)
