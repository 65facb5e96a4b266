"""Is a passphrase the same however it is typed, long enough, and seen by nobody?"""

import copy
import logging
import pickle
import traceback

import pytest

from backups.shelf import CHEAP, kept, manifest, written
from tallystick.backups.archive import errors
from tallystick.backups.archive.passphrase import BYTES_MAX, USUAL, Passphrase
from tallystick.backups.archive.reader import verify
from tallystick.backups.archive.writer import write_archive

SALT = b"s" * 16


def test_letters_are_the_same_in_either_form() -> None:
    composed, decomposed = Passphrase("Größe und Ångström"), Passphrase("Gro\u0308ße und A\u030angstro\u0308m")
    assert composed.derive(CHEAP, SALT) == decomposed.derive(CHEAP, SALT)
    # Only what means the same: no other space, no other case.
    for other in ("größe und ångström", "Größe und Ångström ", "Größe\u00a0und\u00a0Ångström"):
        assert Passphrase(other).derive(CHEAP, SALT) != composed.derive(CHEAP, SALT)


@pytest.mark.parametrize("text", ["", "a\ud800b", "x" * (BYTES_MAX + 1), "ä" * (BYTES_MAX // 2 + 1)])
def test_what_is_no_passphrase(text: str) -> None:
    with pytest.raises(errors.PassphraseUnfit):
        Passphrase(text)


@pytest.mark.parametrize("text", ["", "elevenchars", "a\u0308" * 11])
def test_new_ones_are_long(text: str) -> None:
    with pytest.raises(errors.PassphraseUnfit):
        Passphrase.chosen(text)


def test_twelve_letters_are_enough_and_short_ones_still_open() -> None:
    assert Passphrase.chosen("a\u0308" * 12).derive(CHEAP, SALT) == Passphrase("ä" * 12).derive(CHEAP, SALT)
    Passphrase("short")


def test_it_is_dear_to_guess() -> None:
    assert (USUAL.log_n, USUAL.passes) == (17, 1)


async def test_nobody_sees_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "tell nobody of this"
    passphrase = Passphrase(secret)
    shown = [repr(passphrase), str(passphrase), f"{passphrase}", repr([passphrase])]
    archive = await written(kept({"a": b"x"}))
    with pytest.raises(errors.WrongPassphrase) as caught:
        await verify([archive], passphrase)
    shown += traceback.format_exception(caught.value)
    with pytest.raises(errors.PassphraseUnfit) as unfit:
        Passphrase(secret + "\ud800")
    shown += [*traceback.format_exception(unfit.value), repr(unfit.value), caplog.text]
    shown += [repr(write_archive(manifest(), [], passphrase, cost=CHEAP))]
    # The lines of this test are in its tracebacks, but not what `secret` holds.
    assert not any(part in text for text in shown for part in ("tell nobody", "of this\n"))


def test_it_is_written_nowhere() -> None:
    for write in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            write(Passphrase("tell nobody of this"))


def test_every_reason_is_its_own() -> None:
    kinds = errors.ArchiveError.__subclasses__()
    assert len({kind.reason for kind in kinds}) == len(kinds) == 8
