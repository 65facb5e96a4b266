"""How do identity's parts come together from a server's settings? What the rest of the server may ask of them is here, too."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from tallystick.config import Config
from tallystick.identity.devices import NewDevices
from tallystick.identity.mail import Mail, Smtp
from tallystick.identity.parts import Parts, Settings
from tallystick.identity.quota import QuotaUse
from tallystick.identity.service import AuthService
from tallystick.identity.sweep import sweep
from tallystick.identity.traces import Traces
from tallystick.store.apart import Apart
from tallystick.store.store import Store

MAIL_DIR = "mail"


class Identity:
    """Users, their sessions and keys."""

    def __init__(
        self, config: Config, store: Store, apart: Apart, traces: Sequence[Traces], new_devices: NewDevices
    ) -> None:
        smtp = (
            Smtp(config.smtp_host, config.smtp_port, config.smtp_user, config.smtp_password)
            if config.smtp_host
            else None
        )
        mail = Mail(config.data_dir / MAIL_DIR, config.mail_from, smtp)
        self.parts = Parts.assemble(store, apart, mail, settings_of(config))
        self.service = AuthService(self.parts, traces, new_devices)
        self.credentials = self.parts.credentials
        self.throttle = self.parts.throttle
        self._quota = QuotaUse(apart)

    async def exchange_quota(self, hour: datetime, units: dict[UUID, int]) -> dict[UUID, int]:
        return await self._quota.exchange(hour, units)

    async def sweep(self) -> Mapping[str, int]:
        return await sweep(self.parts, self.service.erasure)

    async def close(self) -> None:
        await self.parts.close()


def settings_of(config: Config) -> Settings:
    return Settings(
        access_token_s=config.access_token_s,
        refresh_token_s=config.refresh_token_s,
        session_check_s=config.session_check_s,
        bcrypt_cost=config.bcrypt_cost,
        require_verified_email=config.require_verified_email,
        public_url=config.public_url,
    )
