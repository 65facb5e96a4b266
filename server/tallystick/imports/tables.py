"""How are imports kept? The import is an entity of its space; its rows stand beside it, sealed like everything else, and are in no copy."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, Text, Uuid, column

from tallystick.store.entity import Derived, Entity
from tallystick.store.metadata import SPACE_BOUND, derived_table, entity_table, metadata, small_enum, space_column
from tallystick.v1.import_pb2 import Import, ImportProfile

# `private_to` is the only user who sees it; row-level security holds the others off (migrations/guards.py).
file_import = entity_table("file_import", small_enum("status"), Column("private_to", Uuid))

import_profile = entity_table("import_profile")

# What a file says, row by row, and what is to become of it. These rows follow from a file and are replaced when it is read another way,
# so they may be deleted. `is_wanted`: it is to be imported.
import_row = Table(
    "import_row",
    metadata,
    space_column(),
    Column("import_id", Uuid, primary_key=True),
    Column("row_no", Integer, primary_key=True),
    small_enum("state"),
    Column("is_wanted", Boolean, nullable=False),
    Column("amount", LargeBinary, nullable=False),
    Column("version", BigInteger, nullable=False),
    Index("ix_import_row_wanted", "space_id", "import_id", "row_no", postgresql_where=column("is_wanted")),
    info={SPACE_BOUND: True},
)

# What import keys of rows without an id are made with: random, sealed with the space's key, and gone with it. Whoever has only the
# database cannot try out which payment a key stands for.
import_secret = derived_table(
    "import_secret", Column("name", Text, primary_key=True), Column("amount", LargeBinary, nullable=False)
)


def _of_import(message: Import) -> dict[str, Any]:
    return {"status": message.status, "private_to": UUID(message.private_to) if message.private_to else None}


FILE_IMPORT = Entity(file_import, Import, _of_import)
IMPORT_PROFILE = Entity(import_profile, ImportProfile)
IMPORT_ROW = Derived(import_row)
IMPORT_SECRET = Derived(import_secret)
