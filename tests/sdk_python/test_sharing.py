"""What becomes of a copy whose user comes, goes, or may see less? Against the real server."""

import pytest

from people import BookOf, Person
from sdk_python.devices import Devices, apart, end, join
from tallystick_client import new_id
from tallystick_client.offline import SpaceForgotten
from tallystick_client.offline.commands import command_in
from tallystick_client.v1 import ledger_accounts_pb2, space_service_pb2
from tallystick_client.v1.error_reason_pb2 import ErrorReason
from tallystick_client.v1.ledger_pb2 import Account, AccountType, Transaction
from tallystick_client.v1.ledger_service_pb2 import CreateAccountRequest
from tallystick_client.v1.role_pb2 import Role


async def test_what_others_may_not_see_any_more_goes(devices: Devices, ann: Person, bob: Person, home: BookOf) -> None:
    """A change of who sees what is a reset: the copy is made anew, and what waits stays."""
    await join(ann, bob, home, Role.ROLE_EDITOR)
    safe = await ann.ledger.CreateAccount(
        CreateAccountRequest(
            request_id=new_id(), book_id=home.id, name="Safe", type=AccountType.ACCOUNT_TYPE_CASH, currency="EUR"
        )
    )
    of_bob = devices.make("of bob", bob)

    def begin() -> None:
        of_bob.sync()
        assert of_bob.book.get(Account, safe.account.id)
        of_bob.spend(55)

    await apart(begin)
    await ann.ledger.UpdateAccount(
        ledger_accounts_pb2.UpdateAccountRequest(
            request_id=new_id(), book_id=home.id, account_id=safe.account.id, private=True
        )
    )

    def go_on() -> None:
        of_bob.book.pull(of_bob.client)
        assert of_bob.book.get(Account, safe.account.id) is None
        assert of_bob.book.waiting == 1
        end(of_bob)
        assert of_bob.balance == -55

    await apart(go_on)


async def test_who_is_removed_keeps_only_own_work(devices: Devices, ann: Person, bob: Person, home: BookOf) -> None:
    member_id = await join(ann, bob, home, Role.ROLE_EDITOR)
    await home.spend(1000)
    of_bob = devices.make("of bob", bob)
    await apart(of_bob.sync)
    own = await apart(lambda: of_bob.spend(55))
    await ann.spaces.RemoveMember(
        space_service_pb2.RemoveMemberRequest(request_id=new_id(), space_id=home.id, member_id=member_id)
    )

    def is_out() -> None:
        with pytest.raises(SpaceForgotten):
            of_bob.sync()
        assert of_bob.book.list(Transaction) == []
        assert [command_in(each).transaction_id for each in of_bob.book.drafts()] == [own]

    await apart(is_out)
    await join(ann, bob, home, Role.ROLE_EDITOR)

    def is_back() -> None:
        of_bob.book.pull(of_bob.client)
        assert of_bob.balance == -1000
        assert of_bob.book.put_back_drafts() == 1
        assert of_bob.balance == -1055
        end(of_bob)

    await apart(is_back)
    assert await home.balance() == -1055


async def test_who_compares_the_copy_of_a_space_that_is_lost_is_told_so(
    devices: Devices, ann: Person, bob: Person, home: BookOf
) -> None:
    member_id = await join(ann, bob, home, Role.ROLE_EDITOR)
    of_bob = devices.make("of bob", bob)
    await apart(of_bob.sync)
    await ann.spaces.RemoveMember(
        space_service_pb2.RemoveMemberRequest(request_id=new_id(), space_id=home.id, member_id=member_id)
    )

    def compare() -> None:
        with pytest.raises(SpaceForgotten):
            of_bob.book.verify(of_bob.client)
        assert of_bob.book.list(Account) == []

    await apart(compare)


async def test_who_may_only_look_finds_what_they_did_in_the_tray(
    devices: Devices, ann: Person, bob: Person, home: BookOf
) -> None:
    await join(ann, bob, home, Role.ROLE_VIEWER)
    of_bob = devices.make("of bob", bob)

    def story() -> None:
        of_bob.sync()
        of_bob.spend(5)
        end(of_bob)
        (refused,) = of_bob.book.tray()
        assert refused.rejection is not None
        assert refused.rejection.reason == ErrorReason.ERROR_REASON_ROLE_TOO_LOW
        assert of_bob.balance == 0

    await apart(story)
