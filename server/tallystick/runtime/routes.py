"""Which services, streams and REST paths a contract has, read from its descriptors."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from google.api import annotations_pb2, http_pb2
from google.protobuf import descriptor_pb2

VERBS = ("get", "put", "post", "delete", "patch")
TEMPLATE_PART = re.compile(r"\{(?P<field>[^}=]+)(?:=(?P<pattern>[^}]+))?\}|(?P<deep>\*\*)|(?P<one>\*)")
ONE_SEGMENT = "[^/]+"
MANY_SEGMENTS = ".+"


@dataclass(frozen=True)
class Method:
    service: str
    name: str
    streaming: bool
    # The path templates of `google.api.http`, such as /v1/books/{book_id}.
    rest_paths: tuple[str, ...]


@dataclass(frozen=True)
class Routes:
    methods: tuple[Method, ...]

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(method.service for method in self.methods))

    @property
    def rest_services(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(method.service for method in self.methods if method.rest_paths))

    @property
    def streaming(self) -> tuple[Method, ...]:
        return tuple(method for method in self.methods if method.streaming)

    def method_names(self, service: str) -> list[str]:
        return [method.name for method in self.methods if method.service == service]


def load_routes(descriptor_path: Path) -> Routes:
    return routes_from_descriptors(descriptor_pb2.FileDescriptorSet.FromString(descriptor_path.read_bytes()))


def routes_from_descriptors(descriptors: descriptor_pb2.FileDescriptorSet) -> Routes:
    return Routes(tuple(_iter_methods(descriptors)))


def _iter_methods(descriptors: descriptor_pb2.FileDescriptorSet) -> Iterator[Method]:
    for file in descriptors.file:
        for service in file.service:
            full_name = f"{file.package}.{service.name}" if file.package else service.name
            for method in service.method:
                yield Method(
                    service=full_name,
                    name=method.name,
                    streaming=method.server_streaming or method.client_streaming,
                    rest_paths=tuple(_iter_rest_paths(method.options.Extensions[annotations_pb2.http])),
                )


def _iter_rest_paths(rule: http_pb2.HttpRule) -> Iterator[str]:
    for verb in VERBS:
        if getattr(rule, verb):
            yield getattr(rule, verb)
    if rule.HasField("custom"):
        yield rule.custom.path
    for additional in rule.additional_bindings:
        yield from _iter_rest_paths(additional)


def compose_path_regex(template: str) -> str:
    """A regular expression (RE2) for the paths that a `google.api.http` template matches."""
    pieces = []
    position = 0
    for part in TEMPLATE_PART.finditer(template):
        pieces.append(re.escape(template[position : part.start()]))
        pieces.append(_compose_part(part))
        position = part.end()
    pieces.append(re.escape(template[position:]))
    return "".join(pieces)


def _compose_part(part: re.Match[str]) -> str:
    if part["field"] is not None:
        return ONE_SEGMENT if part["pattern"] is None else compose_path_regex(part["pattern"])
    return MANY_SEGMENTS if part["deep"] else ONE_SEGMENT
