"""What do the comments of the contract say? Read from its sources by protoc, by the full name of what each stands at."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet

TOP = Path(__file__).resolve().parents[2]
PROTO = TOP / "proto"
SOURCES = sorted((PROTO / "tallystick" / "v1").glob("*.proto"))

# Numbers of fields in descriptor.proto, of which the paths of source_code_info are made.
PACKAGE, MESSAGES, ENUMS, SERVICES = 2, 4, 5, 6
FIELDS, NESTED, NESTED_ENUMS, ONEOFS, MEMBERS = 2, 3, 4, 8, 2
Path_ = tuple[int, ...]


def read_comments() -> dict[str, str]:
    """The comment of each service, call, message, field, oneof, enum and value; of a file under its path."""
    found: dict[str, str] = {}
    for file in _parse_sources().file:
        names = dict(_iter_names(file))
        for location in file.source_code_info.location:
            name = names.get(tuple(location.path))
            text = location.leading_comments or location.trailing_comments
            if name is not None and text:
                found[name] = _trim(text)
    return found


def _parse_sources() -> FileDescriptorSet:
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "sources.binpb"
        command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTO / 'third_party'}", f"-I{PROTO}"]
        command += ["--include_source_info", f"--descriptor_set_out={target}", *map(str, SOURCES)]
        subprocess.run(command, check=True)
        return FileDescriptorSet.FromString(target.read_bytes())


def _iter_names(file: FileDescriptorProto) -> Iterator[tuple[Path_, str]]:
    yield (PACKAGE,), file.name
    for number, message in enumerate(file.message_type):
        yield from _iter_message(message, file.package, (MESSAGES, number))
    for number, enum in enumerate(file.enum_type):
        yield from _iter_members(enum.value, f"{file.package}.{enum.name}", (ENUMS, number))
    for number, service in enumerate(file.service):
        yield from _iter_members(service.method, f"{file.package}.{service.name}", (SERVICES, number))


def _iter_message(message: DescriptorProto, scope: str, path: Path_) -> Iterator[tuple[Path_, str]]:
    name = f"{scope}.{message.name}"
    yield from _iter_members(message.field, name, path)
    for number, oneof in enumerate(message.oneof_decl):
        yield (*path, ONEOFS, number), f"{name}.{oneof.name}"
    for number, nested in enumerate(message.nested_type):
        yield from _iter_message(nested, name, (*path, NESTED, number))
    for number, enum in enumerate(message.enum_type):
        yield from _iter_members(enum.value, f"{name}.{enum.name}", (*path, NESTED_ENUMS, number))


def _iter_members(members: Any, name: str, path: Path_) -> Iterator[tuple[Path_, str]]:
    yield path, name
    for number, member in enumerate(members):
        yield (*path, MEMBERS, number), f"{name}.{member.name}"


def _trim(text: str) -> str:
    return "\n".join(line.removeprefix(" ").rstrip() for line in text.strip("\n").split("\n")).strip()
