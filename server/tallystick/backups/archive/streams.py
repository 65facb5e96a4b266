"""How are bytes taken from a stream that comes in pieces of any size? Pure."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import TypeVar

T = TypeVar("T")
Flow = AsyncIterable[T] | Iterable[T]
Pieces = Flow[bytes]


async def flowing(source: Flow[T]) -> AsyncIterator[T]:
    """A source that may be an ordinary iterable, as one that is waited for."""
    if isinstance(source, AsyncIterable):
        async for each in source:
            yield each
    else:
        for each in source:
            yield each


class Intake:
    """Takes as many bytes as are asked for, and never holds more than that and one piece."""

    def __init__(self, source: Pieces) -> None:
        self._pieces = aiter(flowing(source))
        self._buffer = bytearray()
        self._ended = False

    async def take(self, size: int) -> bytes:
        """Fewer bytes only where the stream ends."""
        await self._hold(size)
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    async def at_end(self) -> bool:
        await self._hold(1)
        return not self._buffer

    async def _hold(self, size: int) -> None:
        while len(self._buffer) < size and not self._ended:
            try:
                self._buffer += await anext(self._pieces)
            except StopAsyncIteration:
                self._ended = True
