"""What is the world that is simulated? People with devices, the spaces that they share, two servers, and what goes wrong with all that."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sync.simulation.devices import Device, make_device
from sync.simulation.network import Events
from sync.simulation.nursery import Nursery
from sync.simulation.people import EDITOR, OWNER, VIEWER, User, sign_up
from sync.simulation.place import Place
from sync.simulation.promises import Known, Promises, let_go
from sync.simulation.turns import take_turn

NAMES = ("ann", "eve", "vic", "bob")
COPIES_MAX = 4
STEPS_MAX = 8
IN_CHILD = 0.2
LIVES = (0, 400)
# How often something happens in a round beside the devices' turns.
OFTEN = {"kill_a_server": 0.25, "revoke": 0.06, "change_role": 0.08, "copy_a_device": 0.05}


@dataclass
class Trouble:
    """Which misfortunes there are. A small world has few."""

    network: bool = True
    kills: bool = True
    people: bool = True
    restores: bool = True


@dataclass
class World:
    """All there is, and what happened in it."""

    seed: str
    place: Place
    nursery: Nursery
    trouble: Trouble = field(default_factory=Trouble)
    rounds_between_rests: tuple[int, int] = (4, 12)
    counts: Counter[str] = field(default_factory=Counter)
    events: Events = field(default_factory=Events)
    users: dict[str, User] = field(default_factory=dict)
    devices: list[Device] = field(default_factory=list)
    promises: dict[str, Promises] = field(default_factory=dict)
    round: int = 0
    # Who owns a space does not leave it.
    owners: dict[str, User] = field(default_factory=dict)
    homes: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        """Two shared books, in which people have different roles, and a home; some have the same on two devices."""
        self.place.start()
        # Calls of people go to the first server: it is there whenever they make them.
        self.users = {name: sign_up(name, self.place.addresses[0]) for name in NAMES}
        ann, eve, vic, bob = self.users.values()
        family, club, home = ann.make_book("family"), eve.make_book("club"), ann.home_id()
        self.owners, self.homes = {family: ann, club: eve, home: ann}, {home}
        for owner, space_id, other, role in (
            *((ann, family, eve, EDITOR), (ann, family, vic, EDITOR), (ann, family, bob, EDITOR)),
            *((eve, club, ann, OWNER), (eve, club, vic, VIEWER)),
        ):
            owner.share(space_id, other, role)
        for user, place, space_id in (
            *((ann, "phone", family), (ann, "laptop", family), (ann, "phone", club), (ann, "phone", home)),
            *((ann, "laptop", home), (eve, "phone", family), (eve, "phone", club), (vic, "phone", family)),
            *((vic, "tablet", club), (bob, "phone", family)),
        ):
            name = f"{user.name}-{place}-{next(k for k, v in (('family', family), ('club', club), ('home', home)) if v == space_id)}"
            self.devices.append(make_device(name, user, space_id, self.place.folder, is_home=space_id in self.homes))
        self.promises = {space_id: Promises(space_id) for space_id in self.owners}

    # A round: all devices have a turn at once, and something may go wrong meanwhile.

    def play(self) -> None:
        self.round += 1
        random = Random(f"{self.seed} {self.round}")
        before, meanwhile = self._choose(random)
        for happen in before:
            happen(random)
        with ThreadPoolExecutor(len(self.devices) + 1) as pool:
            turns = [pool.submit(self._turn, device) for device in self.devices if random.random() < 0.7]
            if meanwhile:
                meanwhile(random)
            for turn in turns:
                turn.result()
        self.place.start()

    def _choose(self, random: Random) -> tuple[list[Callable[[Random], None]], Callable[[Random], None] | None]:
        happens = [name for name, often in OFTEN.items() if random.random() < often]
        before = []
        if self.trouble.people:
            before = [getattr(self, name) for name in happens if name != "kill_a_server"]
        kill = self.kill_a_server if "kill_a_server" in happens and self.trouble.kills else None
        return before, kill

    def _turn(self, device: Device) -> None:
        random = Random(f"{self.seed} {self.round} {device.name}")
        task = device.task(f"{random.random()}", self.place.addresses, random.randint(1, STEPS_MAX))
        task.is_foul = self.trouble.network

        def say(said: list[Any]) -> None:
            self.hear(device, said)

        if self.trouble.kills and device.can_be_killed and random.random() < IN_CHILD:
            task.in_child, task.lives = True, random.randint(*LIVES)
            self._count("kills of devices", self.nursery.run(task, say))
        else:
            device.counted = take_turn(task, self.events, say, device.open)

    def hear(self, device: Device, said: list[Any]) -> None:
        """Notes what a device said."""
        what, *facts = said
        if what == "extra":
            self.events.extra.update(facts[0])
        elif what == "counts":
            for name, count in facts[0].items():
                self.events.note(name, count)
        elif what == "count":
            self._count(*facts)
        elif what == "failed":
            raise AssertionError(f"{device.name}: {facts[0]}")
        else:
            self._count("commands", what == "promised")
            self.promises[device.space_id].take(said, device.name)

    def _count(self, what: str, count: int = 1) -> None:
        with self._lock:
            self.counts[what] += count

    # What happens beside.

    def kill_a_server(self, random: Random) -> None:
        server = random.choice(self.place.servers)
        threading.Event().wait(random.uniform(0, 0.2))
        server.kill()
        if random.random() < 0.8:
            server.start()

    def revoke(self, random: Random) -> None:
        """Somebody is not in a space any more, or is let in again."""
        self.place.start()
        space_id = random.choice([each for each in self.owners if each not in self.homes])
        owner = self.owners[space_id]
        others = {each.user.name: each.user for each in self.devices if each.space_id == space_id}
        other = random.choice([user for user in others.values() if user is not owner])
        if owner.member(space_id, other):
            owner.remove(space_id, other)
            self._count("revocations")
        else:
            owner.share(space_id, other, random.choice((EDITOR, VIEWER)))
            self._count("invitations")

    def change_role(self, random: Random) -> None:
        self.place.start()
        space_id = random.choice([each for each in self.owners if each not in self.homes])
        owner = self.owners[space_id]
        others = [each.user for each in self.devices if each.space_id == space_id and each.user is not owner]
        other = random.choice(others)
        if owner.member(space_id, other):
            owner.set_role(space_id, other, random.choice((EDITOR, EDITOR, VIEWER, OWNER)))
            self._count("roles changed")

    def copy_a_device(self, random: Random) -> None:
        if sum(each.is_copied for each in self.devices) < COPIES_MAX * 2:
            device = random.choice(self.devices)
            self.devices.append(device.copied(f"{device.name}-copy-{self.round}"))
            self._count("copies of devices")

    # An operator puts the database back.

    def save_or_put_back(self) -> None:
        """Between rounds, when nothing is under way."""
        self.events.settle()
        self.place.stop()
        if not self.place.has_saved:
            self.place.save()
        else:
            before = self.known()
            self.place.put_back()
            after = self.known()
            for space_id, promises in self.promises.items():
                held = {each.name: each.holding() for each in self.devices if each.space_id == space_id}
                let_go(promises, held, before[space_id], after[space_id])
            for device in self.devices:
                device.may_go_back = True
            # What was done may be done again, for the first time.
            self.events.done.clear()
            self.events.sent.clear()
            self.events.made_on.clear()
            self._count("restores")
        self.place.start()

    def known(self) -> dict[str, Known]:
        with self.place.tables() as tables:
            return {space_id: Known.read(tables, self.place.keys(), space_id) for space_id in self.owners}
