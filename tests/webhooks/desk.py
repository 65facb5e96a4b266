"""How does a test have to do with webhooks? One of a book, the receiver that it leads to, and short names for the calls."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from people import BookOf, Person, new_id
from tallystick.app import App
from tallystick_client.v1 import webhook_pb2
from tallystick_client.v1 import webhook_service_pb2 as pb
from webhooks.receiver import Receiver

Webhook = webhook_pb2.Webhook
PROBLEMS = webhook_pb2.WebhookProblem
FAILURES = webhook_pb2.DeliveryProblem
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
    def named(self) -> dict[str, str]:
        return {"space_id": self.webhook.space_id, "webhook_id": self.webhook.id}

    async def get(self) -> pb.GetWebhookResponse:
        answer: pb.GetWebhookResponse = await self.person.webhooks.GetWebhook(pb.GetWebhookRequest(**self.named))
        return answer

    async def problem(self) -> int:
        return (await self.get()).webhook.problem

    async def update(self, *paths: str, **fields: Any) -> Webhook:
        request = pb.UpdateWebhookRequest(request_id=new_id(), **self.named, **fields)
        request.update_mask.paths.extend(paths)
        return (await self.person.webhooks.UpdateWebhook(request)).webhook

    async def delete(self) -> None:
        await self.person.webhooks.DeleteWebhook(pb.DeleteWebhookRequest(request_id=new_id(), **self.named))

    async def restore(self) -> None:
        await self.person.webhooks.RestoreWebhook(pb.RestoreWebhookRequest(request_id=new_id(), **self.named))

    async def rotate(self, **fields: Any) -> str:
        request = pb.RotateWebhookSecretRequest(request_id=new_id(), **self.named, **fields)
        return str((await self.person.webhooks.RotateWebhookSecret(request)).secret)

    async def replay(self, **what: Any) -> pb.ReplayWebhookResponse:
        request = pb.ReplayWebhookRequest(request_id=new_id(), **self.named, **what)
        answer: pb.ReplayWebhookResponse = await self.person.webhooks.ReplayWebhook(request)
        return answer

    async def ping(self) -> webhook_pb2.DeliveryAttempt:
        return (await self.person.webhooks.TestWebhook(pb.TestWebhookRequest(**self.named))).attempt

    async def attempts(self) -> list[webhook_pb2.DeliveryAttempt]:
        """The newest first."""
        answer = await self.person.webhooks.ListWebhookDeliveries(
            pb.ListWebhookDeliveriesRequest(**self.named, page_size=200)
        )
        return list(answer.attempts)

    async def letters(self) -> list[webhook_pb2.DeadLetter]:
        answer = await self.person.webhooks.ListDeadLetters(pb.ListDeadLettersRequest(**self.named, page_size=200))
        return list(answer.dead_letters)

    async def deliver(self) -> None:
        """Everything that is due in the book."""
        await self.server.webhooks.job.run([UUID(self.webhook.space_id)])


def creation(space_id: str, url: str = ELSEWHERE, **other: Any) -> pb.CreateWebhookRequest:
    return pb.CreateWebhookRequest(**{"request_id": new_id(), "space_id": space_id, "url": url} | other)


async def hook(server: App, book: BookOf, receiver: Receiver | str = ELSEWHERE, **other: Any) -> Hooked:
    url = receiver if isinstance(receiver, str) else receiver.url
    made = await book.person.webhooks.CreateWebhook(creation(book.id, url, **other))
    return Hooked(server, book.person, book, made.webhook, made.secret)
