"""What must be written beside a group in the same commit? Its entry among the groups that everybody may find."""

from sqlalchemy import Uuid, bindparam, delete
from sqlalchemy.dialects.postgresql import insert

from tallystick.groups.tables import group_listing
from tallystick.store.statements import Statement

_row = insert(group_listing).values(
    {column.name: bindparam(column.name, type_=column.type) for column in group_listing.columns}
)
LIST_GROUP: Statement[()] = Statement(
    _row.on_conflict_do_update(
        index_elements=["space_id"],
        set_={column.name: _row.excluded[column.name] for column in group_listing.columns if not column.primary_key},
    )
)
UNLIST_GROUP: Statement[()] = Statement(
    delete(group_listing).where(group_listing.c.space_id == bindparam("of_space", type_=Uuid))
)
