"""Are the golden entities and commands those of the contract, and does the Python SDK read and write them as they are?"""

from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict

from sdk_python.filled import COMPOSED
from sdk_python.vectors import VECTORS, read_vectors
from tallystick_client.v1.sync_mutation_pb2 import Mutation
from tallystick_client.v1.sync_pb2 import Entity

ENTITIES = read_vectors("entities")["entities"]
COMMANDS = read_vectors("commands")["commands"]


def told_by(case: Any) -> str:
    return f"{case['kind']} at least" if case.get("least") else str(case["kind"])


@pytest.mark.parametrize("name", COMPOSED)
def test_every_kind_has_something_in_every_field(name: str) -> None:
    """If you're here because this failed, the contract has grown: `python -m sdk_python.filled` writes the files anew. What is there
    already may only gain fields; its old bytes are in devices' outboxes and copies."""
    assert (VECTORS / f"{name}.json").read_text() == COMPOSED[name]()


@pytest.mark.parametrize("case", ENTITIES, ids=told_by)
def test_an_entity_loses_nothing(case: Any) -> None:
    entity = Entity.FromString(bytes.fromhex(case["hex"]))
    assert entity.WhichOneof("kind") == case["kind"]
    assert MessageToDict(entity) == case["json"]
    assert ParseDict(case["json"], Entity()).SerializeToString(deterministic=True).hex() == case["hex"]


@pytest.mark.parametrize("case", COMMANDS, ids=told_by)
def test_a_command_loses_nothing(case: Any) -> None:
    mutation = Mutation.FromString(bytes.fromhex(case["hex"]))
    assert mutation.WhichOneof("command") == case["kind"]
    assert MessageToDict(mutation) == case["json"]
    assert ParseDict(case["json"], Mutation()).SerializeToString(deterministic=True).hex() == case["hex"]
