"""Which commands about members may wait in an outbox, and of which entities do devices hold copies?"""

from tallystick.spaces import commands
from tallystick.store.command import commands_in
from tallystick.store.members import MEMBER

# Invitations are no part of copies: only owners see them.
ENTITIES = (MEMBER,)
COMMANDS = commands_in(commands)
