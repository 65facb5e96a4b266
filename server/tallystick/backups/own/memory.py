"""Where does a target keep what it must not forget from one process to the next? In the user's home, sealed.

Who has it may be able to write to the target.
"""

from dataclasses import dataclass
from uuid import UUID

from tallystick.backups.own import queries, writes
from tallystick.backups.own.steps import take_step
from tallystick.backups.own.tables import MEMORY
from tallystick.caller import Caller
from tallystick.store.store import Store
from tallystick.store.tx import WriteTx
from tallystick.v1.backup_service_pb2 import CreateBackupRequest

# What is not the target's own: these keys are no targets' keys, which are words and not in capitals.
GRANT, CONSENT = "GRANT", "CONSENT"


def remember(tx: WriteTx, target_id: UUID, key: str, text: str) -> None:
    tx.keep_cell(MEMORY, text.encode(), target_id=target_id, key=key)


def forget(tx: WriteTx, target_id: UUID, key: str) -> None:
    tx.beside(writes.FORGET_KEY(of_space=tx.space_id, of_target=target_id, of_key=key))


@dataclass(frozen=True, slots=True)
class KeptProgress:
    """What one target remembers."""

    store: Store
    caller: Caller
    target_id: UUID

    async def load(self, key: str) -> str | None:
        tx = self.store.reader(self.caller, self.caller.home_id, CreateBackupRequest())
        return (await queries.list_remembered(tx, key)).get(self.target_id)

    async def save(self, key: str, text: str) -> None:
        async def step(tx: WriteTx) -> None:
            remember(tx, self.target_id, key, text)

        await take_step(self.store, self.caller, step)

    async def clear(self, key: str) -> None:
        async def step(tx: WriteTx) -> None:
            forget(tx, self.target_id, key)

        await take_step(self.store, self.caller, step)


class PassingProgress:
    """What a target remembers before it is known whether it is one."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    async def load(self, key: str) -> str | None:
        return self.texts.get(key)

    async def save(self, key: str, text: str) -> None:
        self.texts[key] = text

    async def clear(self, key: str) -> None:
        self.texts.pop(key, None)
