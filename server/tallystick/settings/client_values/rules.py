"""How much may apps keep for a user, and when does a value not take another's place? Pure."""

from uuid import UUID, uuid5

from tallystick.errors import RuleBroken, Stale
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.settings_client_values_pb2 import ClientValue

VALUES_MAX = 500
BYTES_MAX = 1024 * 1024


def value_id(home_id: UUID, key: str) -> UUID:
    return uuid5(home_id, f"client_value {key}")


def require_room(count: int, size: int) -> None:
    """`count` and `size`: what there would be."""
    if count > VALUES_MAX or size > BYTES_MAX:
        raise RuleBroken(
            ErrorReason.ERROR_REASON_CLIENT_VALUES_FULL,
            f"At most {VALUES_MAX} values can be kept, and {BYTES_MAX} bytes of them together; take some away first.",
            metadata={"count": str(count), "bytes": str(size)},
        )


def require_unchanged(last: ClientValue | None, there: ClientValue | None, base_version: int) -> None:
    """`last`: what is there, or was. Whoever puts on a version has seen it; whoever puts on 0, that nothing is there."""
    if last is None or last.version <= base_version or (base_version == 0 and there is None):
        return
    raise Stale(current_version=last.version)
