"""RotateWebhookSecret: another secret, and for a while both."""

import pytest

from people import new_id
from rpc.webhooks.promises import keeps_the_promises_of_a_write, refuses_keys
from tallystick_client import SignatureInvalid
from tallystick_client.v1 import webhook_service_pb2 as pb
from turned_clock import TurnedClock
from webhooks.desk import Hooked
from webhooks.receiver import Receiver


async def test_both_sign_for_a_day(hooked: Hooked, receiver: Receiver, clock: TurnedClock) -> None:
    secret = await hooked.rotate()
    assert secret != hooked.secret
    await hooked.book.spend()
    await hooked.deliver()
    for each in (secret, hooked.secret):
        receiver.received[-1].require_signed(each, clock.now())
    with clock.later(hours=25):
        await hooked.deliver_later()
        receiver.received[-1].require_signed(secret, clock.now())
        with pytest.raises(SignatureInvalid):
            receiver.received[-1].require_signed(hooked.secret, clock.now())


async def test_one_that_is_known_to_others_ends_at_once(hooked: Hooked, receiver: Receiver, clock: TurnedClock) -> None:
    secret = await hooked.rotate(keep_hours=0)
    await hooked.book.spend()
    await hooked.deliver()
    receiver.received[-1].require_signed(secret, clock.now())
    with pytest.raises(SignatureInvalid):
        receiver.received[-1].require_signed(hooked.secret, clock.now())


async def test_only_the_last_one_goes_on_beside_the_new_one(
    hooked: Hooked, receiver: Receiver, clock: TurnedClock
) -> None:
    second = await hooked.rotate()
    third = await hooked.rotate()
    await hooked.book.spend()
    await hooked.deliver()
    for each in (second, third):
        receiver.received[-1].require_signed(each, clock.now())
    with pytest.raises(SignatureInvalid):
        receiver.received[-1].require_signed(hooked.secret, clock.now())


async def test_it_keeps_its_promises(hooked: Hooked) -> None:
    request = pb.RotateWebhookSecretRequest(request_id=new_id(), **hooked.named)
    await keeps_the_promises_of_a_write(hooked.book, "RotateWebhookSecret", request, keep_hours=1)
    await refuses_keys(hooked.book, "RotateWebhookSecret", request)
