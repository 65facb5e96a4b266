"""Who is in a group, and what may be done with them? Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from tallystick.errors import NotVisible, RuleBroken
from tallystick.spaces.rules import is_in
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.space_pb2 import Member


def require_in(member: Member) -> Member:
    """Nothing new can name somebody who is gone."""
    if not is_in(member):
        raise RuleBroken(
            ErrorReason.ERROR_REASON_MEMBER_INACTIVE,
            "The member is not in the group any more.",
            metadata={"member_id": member.id},
        )
    return member


def require_settled(nets: Mapping[str, int]) -> None:
    """Nobody goes who owes or is owed. `nets` are those that are not zero, by currency."""
    if nets:
        raise has_balance(nets, "Something is open between the member and the others.")


def has_balance(nets: Mapping[str, int], message: str) -> RuleBroken:
    shown = ", ".join(f"{currency} {net}" for currency, net in sorted(nets.items()))
    return RuleBroken(ErrorReason.ERROR_REASON_MEMBER_HAS_BALANCE, message, metadata={"open": shown})


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody who is or was in a group, by id."""

    members: dict[UUID, Member]

    def get(self, member_id: UUID) -> Member:
        """Somebody who was never here looks like nobody."""
        if member_id not in self.members:
            raise NotVisible
        return self.members[member_id]

    def require_in(self, member_ids: Iterable[UUID], kept: Iterable[UUID] = ()) -> None:
        """They are in the group; those who are named already may stay when they are gone."""
        stays = set(kept)
        for member_id in member_ids:
            if member_id not in stays:
                require_in(self.get(member_id))
            else:
                self.get(member_id)

    def present(self) -> list[UUID]:
        """Who is in the group now, guests too, in the order of their ids."""
        return [member_id for member_id, each in self.members.items() if is_in(each)]

    def get_user(self, user_id: UUID) -> Member:
        """The member that a user is. The door has let them in."""
        return next(each for each in self.members.values() if each.user_id == str(user_id))

    def find_user(self, user_id: UUID) -> Member | None:
        return next((each for each in self.members.values() if each.user_id == str(user_id)), None)
