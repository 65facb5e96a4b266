"""Who uses the devices, and what do they share? Called plainly, through whichever server runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sync.simulation.watched import Rows
from tallystick_client import Client, new_id
from tallystick_client.offline.kinds import unwrap
from tallystick_client.v1 import space_service_pb2 as spaces
from tallystick_client.v1.auth_service_pb2 import RegisterRequest
from tallystick_client.v1.ledger_accounts_pb2 import ListAccountsRequest
from tallystick_client.v1.ledger_proof_pb2 import VerifyBookRequest
from tallystick_client.v1.ledger_service_pb2 import CreateBookRequest
from tallystick_client.v1.role_pb2 import Role
from tallystick_client.v1.space_pb2 import SpaceKind
from tallystick_client.v1.sync_service_pb2 import GetSyncStatusRequest, PullRequest

PASSWORD = "correct horse battery"
OWNER, EDITOR, VIEWER = Role.ROLE_OWNER, Role.ROLE_EDITOR, Role.ROLE_VIEWER


@dataclass
class User:
    """Somebody, and how they call the server themselves."""

    name: str
    client: Client
    email: str
    user_id: str = ""

    @property
    def token(self) -> str:
        return self.client.tokens.access_token

    def sign_in(self) -> None:
        self.user_id = self.client.sign_in(self.email, PASSWORD, self.name).user.id

    def home_id(self) -> str:
        found = self.client.spaces.ListSpaces(spaces.ListSpacesRequest(kind=SpaceKind.SPACE_KIND_HOME))
        return str(found.spaces[0].id)

    def make_book(self, name: str) -> str:
        made = self.client.ledger.CreateBook(CreateBookRequest(request_id=new_id(), name=name, base_currency="EUR"))
        return str(made.book.id)

    def share(self, space_id: str, other: "User", role: Any) -> None:
        request = spaces.InviteRequest(request_id=new_id(), space_id=space_id, role=role)
        code = self.client.spaces.Invite(request).invitation.code
        other.client.spaces.JoinByCode(spaces.JoinByCodeRequest(request_id=new_id(), code=code))

    def member(self, space_id: str, other: "User") -> Any:
        """Another member, or None."""
        members = self.client.spaces.ListMembers(spaces.ListMembersRequest(space_id=space_id, page_size=200)).members
        return next((each for each in members if each.user_id == other.user_id and each.state == 1), None)

    def remove(self, space_id: str, other: "User") -> None:
        member = self.member(space_id, other)
        self.client.spaces.RemoveMember(
            spaces.RemoveMemberRequest(request_id=new_id(), space_id=space_id, member_id=member.id)
        )

    def set_role(self, space_id: str, other: "User", role: Any) -> None:
        member = self.member(space_id, other)
        request = spaces.UpdateMemberRequest(request_id=new_id(), space_id=space_id, member_id=member.id, role=role)
        request.update_mask.paths.append("role")
        self.client.spaces.UpdateMember(request)

    # What a simple client sees.

    def everything(self, space_id: str) -> Rows:
        """The space as it is, from its beginning, by the plainest client that there can be."""
        rows: Rows = {}
        for page in self.client.sync.Pull(PullRequest(space_id=space_id)):
            for change in page.changes:
                kind, entity_id, body = unwrap(change.entity)
                rows[kind, entity_id] = (change.version, change.deleted, body)
        return rows

    def status(self, space_id: str) -> Any:
        return self.client.sync.GetSyncStatus(GetSyncStatusRequest(space_id=space_id))

    def balances(self, book_id: str) -> dict[str, int]:
        asked = ListAccountsRequest(book_id=book_id, page_size=200)
        found: dict[str, int] = {}
        while True:
            answer = self.client.ledger.ListAccounts(asked)
            found |= {each.account_id: each.balance.minor for each in answer.balances}
            asked.page_token = answer.next_page_token
            if not asked.page_token:
                return found

    def verify(self, book_id: str) -> None:
        differences = [each for each in self._proof(book_id) if each.HasField("difference")]
        assert not differences, f"the server does not agree with itself: {differences}"

    def _proof(self, book_id: str) -> Iterator[Any]:
        yield from self.client.ledger.VerifyBook(VerifyBookRequest(book_id=book_id))


def sign_up(name: str, address: str) -> User:
    client = Client(address)
    email = f"{name}-{uuid4().hex[:12]}@example.com"
    client.auth.Register(RegisterRequest(request_id=new_id(), email=email, password=PASSWORD, display_name=name))
    user = User(name, client, email)
    user.sign_in()
    return user
