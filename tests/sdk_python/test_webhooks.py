"""Does a receiver believe what the server signed, and nothing else?"""

import re
import time
from typing import Any

import pytest

from sdk_python.vectors import name_of, read_vectors
from tallystick.webhooks.signing import sign
from tallystick_client import SignatureInvalid, verify_webhook

CASES = read_vectors("webhooks")["cases"]


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_the_sdk_believes_what_the_vectors_say(case: dict[str, Any]) -> None:
    body, now = case["body"].encode(), case["now"]
    if case["valid"]:
        verify_webhook(body, case["signature"], case["secrets"], now=now)
    else:
        with pytest.raises(SignatureInvalid):
            verify_webhook(body, case["signature"], case["secrets"], now=now)


@pytest.mark.parametrize(
    "case", [each for each in CASES if each["name"].startswith(("as it", "text", "an empty body"))], ids=name_of
)
def test_the_server_signs_as_the_vectors_say(case: dict[str, Any]) -> None:
    at = int(re.findall(r"t=([0-9]+)", case["signature"])[0])
    assert sign(case["secrets"], at, case["body"].encode()) == case["signature"]


def test_without_a_moment_it_is_now() -> None:
    now = int(time.time())
    verify_webhook(b"{}", sign(["a"], now, b"{}"), "a")
    for at in (now - 400, now + 400):
        with pytest.raises(SignatureInvalid):
            verify_webhook(b"{}", sign(["a"], at, b"{}"), "a")
        verify_webhook(b"{}", sign(["a"], at, b"{}"), "a", tolerance_s=500)


def test_a_missing_header_is_no_signature() -> None:
    with pytest.raises(SignatureInvalid):
        verify_webhook(b"{}", None, "a")
