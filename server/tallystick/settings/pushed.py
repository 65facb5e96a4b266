"""Which of the commands about settings may wait in an outbox, and of which entities do devices hold copies?"""

from tallystick.settings import tables
from tallystick.settings.client_values import commands as client_values
from tallystick.settings.displays import commands as displays
from tallystick.settings.preferences import commands as preferences
from tallystick.store.command import commands_in

ENTITIES = (tables.PREFERENCES, tables.DISPLAY, tables.CLIENT_VALUE)

COMMANDS = commands_in(preferences, displays, client_values)
