"""Which commands about oneself may wait in an outbox, and of which entities do devices hold copies?"""

from tallystick.identity import commands
from tallystick.identity.tables import PROFILE
from tallystick.store.command import Command
from tallystick.v1.auth_service_pb2 import UpdateMeRequest, UpdateMeResponse

ENTITIES = (PROFILE,)
COMMANDS = (Command("update_me", UpdateMeRequest, UpdateMeResponse, commands.update_me),)
