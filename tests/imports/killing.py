"""How does a test kill the server in the middle of an import? At one write after the other, before it is committed or after."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest

from tallystick.store.store import Store


class Killed(Exception):
    """As if the server had died there."""


class Killing:
    """Lets writes through until one is to die, before it is committed or after."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = 0
        self.dies_after_commit = False
        self._write: Callable[..., Any] = store.write
        monkeypatch.setattr(store, "write", self.write)

    async def write(self, *args: Any, **kwargs: Any) -> Any:
        self.left -= 1
        if self.left == 0 and not self.dies_after_commit:
            raise Killed
        answer = await self._write(*args, **kwargs)
        if self.left == 0:
            raise Killed
        return answer


async def again_and_again(run: Callable[[], Any], killing: Killing) -> tuple[Any, int]:
    """Runs it, each time dying one write later than before, until it comes to its end."""
    for attempt in range(1, 60):
        killing.left, killing.dies_after_commit = 1 + attempt // 2, bool(attempt % 2)
        try:
            return await run(), attempt
        except grpc.aio.AioRpcError as error:
            assert error.code() in {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNAVAILABLE}
    raise AssertionError("it never came to its end")
