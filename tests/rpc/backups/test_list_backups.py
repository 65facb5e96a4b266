"""In which order are backups listed?"""

from people import Person
from rpc.backups.vault import Vault
from tallystick_client.v1 import backup_service_pb2 as api


async def test_they_are_listed_the_newest_first_in_pages(vault: Vault) -> None:
    made = [(await vault.back_up()).id for _ in range(3)]
    first = await vault.person.backups.ListBackups(api.ListBackupsRequest(page_size=2))
    rest = await vault.person.backups.ListBackups(api.ListBackupsRequest(page_size=2, page_token=first.next_page_token))
    assert [each.id for each in (*first.backups, *rest.backups)] == made[::-1]
    assert rest.next_page_token == ""


async def test_nobody_sees_those_of_others(vault: Vault, bob: Person) -> None:
    await vault.back_up()
    assert list((await bob.backups.ListBackups(api.ListBackupsRequest())).backups) == []
