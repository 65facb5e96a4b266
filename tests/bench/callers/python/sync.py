"""How many calls does a program in Python make? Threads that share one client.

python sync.py ADDRESS TOKEN CALLERS SECONDS
"""

import sys
import threading
import time

from tallystick_client import Client, MemoryTokens, Tokens
from tallystick_client.v1.auth_service_pb2 import GetMeRequest


def main(address: str, token: str, callers: int, seconds: float) -> None:
    with Client(address, MemoryTokens(Tokens(access_token=token))) as client:
        client.auth.GetMe(GetMeRequest())
        print("answered", flush=True)
        counts = [0] * callers
        began = time.monotonic()

        def call(number: int) -> None:
            while time.monotonic() - began < seconds:
                client.auth.GetMe(GetMeRequest())
                counts[number] += 1

        threads = [threading.Thread(target=call, args=(number,)) for number in range(callers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(sum(counts) / (time.monotonic() - began))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
