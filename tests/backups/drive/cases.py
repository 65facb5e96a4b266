"""What do tests of Drives say again and again?"""

import asyncio
import random
from collections.abc import Awaitable
from typing import Any

import pytest

from backups.drive.running import CHUNK_BYTES
from tallystick.backups.targets.target import Target, TargetFailed, TargetReason

LABELS = {"run_id": "run-1", "kind": "daily", "owner": "ann"}
NAME = "tallystick-2026-03-01.tally"
PATIENCE_S = 60.0


def content(chunks: float, seed: int = 1) -> bytes:
    """So many chunks, not all alike."""
    return random.Random(seed).randbytes(int(chunks * CHUNK_BYTES))


async def read_all(target: Target, stored_id: str) -> bytes:
    return b"".join([piece async for piece in target.read(stored_id)])


async def fails(doing: Awaitable[Any], reason: TargetReason) -> TargetFailed:
    with pytest.raises(TargetFailed) as failed:
        await doing
    assert failed.value.reason is reason
    return failed.value


async def within_patience(doing: Awaitable[Any]) -> Any:
    async with asyncio.timeout(PATIENCE_S):
        return await doing
