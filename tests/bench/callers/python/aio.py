"""How many calls does an asynchronous program in Python make? Tasks that share one channel, with the SDK's stubs.

python aio.py ADDRESS TOKEN CALLERS SECONDS
"""

import asyncio
import sys
import time

import grpc

from tallystick_client import AuthServiceStub
from tallystick_client.v1.auth_service_pb2 import GetMeRequest


async def main(address: str, token: str, callers: int, seconds: float) -> None:
    metadata = (("authorization", f"Bearer {token}"),)
    async with grpc.aio.insecure_channel(address) as channel:
        auth = AuthServiceStub(channel)
        await auth.GetMe(GetMeRequest(), metadata=metadata)
        print("answered", flush=True)
        began = time.monotonic()

        async def call() -> int:
            count = 0
            while time.monotonic() - began < seconds:
                await auth.GetMe(GetMeRequest(), metadata=metadata)
                count += 1
            return count

        counts = await asyncio.gather(*(call() for _ in range(callers)))
        print(sum(counts) / (time.monotonic() - began))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
