"""What is remembered about files that look alike? Their answers, under a name that follows from how they look."""

import hmac
from collections.abc import Collection
from uuid import UUID

from tallystick.imports.queries import PROFILE_WITH_DELETED
from tallystick.imports.tables import IMPORT_PROFILE
from tallystick.store.tx import ReadTx, WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.import_pb2 import Import, ImportAccount, ImportChoices, ImportMember, ImportProfile

_ID_BYTES = 16


def profile_id_of(secret: bytes, fingerprint: str) -> UUID:
    """Made with the space's secret: a header says which bank it is of."""
    return UUID(bytes=hmac.digest(secret, fingerprint.encode(), "sha256")[:_ID_BYTES], version=5)


async def find_profile(tx: ReadTx, fingerprint: str, secret: bytes) -> ImportProfile | None:
    """A space without a secret has never imported anything."""
    if not secret:
        return None
    profile_id = profile_id_of(secret, fingerprint)
    rows = await tx.fetch(PROFILE_WITH_DELETED(space_id=tx.space_id, id=profile_id))
    if not rows or rows[0][3] is not None:
        return None
    return tx.open(IMPORT_PROFILE, (rows[0][0], rows[0][1], rows[0][2]))


def with_profile(choices: ImportChoices, profile: ImportProfile) -> ImportChoices:
    """What the answers leave open, as it was answered the last time."""
    filled = ImportChoices()
    filled.CopyFrom(profile.choices)
    for name in ("columns", "categories"):
        if any(field.name == name for field, _ in choices.ListFields()):
            filled.ClearField(name)
    filled.MergeFrom(choices)
    return filled


async def remember(tx: WriteTx, of_import: Import, private: Collection[str]) -> None:
    """Keeps the answers of an import for the next file like it. `private` are accounts that are somebody's."""
    # An earlier server said it there already.
    of_import.profile_id = of_import.likeness or of_import.profile_id
    made = ImportProfile(
        id=of_import.profile_id,
        space_id=str(tx.space_id),
        format=of_import.format,
        file_name=of_import.file_name,
        choices=of_import.choices,
        created_at=to_timestamp(tx.now),
    )
    made.accounts.extend(
        ImportAccount(name=each.name, account_id=each.account_id, skipped=each.skipped)
        for each in of_import.accounts
        if (each.account_id or each.skipped) and each.account_id not in private
    )
    made.members.extend(
        ImportMember(name=each.name, member_id=each.member_id) for each in of_import.members if each.member_id
    )
    rows = await tx.fetch(PROFILE_WITH_DELETED(space_id=tx.space_id, id=UUID(of_import.profile_id)))
    if not rows:
        tx.add(IMPORT_PROFILE, made)
        return
    before = tx.open(IMPORT_PROFILE, (rows[0][0], rows[0][1], rows[0][2]))
    made.created_at.CopyFrom(before.created_at)
    made.version = before.version
    if made != before or rows[0][3] is not None:
        tx.put(IMPORT_PROFILE, before, made)
