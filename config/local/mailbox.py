"""Reading the mails that the local mail server caught (`mail_catcher` writes them)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

# What the catcher names its files: nanoseconds, a random part, and a host that is always the same.
IDENTIFIER = re.compile(r"[0-9]{19}\.[0-9a-f]{16}\.crm")


class NoSuchMessage(LookupError):
    """There is no mail of this id."""


@dataclass(frozen=True)
class Summary:
    """One line of the list of mails."""

    id: str
    to: str
    sender: str
    subject: str
    date: datetime
    has_html: bool


@dataclass(frozen=True)
class Message(Summary):
    """One mail. `html` is what the sender wrote: show it in a sandboxed frame only."""

    headers: list[tuple[str, str]]
    text: str
    html: str
    attachments: list[str]


class Mailbox:
    """A Maildir folder. One that does not exist yet is empty."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def messages(self, limit: int = 200) -> list[Summary]:
        """The newest mails first."""
        newest = sorted(self._identifiers(), reverse=True)[:limit]
        return [_summary(identifier, _parsed(self._path(identifier))) for identifier in newest]

    def message(self, identifier: str) -> Message:
        """One mail in full; raises NoSuchMessage, also for an id that is no id."""
        mail = _parsed(self._path(identifier))
        return Message(
            **vars(_summary(identifier, mail)),
            headers=[(name, str(value)) for name, value in mail.items()],
            text=_body(mail, "plain"),
            html=_body(mail, "html"),
            attachments=[part.get_filename() or "" for part in mail.iter_attachments()],
        )

    def _identifiers(self) -> Iterator[str]:
        new = self.folder / "new"
        if new.is_dir():
            yield from (path.name for path in new.iterdir() if IDENTIFIER.fullmatch(path.name))

    def _path(self, identifier: str) -> Path:
        path = self.folder / "new" / identifier
        if not IDENTIFIER.fullmatch(identifier) or path.is_symlink() or not path.is_file():
            raise NoSuchMessage(identifier)
        return path


def _parsed(path: Path) -> EmailMessage:
    with path.open("rb") as file:
        return BytesParser(policy=policy.default).parse(file)


def _summary(identifier: str, mail: EmailMessage) -> Summary:
    return Summary(
        id=identifier,
        to=str(mail["To"] or mail["X-Envelope-To"] or ""),
        sender=str(mail["From"] or ""),
        subject=str(mail["Subject"] or ""),
        date=_date(identifier, mail),
        has_html=mail.get_body(("html",)) is not None,
    )


def _date(identifier: str, mail: EmailMessage) -> datetime:
    """When it was sent; when it arrived if the mail does not say it in a way that can be read."""
    try:
        sent = parsedate_to_datetime(str(mail["Date"]))
    except ValueError:
        sent = datetime.fromtimestamp(int(identifier.partition(".")[0]) / 1e9, UTC)
    return sent if sent.tzinfo else sent.replace(tzinfo=UTC)


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):  # an unknown or wrong character set
        content = part.get_payload(decode=True)
        return content.decode(errors="replace") if isinstance(content, bytes) else str(content)
