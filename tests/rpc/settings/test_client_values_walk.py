"""Do the limits of client values hold whatever is put and taken away? Random walks against a model, and against the rows themselves."""

import random

import pytest

import proof
from people import Person
from rpc.settings.home import delete_request, keys_of, put_request
from rpc.sync.copy import Copy, mutation
from tallystick.settings.client_values import rules
from tallystick_client.v1.sync_pb2 import Outcome

STEPS = 400
# So small that walks meet both limits again and again.
VALUES_MAX, BYTES_MAX = 12, 2_000
KEYS = [f"k/{number}" for number in range(20)]
APPLIED, REJECTED = Outcome.OUTCOME_APPLIED, Outcome.OUTCOME_REJECTED


@pytest.mark.parametrize("seed", range(4))
async def test_counts_and_sizes_never_drift(
    ann: Person, database: proof.Connection, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(rules, "VALUES_MAX", VALUES_MAX)
    monkeypatch.setattr(rules, "BYTES_MAX", BYTES_MAX)
    dice, copy = random.Random(seed), Copy(ann, ann.user.home_id)
    kept: dict[str, bytes] = {}
    refused = 0
    for _ in range(STEPS // 10):
        requests, wanted = [], []
        for _ in range(10):
            key = dice.choice(KEYS)
            if dice.random() < 0.25:
                requests.append(mutation(delete_request(key)))
                kept.pop(key, None)
                wanted.append(APPLIED)
                continue
            value = dice.randbytes(dice.choice([0, 1, 100, 400, 800]))
            requests.append(mutation(put_request(key, value)))
            after = kept | {key: value}
            fits = len(after) <= VALUES_MAX and sum(map(len, after.values())) <= BYTES_MAX
            kept = after if fits else kept
            refused += not fits
            wanted.append(APPLIED if fits else REJECTED)
        results = await copy.push(*requests)
        assert [result.outcome for result in results] == wanted
        assert _rows_of(database, ann.user.home_id) == (len(kept), sum(map(len, kept.values())))
    assert refused > STEPS // 20
    assert await keys_of(ann) == sorted(kept)


def _rows_of(database: proof.Connection, home_id: str) -> tuple[int, int]:
    asked = "SELECT count(*), coalesce(sum(size), 0) FROM client_value WHERE space_id = %s AND deleted_at IS NULL"
    ((count, size),) = database.execute(asked, (home_id,)).fetchall()
    return count, int(size)
