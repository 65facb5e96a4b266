"""Is everything as it must be, once nothing is under way and everybody has synced?"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from uuid import UUID

import proof
from sync.simulation.devices import Device
from sync.simulation.network import Events, Wire
from sync.simulation.promises import Known, Step, sort_out
from sync.simulation.watched import Rows, WatchedBook
from sync.simulation.world import World
from tallystick_client.errors import NotFound
from tallystick_client.offline import SpaceForgotten, Verdict
from tallystick_client.offline.commands import command_in
from tallystick_client.v1.sync_pb2 import Outcome
from tallystick_client.v1.sync_service_pb2 import PushRequest

# As many rounds as it takes until nothing changes, with something to spare.
ROUNDS_MAX = 12
REPEATS = 10


def settle(world: World) -> Counter[str]:
    """Lets everything come to rest, and checks it. Returns where all is that was promised."""
    world.events.settle()
    world.place.start()
    repeat_some(world)
    sync_all(world)
    assert not world.events.complaints, world.events.complaints
    found = Counter[str]()
    known = world.known()
    with world.place.tables() as tables:
        # One state: the server tells users things of its own accord.
        tables.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        for space_id in world.owners:
            proof.prove(tables, world.place.keys(), UUID(space_id))
            check_once(known[space_id])
            check_nothing_overwritten(known[space_id], world.events)
    for device in world.devices:
        check_copy(world, device)
    for space_id, promises in world.promises.items():
        devices = [each for each in world.devices if each.space_id == space_id]
        held = {each.name: each.holding() for each in devices}
        copied = {each.name for each in devices if each.is_copied}
        found += sort_out(promises, held, known[space_id], world.events.extra, copied)
        if space_id not in world.homes:
            world.owners[space_id].verify(space_id)
    for device in world.devices:
        device.may_go_back = False
    return found


@contextmanager
def connected(world: World, device: Device) -> Iterator[tuple[WatchedBook, Wire]]:
    """A device on a network that works."""
    book, wire = device.open(), Wire(world.place.addresses, device.user.token, Random(), world.events)
    try:
        yield book, wire
    finally:
        book.close()
        wire.close()


def sync_all(world: World) -> None:
    for _ in range(ROUNDS_MAX):
        for device in world.devices:
            _sync(world, device)
        if all(_is_at_head(device) for device in world.devices):
            return
    behind = [each.name for each in world.devices if not _is_at_head(each)]
    raise AssertionError(f"after {ROUNDS_MAX} rounds these still have something to sync: {behind}")


def _sync(world: World, device: Device) -> None:
    with connected(world, device) as (book, wire):
        try:
            book.sync(wire)
            if book.put_back_drafts():
                book.sync(wire)
        except SpaceForgotten:
            return


def _is_at_head(device: Device) -> bool:
    book = device.open()
    try:
        place, waiting = book.place, book.waiting
    finally:
        book.close()
    if place.is_forgotten:
        return True
    return not waiting and place.cursor == device.user.status(device.space_id).cursor


def check_copy(world: World, device: Device) -> None:
    """A copy that is behind by then is brought up to date and looked at again: the server tells users things of its own accord."""
    for tries_left in reversed(range(ROUNDS_MAX)):
        try:
            _check_copy(world, device)
        except AssertionError:
            if not tries_left or _is_at_head(device):
                raise
            _sync(world, device)
        else:
            return


def _check_copy(world: World, device: Device) -> None:
    """The copy is what the plainest client sees, byte for byte, or nothing if its user may see nothing."""
    with connected(world, device) as (book, wire):
        held, mirror = book.held(), book.mirror_rows()
        assert not held["outbox"], f"{device.name} still has {held['outbox']} as {book.states()}"
        if book.place.is_forgotten:
            assert not mirror, f"{device.name} was not wiped"
            try:
                device.user.status(device.space_id)
            except NotFound:
                return
            raise AssertionError(f"{device.name} thinks that its user is not in the space")
        space = device.user.everything(device.space_id)
        assert mirror == space, f"{device.name} differs: {_difference(mirror, space)}"
        assert not held["drafts"], f"{device.name} is in the space, and has drafts"
        assert book.verify(wire) == Verdict.SAME
        if not device.is_home:
            balances = {each: held.minor for each, held in book.balances().items()}
            counted = device.user.balances(device.space_id)
            differing = {each: (balances.get(each), counted.get(each)) for each in balances.keys() | counted.keys()}
            differing = {each: two for each, two in differing.items() if two[0] != two[1]}
            assert not differing, f"{device.name} counts otherwise than the server: {differing}"


def _difference(mirror: Rows, space: Rows) -> object:
    differing = [key for key in mirror.keys() | space.keys() if mirror.get(key) != space.get(key)]
    return [(key, mirror.get(key), space.get(key)) for key in differing[:5]]


def check_once(known: Known) -> None:
    """Nothing was made twice."""
    doubles = {mark: ids for mark, ids in known.bearers.items() if len(ids) > 1}
    assert not doubles, f"one command made more than one transaction: {doubles}"


def check_nothing_overwritten(known: Known, events: Events) -> None:
    """Nobody's amount or date was replaced by an update whose device did not know of it."""
    for entity_id, steps in known.histories.items():
        for number, step in enumerate(steps):
            made_on = events.made_on.get(step.request_id)
            if made_on is None or not number:
                continue
            mine = _money_changed(steps, number)
            for other in range(1, number):
                if _is_hidden(steps[other - 1]) or _is_hidden(steps[other]):
                    # What somebody did on a private account, others can neither see nor meet.
                    continue
                is_seen = steps[other].seq <= made_on.version or steps[other].request_id in made_on.seen
                met = mine & _money_changed(steps, other)
                assert is_seen or not met, (
                    f"{met} of {entity_id} at {steps[other].seq} lost to {step}, made on {made_on}, of {steps}"
                )


def _is_hidden(step: Step) -> bool:
    return bool(step.transaction.private_to)


def _money_changed(steps: list[Step], number: int) -> set[str]:
    """Which of its groups about money a step changed."""
    before, after = steps[number - 1].transaction, steps[number].transaction
    amounts = [
        sorted((each.line, each.amount.minor) for each in entries) for entries in (before.entries, after.entries)
    ]
    return {
        group
        for group, differs in (("amounts", amounts[0] != amounts[1]), ("date", before.booked_on != after.booked_on))
        if differs
    }


def repeat_some(world: World) -> None:
    """What was done before, sent once more, changes nothing."""
    known, random = world.known(), Random(f"{world.seed} {world.round} repeats")
    sent, world.events.sent = world.events.sent, []
    for request in random.sample(sent, min(len(sent), REPEATS)):
        done = [each for each in request.mutations if command_in(each).request_id in known[request.space_id].answers]
        if not done:
            continue
        owner = world.owners[request.space_id]
        before = owner.status(request.space_id).head
        answer = owner.client.sync.Push(PushRequest(space_id=request.space_id, mutations=done))
        assert owner.status(request.space_id).head == before, f"done again: {done}: {answer}"
        outcomes = {Outcome.Name(each.outcome) for each in answer.results}
        assert outcomes <= {"OUTCOME_REPEATED", "OUTCOME_CONFLICT", "OUTCOME_REJECTED"}, answer
        world.counts["commands repeated"] += len(done)
