"""Does whoever has only a public key close archives that the passphrase opens, and is whatever is changed in their heads refused?"""

import random
from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from backups.shelf import CHEAP, PASSPHRASE, RECIPIENT, SMALL, kept, manifest, read, written
from tallystick.backups.archive import errors
from tallystick.backups.archive import head as heads
from tallystick.backups.archive.passphrase import Cost, Passphrase
from tallystick.backups.archive.reader import open_archive, verify
from tallystick.backups.archive.recipient import Locked, Recipient, lock_for
from tallystick.backups.archive.writer import write_archive

PARTS = {"rows/tag": b"\0\0\0\5lunch"}
# Where each thing begins in such a head.
VERSION, LOG_N, PASSES, BITS, SALT, PUBLIC, ENCAPSULATED, WRAPPED = 8, 13, 14, 15, 16, 32, 64, 96
# Points for which every shared secret is zero.
LOW_ORDER = [
    bytes(32),
    (1).to_bytes(32, "little"),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
]


@pytest.fixture
async def archive() -> bytes:
    return await written(kept(PARTS), manifest(tag=1), for_key=True)


def changed(archive: bytes, at: int, text: bytes) -> bytes:
    """With another head, whose checksum is right."""
    opened = bytearray(archive[: heads.HEAD_FOR_KEY_BYTES - heads.DIGEST_BYTES])
    opened[at : at + len(text)] = text
    return bytes(opened) + sha256(opened).digest() + archive[heads.HEAD_FOR_KEY_BYTES :]


async def wrong_with(archive: bytes, passphrase: Passphrase = PASSPHRASE) -> errors.ArchiveError:
    with pytest.raises(errors.ArchiveError) as caught:
        await verify([archive], passphrase)
    return caught.value


async def test_the_passphrase_opens_it_and_no_other_does(archive: bytes) -> None:
    assert await read([archive]) == (manifest(tag=1), [*PARTS.items()])
    assert type(await wrong_with(archive, Passphrase("correct horse battery stapler"))) is errors.WrongPassphrase


async def test_a_public_key_is_all_that_it_takes_to_close_one() -> None:
    public = Recipient(RECIPIENT.public_key, RECIPIENT.salt, RECIPIENT.cost)
    source = write_archive(manifest(), kept({"a": b"x"}), lock_for(public))
    assert (await verify([piece async for piece in source], PASSPHRASE)).parts == 3


async def test_each_has_keys_of_its_own() -> None:
    locked = [lock_for(RECIPIENT) for _ in range(3)]
    for said in (
        [each.key for each in locked],
        [each.head.wrapped[:32] for each in locked],
        [each.head.raw for each in locked],
    ):
        assert len({*said}) == 3
    assert {each.head.recipient for each in locked} == {RECIPIENT.public_key}


def test_a_recipient_has_a_salt_of_its_own_and_neither_seed_nor_passphrase() -> None:
    one, other = (Recipient.of(PASSPHRASE, CHEAP) for _ in range(2))
    assert one.salt != other.salt
    assert one.public_key != other.public_key
    seed = PASSPHRASE.derive(CHEAP, one.salt)
    assert X25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw() == one.public_key
    assert seed not in {one.public_key, one.salt}


async def test_whoever_wrote_it_reads_it_back_without_the_passphrase(archive: bytes) -> None:
    locked = lock_for(RECIPIENT, SMALL, random.Random(4).randbytes)
    own = b"".join([piece async for piece in write_archive(manifest(tag=1), kept(PARTS), locked)])
    assert await verify([own], locked) == await verify([own], PASSPHRASE)
    assert locked.key.hex() not in repr(locked)
    # Another archive, and one with the same key under another head.
    for other in (archive, changed(own, WRAPPED, b"x")):
        with pytest.raises(errors.Damaged) as caught:
            await verify([other], locked)
        assert caught.value.where == "head"
    with pytest.raises(errors.Damaged):
        await verify([own], Locked(locked.head, bytes(32)))


@pytest.mark.parametrize("at", [LOG_N, PASSES, SALT, SALT + 15, PUBLIC, PUBLIC + 31], ids=str)
async def test_whatever_the_key_follows_from_is_bound(archive: bytes, at: int) -> None:
    """A cheaper or dearer passphrase, another salt, another recipient: the passphrase leads to another key."""
    assert type(await wrong_with(changed(archive, at, bytes([archive[at] ^ 3])))) is errors.WrongPassphrase


@pytest.mark.parametrize("at", [BITS, ENCAPSULATED, WRAPPED - 1, WRAPPED, WRAPPED + 47], ids=str)
async def test_whatever_else_is_said_is_bound(archive: bytes, at: int) -> None:
    wrong = await wrong_with(changed(archive, at, bytes([archive[at] ^ 1])))
    assert isinstance(wrong, errors.Damaged)
    assert wrong.where == "head"


async def test_keys_of_two_archives_are_not_exchanged(archive: bytes) -> None:
    other = await written(kept(PARTS), manifest(tag=1), for_key=True)
    mixed = changed(archive, ENCAPSULATED, other[ENCAPSULATED:WRAPPED])
    assert isinstance(await wrong_with(mixed), errors.Damaged)
    # With both it opens, for both have the same data key, and then the chunks say that it is not theirs.
    whole = changed(archive, ENCAPSULATED, other[ENCAPSULATED : heads.HEAD_FOR_KEY_BYTES - heads.DIGEST_BYTES])
    assert whole == other[: heads.HEAD_FOR_KEY_BYTES] + archive[heads.HEAD_FOR_KEY_BYTES :]
    wrong = await wrong_with(whole)
    assert isinstance(wrong, errors.Damaged)
    assert wrong.where == "chunk 0"


async def test_a_head_for_somebody_else_does_not_open(archive: bytes) -> None:
    theirs = lock_for(Recipient.of(Passphrase("another passphrase"), CHEAP), SMALL)
    assert type(await wrong_with(theirs.head.raw + archive[heads.HEAD_FOR_KEY_BYTES :])) is errors.WrongPassphrase


@pytest.mark.parametrize("point", LOW_ORDER, ids=lambda point: point.hex()[:8])
async def test_no_shared_secret_is_zero(archive: bytes, point: bytes) -> None:
    assert isinstance(await wrong_with(changed(archive, ENCAPSULATED, point)), errors.Damaged)
    with pytest.raises(ValueError):  # noqa: PT011 - the library's own
        lock_for(replace(RECIPIENT, public_key=point))
    assert type(await wrong_with(changed(archive, PUBLIC, point))) is errors.WrongPassphrase


def test_what_costs_too_much_is_refused_before_it_is_tried() -> None:
    with pytest.raises(errors.TooCostly):
        Recipient.of(PASSPHRASE, Cost(log_n=19))
    with pytest.raises(errors.TooCostly):
        lock_for(RECIPIENT, 21)


async def test_the_other_kind_does_not_open_it(archive: bytes) -> None:
    """Nobody passes one kind of head off as the other."""
    with_passphrase = await written(kept(PARTS), manifest(tag=1))
    assert type(await wrong_with(changed(archive, VERSION, b"\0\1"))) is errors.Damaged
    assert type(await wrong_with(with_passphrase[:8] + b"\0\2" + with_passphrase[10:])) is errors.Damaged
    with pytest.raises(errors.WrongPassphrase):
        await open_archive([archive], Passphrase("wrong as it can be"))
