"""The sample contract of these tests, compiled on the spot and used without generated code."""

from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

SAMPLE = Path(__file__).with_name("sample.proto")


def compile_sample(directory: Path) -> Path:
    """A descriptor set as `buf build` would make it, imports included."""
    # Only here, because the workers use this module too and need no compiler.
    from grpc_tools import protoc  # type: ignore[import-untyped]  # noqa: PLC0415  # It ships no types; see above.

    google = Path(str(resources.files("google.rpc").joinpath("status.proto"))).parents[2]
    well_known = Path(str(resources.files("grpc_tools").joinpath("_proto")))
    made = directory / "sample.binpb"
    arguments = [
        "protoc",
        f"--proto_path={SAMPLE.parent}",
        f"--proto_path={google}",
        f"--proto_path={well_known}",
        "--include_imports",
        f"--descriptor_set_out={made}",
        str(SAMPLE),
    ]
    assert protoc.main(arguments) == 0
    return made


class Contract:
    def __init__(self, descriptors: Path) -> None:
        self._pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(descriptors.read_bytes()).file:
            self._pool.Add(file)

    def message(self, name: str) -> Any:
        return message_factory.GetMessageClass(self._pool.FindMessageTypeByName(f"sample.v1.{name}"))

    def handler(self, kind: Callable[..., Any], function: Callable[..., Any], request: str) -> Any:
        return kind(
            function,
            request_deserializer=self.message(request).FromString,
            response_serializer=lambda answer: answer.SerializeToString(),
        )
