"""What do tests of backups save? The second that a passphrase takes on purpose."""

import pytest

from tallystick.backups.archive.passphrase import USUAL, Cost, Passphrase


@pytest.fixture(autouse=True)
def quick_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is usual costs nearly nothing here; an archive that says another cost is opened at that. What is usual, and that it is told in
    the head, is tested with the passphrase."""
    derive = Passphrase.derive

    def quick(self: Passphrase, cost: Cost, salt: bytes) -> bytes:
        return derive(self, Cost(log_n=1) if cost == USUAL else cost, salt)

    monkeypatch.setattr(Passphrase, "derive", quick)
