"""Which amounts, items and policies do the tests of budgets draw?"""

from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import strategies as st

from tallystick.budgets.rollover import Flow, Policy
from tallystick.errors import TallystickError

INT64_MAX = 2**63 - 1
FOOD, RENT, FUN = (UUID(int=number) for number in range(1, 4))

amounts = st.integers(-100_000, 100_000)
items = st.sampled_from([FOOD, RENT, FUN])
by_item = st.dictionaries(items, amounts)
flows = st.lists(st.builds(Flow, amounts, amounts), max_size=12)
limits = st.none() | st.integers(1, 100_000)
policies = st.builds(Policy, st.just(value=True), st.booleans(), limits) | st.builds(
    Policy, st.just(value=False), st.booleans()
)


def refusal_of(call: Callable[[], object]) -> TallystickError:
    with pytest.raises(TallystickError) as refused:
        call()
    return refused.value
