"""Which REST calls does the contract promise? Every `google.api.http` binding in the descriptors."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from google.api import annotations_pb2, http_pb2

import tallystick_client.v1 as contract
from people import new_id

# What makes a stream end that would go on for ever.
ENDING = {"watch": "?cursors=none"}
VERBS = ("get", "put", "post", "delete", "patch")
PARAMETER = re.compile(r"\{[^}]+\}")
WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class Binding:
    """One way to make one call over REST."""

    rpc: str
    verb: str
    template: str
    body: str

    @property
    def event(self) -> str:
        """What the server's log calls it."""
        return WORD_START.sub("_", self.rpc.rpartition(".")[2]).lower()

    def compose_path(self) -> str:
        """A path that matches, about things that do not exist."""
        return PARAMETER.sub(lambda _: new_id(), self.template) + ENDING.get(self.event, "")

    def __str__(self) -> str:
        return f"{self.verb} {self.template}"


def list_bindings() -> list[Binding]:
    return list(_iter_bindings())


def _iter_bindings() -> Iterator[Binding]:
    for module in iter_modules(contract.__path__):
        if not module.name.endswith("_service_pb2"):
            continue
        file = import_module(f"{contract.__name__}.{module.name}").DESCRIPTOR
        for service in file.services_by_name.values():
            for method in service.methods:
                rule = method.GetOptions().Extensions[annotations_pb2.http]
                yield from _bindings_of(method.full_name, rule)


def _bindings_of(rpc: str, rule: http_pb2.HttpRule) -> Iterator[Binding]:
    for verb in VERBS:
        if getattr(rule, verb):
            yield Binding(rpc, verb.upper(), getattr(rule, verb), rule.body)
    for more in rule.additional_bindings:
        yield from _bindings_of(rpc, more)
