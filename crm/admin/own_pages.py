"""Pages about how one is told of things: one's notifications, and what stands beside them."""

from dataclasses import dataclass

from django.urls import reverse

from crm.errors import Sentence


@dataclass(frozen=True)
class OwnPage:
    """A page that everybody has for oneself: what it is called, and the name of its address."""

    label: Sentence
    url_name: str

    @property
    def address(self) -> str:
        return reverse(self.url_name)


OWN_PAGES: list[OwnPage] = []


def own_page(label: Sentence, url_name: str) -> None:
    """Let “My notifications” lead to a page of one's own (one's chats, one's calendar)."""
    OWN_PAGES.append(OwnPage(label, url_name))
