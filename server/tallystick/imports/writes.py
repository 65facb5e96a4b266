"""Which statements take rows of imports away? The rest is written through the door as everything else is."""

from sqlalchemy import Uuid, bindparam, delete

from tallystick.imports.tables import import_row
from tallystick.store.statements import Statement

_OF_SPACE = bindparam("of_space", type_=Uuid)

FORGET_ROWS: Statement[()] = Statement(
    delete(import_row).where(
        import_row.c.space_id == _OF_SPACE, import_row.c.import_id == bindparam("of_import", type_=Uuid)
    )
)
# Of a space that is erased.
FORGET_SPACE: Statement[()] = Statement(delete(import_row).where(import_row.c.space_id == _OF_SPACE))
