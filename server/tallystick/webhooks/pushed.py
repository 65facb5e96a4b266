"""Which of the commands about webhooks may wait in an outbox, and of which entities do devices hold copies?

Making one, a new secret, a ping and a replay need the server there and then: it shows something, or asks an address.
"""

from tallystick.store.command import commands_in
from tallystick.webhooks import commands
from tallystick.webhooks.tables import WEBHOOK

ENTITIES = (WEBHOOK,)
_HERE_AND_NOW = {"create_webhook", "rotate_webhook_secret", "replay_webhook"}
COMMANDS = tuple(command for command in commands_in(commands) if command.name not in _HERE_AND_NOW)
