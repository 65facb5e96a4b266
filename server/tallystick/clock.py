"""What time is it, and which id is new? The only source of both, so that tests can turn the clock."""

import os
import time
from datetime import UTC, datetime
from uuid import UUID


class Clock:
    """The system's clock. Tests pass a child of it that stands still or jumps."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def new_id(self) -> UUID:
        """A UUIDv7: random, yet sorted by its time, so that new rows lie together in their indexes."""
        moment_ms = time.time_ns() // 1_000_000
        value = (moment_ms << 80) | int.from_bytes(os.urandom(10))
        value = (value & ~(0xF << 76)) | (0x7 << 76)
        value = (value & ~(0x3 << 62)) | (0x2 << 62)
        return UUID(int=value)
