"""What does a target remember where nothing is kept for it? What it has done since the process began: the next one does its work again."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Remembering:
    """Kept in memory. It has no more than an upload that goes on, and the folder."""

    texts: dict[str, str] = field(default_factory=dict)

    async def load(self, key: str) -> str | None:
        return self.texts.get(key)

    async def save(self, key: str, text: str) -> None:
        self.texts[key] = text

    async def clear(self, key: str) -> None:
        self.texts.pop(key, None)
