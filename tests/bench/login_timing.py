"""Does the time of a refusal tell who is registered? Sign-ins with a wrong password, to addresses that exist and that do not.

At the cost of production. Every attempt comes from an address of its own and no account is tried often, so that what is timed
is the comparison and never a throttle.
"""

import random
import statistics
import time
from collections.abc import Collection
from ipaddress import IPv4Address
from uuid import uuid4

import grpc

from bench.effort import Effort
from bench.figures import Figure
from bench.place import Place, Served
from people import Client, new_id, sign_up
from tallystick_client.v1.auth_service_pb2 import LoginRequest

NAMES = ("login_timing",)
BCRYPT_COST = "12"
ATTEMPTS_AN_ACCOUNT = 5
FIRST_ADDRESS = IPv4Address("10.0.0.1")
TARGET_MS = 1.0


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    async with place.another_server(TALLYSTICK_BCRYPT_COST=BCRYPT_COST) as server:
        accounts = -(-effort.logins // ATTEMPTS_AN_ACCOUNT)
        known = [(await sign_up(server.client, "Known")).email for _ in range(accounts)]
        known_ms: list[float] = []
        unknown_ms: list[float] = []
        for number in range(effort.logins):
            pair = [(known[number % accounts], known_ms), (f"known-{uuid4().hex[:12]}@example.com", unknown_ms)]
            random.shuffle(pair)
            for side, (email, times) in enumerate(pair):
                times.append(await _refused_ms(server, email, FIRST_ADDRESS + 2 * number + side))
    # Within a pair, because what slows the machine for a while slows both of it.
    apart_ms = statistics.median(one - other for one, other in zip(unknown_ms, known_ms, strict=True))
    print(
        f"sign-ins: unknown {statistics.median(unknown_ms):.2f} ms, known {statistics.median(known_ms):.2f} ms, "
        f"median of the differences within a pair {apart_ms:+.2f} ms"
    )
    return [Figure(NAMES[0], abs(apart_ms), "ms", target=f"< {TARGET_MS:g}", met=abs(apart_ms) < TARGET_MS)]


async def _refused_ms(server: Served, email: str, address: IPv4Address) -> float:
    caller = Client(server.client.channel, ("x-forwarded-for", str(address)))
    request = LoginRequest(request_id=new_id(), email=email, password="not the password", device_name="bench")
    started = time.perf_counter()
    try:
        await caller.auth.Login(request)
    except grpc.aio.AioRpcError as refused:
        took_ms = (time.perf_counter() - started) * 1000
        assert refused.code() == grpc.StatusCode.UNAUTHENTICATED, f"refused for another reason: {refused.details()}"
        return took_ms
    raise AssertionError("a wrong password was accepted")
