"""Who is in a space, since when, and by which name? Pure.

Whoever was not there when something happened is not told of it, nor is anybody who is not there any more.
"""

from collections.abc import Iterable
from uuid import UUID

from tallystick.v1.space_pb2 import Member, MemberState

ACTIVE = MemberState.MEMBER_STATE_ACTIVE


class People:
    """The members of a space, from all that ever became of them, the oldest first."""

    def __init__(self, lives: Iterable[tuple[int, Member | None]]) -> None:
        self.members: dict[str, Member] = {}
        # Since which seq each user is here, of those who are.
        self._here_since: dict[UUID, int] = {}
        for seq, member in lives:
            if member is not None:
                self._learn(seq, member)

    def _learn(self, seq: int, member: Member) -> None:
        before = self.members.get(member.id)
        self.members[member.id] = member
        is_here = member.state == ACTIVE and bool(member.user_id)
        if is_here:
            self._here_since.setdefault(UUID(member.user_id), seq)
        elif before is not None and before.user_id:
            self._here_since.pop(UUID(before.user_id), None)

    def told_of(self, seq: int, actor_id: UUID) -> list[Member]:
        """The members who are told of what somebody else did in that commit."""
        return [
            member
            for member in self.members.values()
            if member.state == ACTIVE
            and member.user_id
            and UUID(member.user_id) != actor_id
            and self._here_since[UUID(member.user_id)] <= seq
        ]

    def is_here(self, user_id: UUID) -> bool:
        return user_id in self._here_since

    def name_of(self, member_id: str) -> str:
        return self.members[member_id].display_name if member_id in self.members else ""

    def name_of_user(self, user_id: UUID) -> str:
        found = (each.display_name for each in self.members.values() if each.user_id == str(user_id))
        return next(found, "")
