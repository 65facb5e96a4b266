"""What does an archive say that it holds? The first part, as JSON. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tallystick.backups.archive.errors import Contradiction, Damaged
from tallystick.backups.archive.head import VERSION

NAME = "manifest"
BYTES_MAX = 1024 * 1024


@dataclass(frozen=True)
class Manifest:
    """Of which server an archive is, and how much must be in it. Ids of keys, never keys."""

    schema_revision: str
    server_version: str
    postgresql_major: int
    created_at: datetime
    # How many rows each table has. The part `rows/<table>` must hold as many.
    row_counts: Mapping[str, int]
    # How many spaces of each kind there are.
    space_kinds: Mapping[str, int]
    key_ids: tuple[str, ...]
    # Which columns the rows of each table have, in their order: a later schema may have others.
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def compose(manifest: Manifest) -> bytes:
    """The same bytes for the same manifest."""
    if manifest.created_at.tzinfo is None:
        raise ValueError("a manifest's moment has a time zone")
    document = {
        "format_version": VERSION,
        "schema_revision": manifest.schema_revision,
        "server_version": manifest.server_version,
        "postgresql_major": manifest.postgresql_major,
        "created_at": manifest.created_at.astimezone(UTC).isoformat(),
        "row_counts": dict(manifest.row_counts),
        "space_kinds": dict(manifest.space_kinds),
        "key_ids": list(manifest.key_ids),
    }
    if manifest.columns:
        document["columns"] = {table: list(columns) for table, columns in manifest.columns.items()}
    composed = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    if len(composed) > BYTES_MAX:
        raise Contradiction(f"a manifest has {BYTES_MAX} bytes at most")
    return composed


def parse(text: bytes) -> Manifest:
    """Names that are not known are left alone: a later server of the same version may add some."""
    try:
        document = json.loads(text)
        version = _of(int, document["format_version"])
        manifest = _read(document)
    except (KeyError, TypeError, ValueError, RecursionError):
        raise Damaged(NAME, "it cannot be read") from None
    if version != VERSION:
        raise Contradiction("the manifest has another version than the head")
    return manifest


def _read(document: dict[str, Any]) -> Manifest:
    created_at = datetime.fromisoformat(_of(str, document["created_at"]))
    if created_at.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return Manifest(
        schema_revision=_of(str, document["schema_revision"]),
        server_version=_of(str, document["server_version"]),
        postgresql_major=_of(int, document["postgresql_major"]),
        created_at=created_at.astimezone(UTC),
        row_counts=_counts(document["row_counts"]),
        space_kinds=_counts(document["space_kinds"]),
        key_ids=_texts(document["key_ids"]),
        columns={_of(str, table): _texts(columns) for table, columns in _of(dict, document.get("columns", {})).items()},
    )


def _texts(found: object) -> tuple[str, ...]:
    return tuple(_of(str, each) for each in _of(list, found))


def _counts(found: object) -> dict[str, int]:
    counts = {_of(str, name): _of(int, count) for name, count in _of(dict, found).items()}
    if any(count < 0 for count in counts.values()):
        raise ValueError("a count below zero")
    return counts


def _of(kind: type, found: Any) -> Any:
    # True and False are numbers for Python, and for no other reader.
    if not isinstance(found, kind) or isinstance(found, bool):
        raise TypeError(f"not a {kind.__name__}")
    return found
