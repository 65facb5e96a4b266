"""What does a target remember where nothing is kept for it? What it has done since the process began: the next one does its work again."""


class Remembering:
    """Kept in memory. It has no more than an upload that goes on, and the folder."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    async def load(self, key: str) -> str | None:
        return self._texts.get(key)

    async def save(self, key: str, text: str) -> None:
        self._texts[key] = text

    async def clear(self, key: str) -> None:
        self._texts.pop(key, None)
