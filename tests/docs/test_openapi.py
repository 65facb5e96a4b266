"""Is OpenAPI true? It is valid, has every binding of the contract and no other, and real answers fit what it says of them."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator.schemas import schema_v31

from clients.bindings import PARAMETER, VERBS, list_bindings
from handbook.model import TEMPLATE_FIELD, Contract
from handbook.openapi import HTTP, compose_openapi
from tallystick.runtime.envoy_site import FILE_BYTES_MAX


@pytest.fixture(scope="module")
def openapi(contract: Contract) -> dict[str, Any]:
    return compose_openapi(contract)


def operations(openapi: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, verbs in openapi["paths"].items():
        for verb, operation in verbs.items():
            yield verb, path, operation


def test_it_is_valid(openapi: dict[str, Any]) -> None:
    assert list(jsonschema_rs.validator_for(dict(schema_v31)).iter_errors(openapi)) == []


def test_its_schemas_are_valid(openapi: dict[str, Any]) -> None:
    for name, schema in openapi["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid({"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema), name


def test_it_has_every_binding_and_no_other(openapi: dict[str, Any]) -> None:
    described = {(verb.upper(), path) for verb, path, _ in operations(openapi)}
    promised = {(each.verb, TEMPLATE_FIELD.sub(r"{\1}", each.template)) for each in list_bindings()}
    assert described == promised
    assert {verb for verb, _, _ in operations(openapi)} <= set(VERBS)


def test_every_operation_has_a_name_of_its_own(openapi: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(openapi)]
    assert len(names) == len(set(names))


def test_what_a_path_names_is_a_parameter(openapi: dict[str, Any]) -> None:
    for _, path, operation in operations(openapi):
        named = {each.strip("{}") for each in PARAMETER.findall(path)}
        assert {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"} == named, path


def test_every_reference_leads_somewhere(openapi: dict[str, Any]) -> None:
    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            yield from (str(value["$ref"]),) if "$ref" in value else ()
            value = list(value.values())
        if isinstance(value, list):
            for each in value:
                yield from references(each)

    for reference in set(references(openapi)):
        found: Any = openapi
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert found


def test_public_calls_need_no_token_and_others_do(openapi: dict[str, Any]) -> None:
    assert openapi["security"] == [{"bearer": []}]
    public = {operation["operationId"] for _, _, operation in operations(openapi) if operation.get("security") == []}
    assert {"AuthService_Login", "AuthService_GetSigningKeys", "StatusService_GetHealth"} <= public
    assert not any(name.startswith(("LedgerService", "GroupService")) for name in public)


def test_every_reason_has_a_code_that_http_knows(contract: Contract) -> None:
    assert [reason.name for reason in contract.reasons.values() if reason.code not in HTTP] == []


def test_it_is_small_enough_to_be_served(openapi: dict[str, Any]) -> None:
    assert len(str(openapi)) < FILE_BYTES_MAX
