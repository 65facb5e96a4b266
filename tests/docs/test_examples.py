"""Are the examples true? The rules accept every request, and each way of writing one comes to the same message."""

import json
import re
import subprocess
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

import protovalidate
import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message

import tallystick_client
from handbook.model import TEMPLATE_FIELD, Call, Contract, kind_of
from handbook.samples import REQUEST_ID, compose_request
from handbook.snippets import python as python_snippets
from handbook.snippets import shells
from handbook.snippets.words import camel

MAKES_ID = "uuidgen() { echo " + REQUEST_ID + "; }"
Example = tuple[Call, Message]


@pytest.fixture(scope="module")
def examples(contract: Contract) -> list[Example]:
    return [(call, compose_request(call)) for call in contract.calls]


def test_the_rules_accept_every_example(examples: list[Example]) -> None:
    validator = protovalidate.Validator()
    refused = {
        call.name: violations for call, request in examples if (violations := validator.collect_violations(request))
    }
    assert refused == {}


def test_an_example_of_a_change_changes_what_its_mask_names(examples: list[Example]) -> None:
    changes = [request for call, request in examples if "update_mask" in kind_of(request).fields_by_name]
    assert len(changes) > 10
    assert [kind_of(request).name for request in changes if not request.update_mask.paths] == []  # type: ignore[attr-defined]  # asked above


def test_python_composes_the_same_request(examples: list[Example], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallystick_client, "new_id", lambda: REQUEST_ID)
    for call, request in examples:
        if call.name == "DownloadExport":
            continue
        sent: list[Any] = []

        def record(given: Any, sent: list[Any] = sent) -> list[Any]:
            sent.append(given)
            return []

        stub = SimpleNamespace(**{call.name: record})
        exec(python_snippets.write(call, request), {"client": SimpleNamespace(**{call.stub: stub}), "print": print})
        given = next(iter(sent[0])) if call.method.client_streaming else sent[0]
        # The SDK has its own copies of the messages.
        assert given.SerializeToString(deterministic=True) == request.SerializeToString(deterministic=True), call.name


def test_a_shell_sends_the_same_request(examples: list[Example]) -> None:
    """What curl and grpcurl would be called with, as a shell understands the examples: their words, one to a line of JSON."""
    shown = [
        (call, request, way(call, request))
        for call, request in examples
        for way in (shells.write_curl, shells.write_grpcurl)
        if call.bindings
    ]
    script = [
        MAKES_ID,
        "api= token=T",
        'tell() { printf "%s\\0" "$@"; printf "\\n"; }',
        'curl() { tell curl "$@"; }',
        'grpcurl() { tell grpcurl "$@"; }',
    ]
    said = subprocess.run(
        ["bash", "-eu"],
        input="\n".join([*script, *(text for _, _, text in shown)]),
        capture_output=True,
        text=True,
        check=True,
    )
    told = [block.split("\0") for block in said.stdout.split("\0\n")[:-1]]
    assert len(told) == len(shown)
    for (call, request, text), words in zip(shown, told, strict=True):
        assert ("Bearer" in text) == bool(call.access.caller != 1)
        sent = _curl_request(call, words) if words[0] == "curl" else json.loads(_word_after(words, "-d") or "{}")
        assert ParseDict(sent, type(request)()) == request, text


def _word_after(words: list[str], option: str) -> str | None:
    return words[words.index(option) + 1] if option in words else None


def _curl_request(call: Call, words: list[str]) -> dict[str, Any]:
    """As Envoy puts it together from path, query and body."""
    binding = call.bindings[0]
    body: dict[str, Any] = json.loads(_word_after(words, "-d") or "{}")
    assert (_word_after(words, "-X") or ("POST" if "-d" in words else "GET")) == binding.verb
    path, _, query = next(word for word in words if word.startswith("/v1/")).partition("?")
    pattern = TEMPLATE_FIELD.sub("([^/:]+)", re.sub(r"\{([^}=]+)=[^}]*\}", r"{\1}", binding.template))
    matched = re.fullmatch(pattern, path)
    assert matched, (path, binding.template)
    given = [*zip(binding.path_fields, matched.groups(), strict=True), *parse_qsl(query, keep_blank_values=True)]
    for name, value in given:
        _put(body, call.method.input_type, camel(name).split("."), value)
    return body


def _put(body: dict[str, Any], kind: Any, path: list[str], value: str) -> None:
    name, *deeper = path
    field = next(each for each in kind.fields if each.json_name == name)
    if deeper:
        _put(body.setdefault(name, {}), field.message_type, deeper, value)
    elif field.is_repeated:
        body.setdefault(name, []).append(value)
    else:
        body[name] = value == "true" if field.type == field.TYPE_BOOL else value
