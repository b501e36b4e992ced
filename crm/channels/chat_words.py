"""The words of a chat message: plain, in the recipient's language, and cut to what a chat takes."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from crm.models import Delivery

KEYWORD = "CRM"
"""In every message, so that a robot can be told to take only messages with this word."""
CUT = "…"
_PLAIN = str.maketrans(
    {"<": "＜", ">": "＞", "[": "［", "]": "］", "*": "＊", "`": "｀", "#": "＃", "\0": ""}
)
_JOINER = "\N{ZERO WIDTH JOINER}"


@dataclass(frozen=True)
class Message:
    """What a chat shows: a headline, text, and where to go."""

    subject: str
    text: str
    link: str
    """A whole address, or empty."""
    label: str
    """What the link is called."""

    def plain_in_markdown(self) -> "Message":
        """Without any mark that a chat would take for markdown, a mention or a link: a merchant's
        name must not be able to call everybody or to lead elsewhere."""
        return replace(
            self, subject=self.subject.translate(_PLAIN), text=self.text.translate(_PLAIN)
        )

    def shortened(self, fits: Callable[["Message"], bool]) -> "Message":
        """As much of the text as fits; headline and link stay whole."""
        if fits(self):
            return self
        least, most = 0, len(self.text)
        while least < most:  # The longest beginning that fits.
            middle = (least + most + 1) // 2
            if fits(replace(self, text=_beginning(self.text, middle))):
                least = middle
            else:
                most = middle - 1
        return replace(self, text=_beginning(self.text, least))


def of(delivery: Delivery) -> Message:
    """The words of a delivery."""
    with translation.override(delivery.colleague.language):
        label = _("Open in the CRM")
    return Message(
        subject=" ".join(delivery.subject.split()),
        text=delivery.text.strip(),
        link=f"{settings.PUBLIC_URL}{delivery.link}" if delivery.link else "",
        label=label,
    )


def _beginning(text: str, length: int) -> str:
    """So many characters, and no half of one that is made of several (an accent, a family)."""
    while 0 < length < len(text) and (
        unicodedata.combining(text[length])
        or unicodedata.category(text[length]) in ("Mn", "Me", "Sk")
        or _JOINER in (text[length], text[length - 1])
    ):
        length -= 1
    return text[:length].rstrip() + CUT
