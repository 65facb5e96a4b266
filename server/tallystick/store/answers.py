"""What is a request answered, and what was it answered the first time?"""

from dataclasses import dataclass
from enum import IntEnum

from google.protobuf.message import Message


class AnswerKind(IntEnum):
    """What the answer's body is."""

    # The response of the request's own call.
    RESPONSE = 1
    # The conflict that keeps a pushed request that was not done.
    CONFLICT = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered, in this commit."""

    request: Message
    fingerprint: bytes
    body: bytes
    kind: AnswerKind = AnswerKind.RESPONSE


@dataclass(frozen=True, slots=True)
class Answered:
    """A request's first answer, as it is kept."""

    fingerprint: bytes
    seq: int
    kind: AnswerKind
    body: bytes
