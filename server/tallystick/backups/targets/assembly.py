"""Which targets do the settings give? Users' own Drives, if there is an OAuth client; a shared drive, if there is a service account."""

from tallystick.backups.targets.drive.connection import Line
from tallystick.backups.targets.drive.consent import OAuthClient
from tallystick.backups.targets.drive.drive import DriveTarget
from tallystick.backups.targets.drive.grant import Grant, compose_service_credentials, compose_user_credentials
from tallystick.backups.targets.target import Progress
from tallystick.config_drives import Settings


def compose_client(settings: Settings) -> OAuthClient | None:
    """None: users cannot connect Drives of theirs."""
    if not settings.google_client_id:
        return None
    return OAuthClient(
        settings.google_client_id,
        settings.google_client_secret,
        settings.google_redirect_url or settings.public_url,
        settings.drive_root_url,
    )


def compose_own_drive(client: OAuthClient, grant: Grant, progress: Progress) -> DriveTarget:
    """A user's own. `progress` must be this connection's: another Drive has another folder."""
    credentials = compose_user_credentials(grant, client.client_id, client.client_secret, client.token_url)
    return DriveTarget(Line(credentials, client.root_url), progress)


def compose_shared_drive(settings: Settings, progress: Progress) -> DriveTarget | None:
    """None: there is none."""
    if settings.drive_service_account is None:
        return None
    credentials = compose_service_credentials(settings.drive_service_account)
    line = Line(credentials, settings.drive_root_url)
    return DriveTarget(line, progress, shared_drive_id=settings.shared_drive_id)
