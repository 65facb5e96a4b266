"""What becomes of notices when a space is brought back? Nobody is told of what was long ago; templates and spending are looked at anew."""

from datetime import datetime
from uuid import UUID

from tallystick.caller import Caller
from tallystick.notifications import writes
from tallystick.notifications.following.reading import REMINDING
from tallystick.store.statements import Call
from tallystick.store.tx import Snapshot


async def catch_up(view: Snapshot, caller: Caller, was: UUID, seq: int, now: datetime) -> list[Call[()]]:
    space_id = view.space_id
    reminding = await view.fetch(REMINDING(space_id=space_id))
    return [
        writes.BEGIN(spaces=[space_id]),
        writes.MOVE_ON(spaces=[space_id], seqs=[seq]),
        writes.REMINDER_DUES.look_again(of_space=space_id, now=now),
        *(writes.remind_of(space_id, template_id, caller.user_id, now) for (template_id,) in reminding),
    ]
