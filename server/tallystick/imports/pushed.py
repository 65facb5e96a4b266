"""Which of the commands about imports may wait in an outbox, and of which entities do devices hold copies?

None may: an import is of a file and of rows that only the server has. Devices see how far each is.
"""

from tallystick.imports.tables import FILE_IMPORT, IMPORT_PROFILE
from tallystick.store.command import Command

ENTITIES = (FILE_IMPORT, IMPORT_PROFILE)
COMMANDS: tuple[Command, ...] = ()
