"""How does a mail leave the house? Through an SMTP server, or as a file in a folder where none is set up."""

import asyncio
import os
import smtplib
import ssl
import time
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from ipaddress import ip_address
from pathlib import Path
from uuid import uuid4

from tallystick.log import log

SMTP_TIMEOUT_S = 30.0
ATTEMPTS_MAX = 3
RETRY_S = 20.0
TLS_PORT = 465
REFUSED_FOR_GOOD = 500


@dataclass(frozen=True, repr=False)
class Smtp:
    """The server that takes our mail. An empty user means that it asks for no password."""

    host: str
    port: int
    user: str = ""
    password: str = ""


class Mail:
    """Sends mails. Call it from an errand: it takes its time, and tells failures to the log alone."""

    def __init__(self, folder: Path, sender: str, smtp: Smtp | None = None, *, retry_s: float = RETRY_S) -> None:
        self._folder = folder
        self._sender = sender
        self._smtp = smtp
        self._retry_s = retry_s

    async def send(self, to: str, subject: str, body: str) -> None:
        message = compose(self._sender, to, subject, body)
        if self._smtp is None:
            await asyncio.to_thread(write_file, self._folder, message)
            return
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                await asyncio.to_thread(deliver, self._smtp, message)
            except (smtplib.SMTPException, OSError) as failed:
                # The address is the reader's own affair: the log names the mail by its id only.
                is_last = attempt == ATTEMPTS_MAX or _is_final(failed)
                log(
                    "mail_failed",
                    level="error",
                    error_kind=type(failed).__name__,
                    mail=message["Message-ID"],
                    is_last=is_last,
                )
                if is_last:
                    return
                await asyncio.sleep(self._retry_s * attempt)
            else:
                return


def compose(sender: str, to: str, subject: str, body: str) -> EmailMessage:
    """The mail. A line break in an address or subject is refused here, so that nobody can add headers."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].rstrip("> ") or "localhost")
    # Machines answer machines otherwise, and tell our users that somebody is on holiday.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message


def write_file(folder: Path, message: EmailMessage) -> None:
    """One file for each mail, whole or not at all, named so that a listing is in the order of sending."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{time.time_ns():020d}-{uuid4().hex}"
    partial = folder / f".{name}.partial"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(bytes(message))
        file.flush()
        os.fsync(file.fileno())
    partial.rename(folder / f"{name}.eml")


def deliver(smtp: Smtp, message: EmailMessage) -> None:
    """Hands the mail over, encrypted unless the server is this machine."""
    context = ssl.create_default_context()
    if smtp.port == TLS_PORT:
        with smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=SMTP_TIMEOUT_S, context=context) as server:
            _hand_over(server, smtp, message)
        return
    with smtplib.SMTP(smtp.host, smtp.port, timeout=SMTP_TIMEOUT_S) as server:
        server.ehlo()
        if server.has_extn("starttls") or not _is_loopback(smtp.host):
            server.starttls(context=context)
        _hand_over(server, smtp, message)


def _hand_over(server: smtplib.SMTP, smtp: Smtp, message: EmailMessage) -> None:
    if smtp.user:
        server.login(smtp.user, smtp.password)
    server.send_message(message)


def _is_final(failed: Exception) -> bool:
    """Whether the server has said no for good, rather than not now."""
    if isinstance(failed, smtplib.SMTPRecipientsRefused):
        return all(code >= REFUSED_FOR_GOOD for code, _ in failed.recipients.values())
    return isinstance(failed, smtplib.SMTPResponseException) and failed.smtp_code >= REFUSED_FOR_GOOD


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
