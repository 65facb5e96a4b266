"""What is not brought back, and how is that said?"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from google.protobuf.message import DecodeError

from tallystick.errors import RuleBroken
from tallystick.v1.error_reason_pb2 import ErrorReason

# What a message may break that says what no command wrote: dates and ids that are none, currencies that nobody knows, no entries.
_NONSENSE = (DecodeError, ValueError, KeyError, IndexError, OverflowError, struct.error)


def unsound(what: str) -> RuleBroken:
    """What is brought back contradicts itself. `what` says where, and nothing of anybody."""
    return RuleBroken(
        ErrorReason.ERROR_REASON_RESTORE_UNSOUND, "It cannot be brought back as it is.", metadata={"what": what}
    )


def would_lose() -> RuleBroken:
    return RuleBroken(
        ErrorReason.ERROR_REASON_RESTORE_WOULD_LOSE, "Private things of other members are in it, which would be lost."
    )


@contextmanager
def judging(what: str) -> Iterator[None]:
    """What makes no sense, or does not fit into the tables, was in no space."""
    try:
        yield
    except _NONSENSE as nonsense:
        raise unsound(what) from nonsense
    except (psycopg.IntegrityError, psycopg.DataError) as misfit:
        raise unsound(what) from misfit
