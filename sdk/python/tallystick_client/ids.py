"""How does an app name what it makes, also offline? By a UUID of version 7, whose first part is the time."""

import os
import time
from uuid import UUID

_VERSION = 7 << 76
_VARIANT = 2 << 62
_RANDOM_BITS = ~(0xF << 76 | 0x3 << 62)


def new_id() -> str:
    """A new id, for entities and for `request_id`. Ids made later sort later, to the millisecond."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10)) & _RANDOM_BITS
    return str(UUID(int=milliseconds << 80 | random | _VERSION | _VARIANT))
