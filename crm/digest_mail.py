"""The digest as a message: what it lists, as plain text for chats and as HTML for mail."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from crm import mail_html


@dataclass(frozen=True)
class Content:
    """What one digest says: an opening sentence, subjects with their links, and what is left."""

    subject: str
    words: str
    lines: Sequence[tuple[str, str]]
    rest: str
    link: str


def text(content: Content) -> str:
    """Plain text; each line with its address beneath."""
    parts = [content.words]
    for number, (subject, link) in enumerate(content.lines, start=1):
        address = f"\n{settings.PUBLIC_URL}{link}" if link else ""
        parts.append(f"{number}. {subject}{address}")
    if content.rest:
        parts.append(content.rest)
    return "\n\n".join(parts)


def html(content: Content) -> str:
    """The same for the eye, in the active language."""
    return mail_html.page(
        "crm/mail/digest.mjml",
        {
            "content": content,
            "lines": [
                (subject, f"{settings.PUBLIC_URL}{link}" if link else "")
                for subject, link in content.lines
            ],
            "link": f"{settings.PUBLIC_URL}{content.link}",
        },
    )
