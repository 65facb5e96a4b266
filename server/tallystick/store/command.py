"""What is a command to whoever runs it: its request, its response, and the function in between?"""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from inspect import iscoroutinefunction
from types import ModuleType
from typing import Any, get_type_hints

from google.protobuf.message import Message

from tallystick import contract
from tallystick.caller import Caller
from tallystick.store.store import Store
from tallystick.store.tx import WriteTx

Together = Callable[[WriteTx, Sequence[Any]], Awaitable[Sequence[Message]]]


class OneByOne(Exception):
    """These commands cannot be done together. Raised by a command's `together`."""


class MoreThanOneCommit(Exception):
    """What is to do does not fit in this commit. Raised by a command that can also be done in several."""


@dataclass(frozen=True, slots=True)
class Command:
    """A request that writes, named as its call is, in our words."""

    name: str
    request: type[Message]
    response: type[Message]
    run: Callable[[WriteTx, Any], Awaitable[Message]]
    # Does many at once, each with one change, in their order; or fails, and then each is done by itself.
    together: Together | None = None
    # It asks by itself what others changed meanwhile.
    judges_itself: bool = False
    # Does the same in several commits, when `run` says that it takes more than one.
    alone: Callable[[Store, Caller, Any], Awaitable[Message]] | None = None
    # The field of the request that names what it is about. Empty: the first that names anything beside its space.
    about: str = ""


def commands_in(
    *modules: ModuleType, together: Mapping[str, Together] | None = None, about: Mapping[str, str] | None = None
) -> tuple[Command, ...]:
    """The commands among a module's functions: those that are called as a writing call of the contract is. By name, `together` says how
    some of them are done many at once, and `about` what some are about."""
    return tuple(command for module in modules for command in _read(module, together or {}, about or {}))


def _read(module: ModuleType, together: Mapping[str, Together], about: Mapping[str, str]) -> Iterator[Command]:
    for name, function in vars(module).items():
        if iscoroutinefunction(function) and function.__module__ == module.__name__ and name in _names():
            hints = get_type_hints(function)
            request, response = hints["request"], hints["return"]
            yield Command(name, request, response, function, together.get(name), about=about.get(name, ""))


def _names() -> set[str]:
    return {name_of(rpc.name) for rpc in contract.rpcs().values() if rpc.is_write}


def name_of(rpc_name: str) -> str:
    """CreateAccount is create_account."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", rpc_name).lower()
