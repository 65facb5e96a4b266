"""How does a test have to do with webhooks? One of a book, the receiver that it leads to, and short names for the calls."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from people import BookOf, Person, new_id
from tallystick.app import App
from tallystick.webhooks import writes
from tallystick_client.v1 import webhook_deliveries_pb2, webhook_pb2
from tallystick_client.v1 import webhook_service_pb2 as pb
from turned_clock import TurnedClock
from webhooks.receiver import Receiver

Webhook = webhook_pb2.Webhook
PROBLEMS = webhook_pb2.WebhookProblem
FAILURES = webhook_deliveries_pb2.DeliveryProblem
DELIVERED = FAILURES.DELIVERY_PROBLEM_UNSPECIFIED
# A public address, which no test sends anything to.
ELSEWHERE = "https://93.184.215.14/in"


@dataclass
class Hooked:
    """A webhook of a book."""

    server: App
    person: Person
    book: BookOf
    webhook: Webhook
    secret: str

    @property
    def named(self) -> dict[str, Any]:
        return {"space_id": self.webhook.space_id, "webhook_id": self.webhook.id}

    async def get(self) -> pb.GetWebhookResponse:
        answer: pb.GetWebhookResponse = await self.person.webhooks.GetWebhook(pb.GetWebhookRequest(**self.named))
        return answer

    async def problem(self) -> int:
        return (await self.get()).webhook.problem

    async def update(self, *paths: str, **fields: Any) -> Webhook:
        request = webhook_pb2.UpdateWebhookRequest(request_id=new_id(), **self.named, **fields)
        request.update_mask.paths.extend(paths)
        answer: webhook_pb2.UpdateWebhookResponse = await self.person.webhooks.UpdateWebhook(request)
        return answer.webhook

    async def delete(self) -> None:
        await self.person.webhooks.DeleteWebhook(webhook_pb2.DeleteWebhookRequest(request_id=new_id(), **self.named))

    async def restore(self) -> None:
        await self.person.webhooks.RestoreWebhook(webhook_pb2.RestoreWebhookRequest(request_id=new_id(), **self.named))

    async def rotate(self, **fields: Any) -> str:
        request = pb.RotateWebhookSecretRequest(request_id=new_id(), **self.named, **fields)
        return str((await self.person.webhooks.RotateWebhookSecret(request)).secret)

    async def replay(self, **what: Any) -> pb.ReplayWebhookResponse:
        request = pb.ReplayWebhookRequest(request_id=new_id(), **self.named, **what)
        answer: pb.ReplayWebhookResponse = await self.person.webhooks.ReplayWebhook(request)
        return answer

    async def ping(self) -> webhook_deliveries_pb2.DeliveryAttempt:
        answer: pb.TestWebhookResponse = await self.person.webhooks.TestWebhook(pb.TestWebhookRequest(**self.named))
        return answer.attempt

    async def attempts(self) -> list[webhook_deliveries_pb2.DeliveryAttempt]:
        """The newest first."""
        answer = await self.person.webhooks.ListWebhookDeliveries(
            pb.ListWebhookDeliveriesRequest(**self.named, page_size=200)
        )
        return list(answer.attempts)

    async def letters(self) -> list[webhook_deliveries_pb2.DeadLetter]:
        answer = await self.person.webhooks.ListDeadLetters(pb.ListDeadLettersRequest(**self.named, page_size=200))
        return list(answer.dead_letters)

    async def give_up(self, clock: TurnedClock, many: int) -> None:
        """As if so many deliveries had failed for a day each. Nobody's session lasts that long: afterwards the clock is turned back, and
        what is due stays so for who looks at it then."""
        for number in range(many):
            for hours in (0, 24.5):
                with clock.later(hours=25 * number + hours):
                    await self.deliver()

    async def deliver_later(self) -> None:
        """Something that is there to be told, without anybody who is signed in."""
        await self.rewind()
        await self.deliver()

    async def rewind(self) -> None:
        """To the beginning, past all guards."""
        follow = writes.FOLLOW_FROM(
            of_space=UUID(self.webhook.space_id),
            of_webhook=UUID(self.webhook.id),
            user_id=UUID(self.webhook.user_id),
            kinds=[],
            to_seq=0,
            due_at=self.server.store.clock.now(),
        )
        await self.server.apart.fetch_all(follow)

    async def deliver(self) -> None:
        """Everything that is due in the book."""
        await self.server.webhooks.job.run([UUID(self.webhook.space_id)])


def creation(space_id: str, url: str = ELSEWHERE, **other: Any) -> pb.CreateWebhookRequest:
    return pb.CreateWebhookRequest(**{"request_id": new_id(), "space_id": space_id, "url": url} | other)


async def hook(server: App, book: BookOf, receiver: Receiver | str = ELSEWHERE, **other: Any) -> Hooked:
    url = receiver if isinstance(receiver, str) else receiver.url
    made = await book.person.webhooks.CreateWebhook(creation(book.id, url, **other))
    return Hooked(server, book.person, book, made.webhook, made.secret)
