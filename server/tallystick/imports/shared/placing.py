"""Which member of the group is each person that a file names, and who is still to be asked about? Pure."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID, uuid5

from tallystick.errors import InvalidInput
from tallystick.groups.members.rules import Roster, require_in
from tallystick.imports.reading.splitwise import SharedReading
from tallystick.ledger.folding import folded
from tallystick.ledger.rules import canonical
from tallystick.v1.import_pb2 import Import, ImportMember, ImportQuestion, ImportTotal
from tallystick.v1.money_pb2 import Money

# No expense names more.
MEMBERS_MAX = 200
_NAME_CHARS_MAX = 100


def place_members(shared: SharedReading, said: Sequence[ImportMember], roster: Roster) -> list[ImportMember]:
    """Everybody whom the file names: as was said before, else by their name."""
    if len(shared.members) > MEMBERS_MAX:
        raise InvalidInput.of_field("file", f"names more than {MEMBERS_MAX} members")
    present = {str(each) for each in roster.present()}
    before = {each.name: each for each in said}
    by_name = _by_name(roster)
    rows = Counter(
        name for line in shared.lines for name, net in zip(shared.members, line.nets_minor, strict=True) if net
    )
    placed = []
    for name in shared.members:
        known = before.get(name)
        as_guest = bool(known and known.as_guest)
        member_id = known.member_id if known and known.member_id in present else ""
        if not member_id and not as_guest:
            member_id = by_name.get(folded(name), "")
        placed.append(ImportMember(name=name, member_id=member_id, as_guest=as_guest, rows=rows[name]))
    return placed


def _by_name(roster: Roster) -> dict[str, str]:
    """Names that two members have say nothing."""
    present = [roster.get(member_id) for member_id in roster.present()]
    names = Counter(folded(each.display_name) for each in present)
    return {name: each.id for each in present if names[name := folded(each.display_name)] == 1}


def ask_members(placed: Sequence[ImportMember]) -> list[ImportQuestion]:
    return [
        ImportQuestion(field="members", options=[each.name])
        for each in placed
        if each.rows and not each.member_id and not each.as_guest
    ]


def merge_members(before: Sequence[ImportMember], said: Sequence[ImportMember]) -> list[ImportMember]:
    """What was said of people before, with what is said now."""
    merged = {each.name: each for each in before}
    for each in said:
        merged[each.name] = ImportMember(
            name=each.name, member_id=canonical(each.member_id), as_guest=each.as_guest and not each.member_id
        )
    return [*merged.values()]


def require_members(said: Sequence[ImportMember], roster: Roster) -> None:
    """Nobody is somebody who is not in the group."""
    for each in said:
        if each.member_id:
            require_in(roster.get(UUID(each.member_id)))


def guest_id_of(import_id: UUID, name: str) -> UUID:
    """Who is made for a name. It is known before they are made: rows say it."""
    return uuid5(import_id, f"guest {name}")


def guest_name_of(name: str) -> str:
    return name[:_NAME_CHARS_MAX]


def member_ids_of(of_import: Import) -> dict[str, str]:
    """Who everybody is, those included who are still to be made."""
    import_id = UUID(of_import.id)
    return {
        each.name: str(guest_id_of(import_id, each.name)) if each.as_guest else each.member_id
        for each in of_import.members
    }


def totals_of(shared: SharedReading) -> list[ImportTotal]:
    return [
        ImportTotal(name=name, total=Money(currency=currency, minor=net))
        for currency, nets in shared.totals
        for name, net in zip(shared.members, nets, strict=True)
        if net
    ]
