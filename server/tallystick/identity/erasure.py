"""How is a user erased for good? First the login, in one commit; then each of their spaces, in a commit of its own.

Once the login is erased, the rest can only be finished: by this call, or by the sweep if something interrupts it. A space that is done
is no longer in the user's list of spaces, so whoever goes on begins where the other stopped.
"""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from tallystick.caller import Caller
from tallystick.errors import NotVisible
from tallystick.identity import queries, rules, writes
from tallystick.identity.commands_erasure import erase_from_space
from tallystick.identity.commands_passwords import erase_login
from tallystick.identity.keyed import scope_of
from tallystick.identity.parts import Parts
from tallystick.identity.password_changes import PasswordChanges
from tallystick.identity.traces import Traces
from tallystick.v1.auth_service_pb2 import DeleteMeRequest, DeleteMeResponse

RESUMED_MAX = 100


class Erasure:
    """Erases users."""

    def __init__(self, parts: Parts, passwords: PasswordChanges, traces: Sequence[Traces]) -> None:
        self._parts = parts
        self._passwords = passwords
        self._erase = partial(erase_from_space, traces=traces)

    async def delete_me(self, request: DeleteMeRequest, caller: Caller) -> DeleteMeResponse:
        parts = self._parts
        login = await parts.find_login_of(caller.user_id)
        if login is None:
            raise rules.invalid_token()
        await self._passwords.require_own_password(request.password, login, caller)
        response = await parts.apart.write(
            caller.user_id,
            request,
            partial(erase_login, login=login, answer_scopes=[login.user_id, scope_of(login.email_hash)]),
            DeleteMeResponse,
            origin=parts.origin(request, caller.address, caller),
        )
        parts.credentials.forget_user(caller.user_id)
        await self._leave_spaces(caller.user_id, caller.home_id)
        return response

    async def resume(self) -> int:
        """Finishes erasures that something interrupted. Returns how many."""
        found = await self._parts.apart.fetch(queries.HALF_ERASED(limit=RESUMED_MAX))
        for user_id, home_id in found:
            await self._leave_spaces(user_id, home_id)
        return len(found)

    async def _leave_spaces(self, user_id: UUID, home_id: UUID) -> None:
        caller = Caller(user_id, home_id, None, "")
        for (space_id,) in await self._parts.apart.fetch(queries.SPACES_OF_USER(user_id=user_id)):
            request = DeleteMeRequest(request_id=str(rules.erasure_id_of(user_id, space_id)))
            try:
                # As one who is no member (any more): the spaces that the user had left know their name, too. So do deleted ones.
                await self._parts.store.write_invited(
                    caller, space_id, request, self._erase, DeleteMeResponse, even_deleted=True
                )
            except NotVisible:
                # The space was erased meanwhile, or is done: nothing of theirs is left but this row.
                await self._parts.apart.fetch_all(writes.LEAVE_SPACE(of_user=user_id, of_space=space_id))
            self._parts.store.keys.forget(space_id)
