"""How do the parts of webhooks come together?"""

from tallystick.config import Config
from tallystick.store.apart import Apart
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.webhooks.delivering import Delivering
from tallystick.webhooks.job import DeliveryJob
from tallystick.webhooks.sending import Sender
from tallystick.webhooks.service import WebhookService
from tallystick.webhooks.signing import Secrets


class Webhooks:
    """Programs elsewhere that are told what happens."""

    def __init__(self, config: Config, store: Store, apart: Apart, pages: Pages) -> None:
        self.delivering = Delivering(Secrets(store.keys.keyring), Sender(config.webhook_networks), store.clock)
        self.service = WebhookService(store, apart, pages, self.delivering)
        self.job = DeliveryJob(store, apart, self.delivering)
