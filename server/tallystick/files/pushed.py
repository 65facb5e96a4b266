"""Which of the commands about files may wait in an outbox, and of which entities do devices hold copies?

A content comes only while the server is there, so bringing one does not wait.
"""

from tallystick.files import commands
from tallystick.files.tables import FILE
from tallystick.store.command import commands_in

ENTITIES = (FILE,)
_HERE_AND_NOW = {"start_upload", "finish_upload", "cancel_upload"}
COMMANDS = tuple(command for command in commands_in(commands) if command.name not in _HERE_AND_NOW)
