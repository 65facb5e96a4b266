"""What is written about contents outside of a space's own rows? Where each is, and when it may be taken away."""

from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, delete, insert, null, update

from tallystick.files.tables import file_content, file_key
from tallystick.store.statements import Statement, prepare

_OF_SPACE, _OF_FILE = bindparam("of_space", type_=Uuid), bindparam("of_file", type_=Uuid)
_MOMENT = DateTime(timezone=True)
_content, _key = file_content, file_key
_is_it = (_content.c.space_id == _OF_SPACE, _content.c.file_id == _OF_FILE)
_is_its_key = (_key.c.space_id == _OF_SPACE, _key.c.file_id == _OF_FILE)

BEGIN_CONTENT: Statement[()] = Statement(
    insert(_content).values({each.name: bindparam(each.name, type_=each.type) for each in _content.columns})
)
FINISH_CONTENT: Statement[()] = Statement(
    update(_content).where(*_is_it).values(finished_at=bindparam("at", type_=_MOMENT), remove_at=null())
)
REMOVE_AT: Statement[()] = Statement(update(_content).where(*_is_it).values(remove_at=bindparam("at", type_=_MOMENT)))
# Nobody's any more: it counts for nobody, and stays where others see it.
OF_NOBODY: Statement[()] = Statement(
    update(_content)
    .where(_content.c.space_id == _OF_SPACE, _content.c.user_id == bindparam("of_user", type_=Uuid))
    .values(user_id=null())
)
DROP_CONTENT: Statement[()] = Statement(delete(_content).where(*_is_it))
DROP_KEY: Statement[()] = Statement(delete(_key).where(*_is_its_key))
# What is due, if it still is: whoever brings it back in time is faster, or waits and finds it gone.
TAKE_DUE: Statement[UUID] = prepare(
    delete(_content)
    .where(*_is_it, _content.c.remove_at <= bindparam("now", type_=_MOMENT))
    .returning(_content.c.content_id)  # type: ignore[arg-type]  # a DELETE that returns rows is run like a query
)
# Of a space that is erased.
FORGET_SPACE: tuple[Statement[()], ...] = tuple(
    Statement(delete(table).where(table.c.space_id == _OF_SPACE)) for table in (_content, _key)
)
