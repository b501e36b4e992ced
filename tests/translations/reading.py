"""What a person reads on a page, and which of its words are not Chinese."""

import re
from html.parser import HTMLParser

NOT_READ = {"script", "style", "svg", "template"}
WITHOUT_END = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr"}
ICONS = "material-symbols-outlined"
READ_ALOUD = ("title", "placeholder", "aria-label", "alt")
DATA = re.compile(r"https?://\S+|\S+@\S+|\b[\w:-]*\d[\w:-]*\b|/[\w/-]+|\{[^}]*\}")
"""Addresses, numbers and keys are the same in every language."""
WORD = re.compile(r"[A-Za-z]{2,}")


class Page(HTMLParser):
    """The words of a page and the addresses that it leads to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.addresses: list[str] = []
        self._inside: list[tuple[str, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        hidden = (
            tag in NOT_READ
            or given.get("type") == "hidden"
            or ICONS in given.get("class", "")
            or given.get("lang", "zh-hans") != "zh-hans"
        )
        if not hidden:
            self.words += [given[name] for name in READ_ALOUD if given.get(name)]
            if tag == "input" and given.get("type") in ("submit", "button"):
                self.words.append(given.get("value", ""))
            if tag == "a" and "href" in given:
                self.addresses.append(given["href"])
        if tag not in WITHOUT_END:
            self._inside.append((tag, hidden))

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(hidden for _tag, hidden in self._inside):
            self.words.append(data.strip())


def latin(text: str, allowed: set[str]) -> list[str]:
    """The Latin words of a text, apart from data and from those that are allowed."""
    return [word for word in WORD.findall(DATA.sub(" ", text)) if word not in allowed]
