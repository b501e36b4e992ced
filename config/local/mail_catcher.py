"""A mail server that delivers nowhere: it keeps each mail in a folder, for `/admin/mail/`.

A mail is on disk before the sender is told that it was taken, so what the CRM records as sent can
be read, whatever is killed when.
"""

import argparse
import asyncio
import functools
import mailbox
import os
import secrets
import signal
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


def keep(folder: Path, content: bytes) -> str:
    """Write one mail into the Maildir and on to the disk; returns its id."""
    identifier = f"{time.time_ns()}.{secrets.token_hex(8)}.crm"
    unfinished, finished = folder / "tmp" / identifier, folder / "new" / identifier
    with unfinished.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(finished)
    directory = os.open(finished.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return identifier


class Catcher:
    """Answers for the mail server: takes every mail for everybody."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep the mail with its envelope; a full disk is told to the sender, who tries again."""
        content = envelope.original_content or b""
        recipients = ", ".join(envelope.rcpt_tos)
        header = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {recipients}\r\n"
        try:
            keep(self.folder, header.encode(errors="replace") + content)
        except OSError as reason:
            return f"451 4.3.0 The mail could not be kept: {reason.strerror}"
        return "250 2.0.0 Kept"


async def serve(port: int, folder: Path) -> None:
    """Catch mails on this machine's own address until told to stop."""
    mailbox.Maildir(folder, create=True)
    folder.chmod(0o700)
    loop = asyncio.get_running_loop()
    connection = functools.partial(
        SMTP, Catcher(folder), hostname="localhost", enable_SMTPUTF8=True, loop=loop
    )
    server = await loop.create_server(connection, "127.0.0.1", port)
    stopped = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stopped.set)
    await stopped.wait()
    server.close()


def main() -> None:
    """`python -m config.local.mail_catcher --port 8025 --mailbox FOLDER`."""
    parser = argparse.ArgumentParser(description="Keep mails in a folder instead of sending them.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--mailbox", type=Path, required=True)
    chosen = parser.parse_args()
    asyncio.run(serve(chosen.port, chosen.mailbox))


if __name__ == "__main__":
    main()
