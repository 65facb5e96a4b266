"""Are the golden entities those of the contract, and does the Python SDK read and write them as they are?"""

from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict

from sdk_python.filled import PATH, compose_text
from sdk_python.vectors import read_vectors
from tallystick_client.v1.sync_pb2 import Entity

ENTITIES = read_vectors("entities")["entities"]


def test_every_kind_has_something_in_every_field() -> None:
    """If you're here because this failed, the contract has grown: `python -m sdk_python.filled` writes the file anew. An entity that is
    there already may only gain fields; its old bytes are in devices' outboxes and copies."""
    assert PATH.read_text() == compose_text()


@pytest.mark.parametrize("case", ENTITIES, ids=lambda case: case["kind"])
def test_an_entity_loses_nothing(case: Any) -> None:
    entity = Entity.FromString(bytes.fromhex(case["hex"]))
    assert entity.WhichOneof("kind") == case["kind"]
    assert MessageToDict(entity) == case["json"]
    assert ParseDict(case["json"], Entity()).SerializeToString(deterministic=True).hex() == case["hex"]
