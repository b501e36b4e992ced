"""Every sentence of the product, where it stands, and its Chinese."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import django
import unfold
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("crm", "merchants", "campaigns", "leads")
SPEAKING_FOR = {"crm": ("crm", "config")}
"""Settings and local servers have no catalogue of their own; the kernel speaks for them."""
LANGUAGE = "zh_Hans"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
THEME = "django-unfold"
"""The admin's theme brings no Chinese; its sentences stand in the kernel's catalogue."""
THEME_PARTS = ("contrib/filters", "contrib/forms")
"""Of the theme's contributions, those that are installed."""

type Identifier = str | tuple[str, str]
"""A sentence, or the singular and the plural of one."""

FRAMEWORK = "django"
REWORDED: tuple[Identifier, ...] = (
    " By %(filter_title)s ",
    "%(full_result_count)s total",
    ("%(counter)s result", "%(counter)s results"),
    ("%(total_count)s selected", "All %(total_count)s selected"),
    "0 of %(cnt)s selected",
    "Add %(name)s",
    "Add %s",
    "Change %s",
    "Filters",
    "Items must be selected in order to perform actions on them. No items have been changed.",
    "Log out",
    "No action selected.",
    "Remove from sorting",
    "Run the selected action",
    "Select %s to change",
    "Select %s to view",
    "Select %s",
    "Thanks for spending some quality time with the web site today.",
    "The {name} “{obj}” was added successfully.",
    "The {name} “{obj}” was changed successfully.",
    "The {name} “{obj}” was changed successfully. You may edit it again below.",
    "Toggle sorting",
)
"""What Django says in Chinese, but not as people in a bank do."""


class Marked(NamedTuple):
    """A sentence that is marked for translation, and the file that it stands in."""

    identifier: Identifier
    context: str | None
    path: str


def home(room: str) -> Path:
    """Where a room's catalogue lies."""
    return ROOT / room / "locale" / LANGUAGE / "LC_MESSAGES"


def collected(room: str) -> Catalog:
    """Every marked sentence in a room's Python and templates, the kernel's with what others say."""
    catalogue = Catalog(locale=LANGUAGE, charset="utf-8")
    for part in SPEAKING_FOR.get(room, (room,)):
        for one in marked(ROOT / part, below=ROOT):
            catalogue.add(one.identifier, locations=[(one.path, 1)], context=one.context)
    if room == "crm":
        for sentence in REWORDED:
            catalogue.add(sentence, auto_comments=[FRAMEWORK])
        own, known = catalogue_keys(catalogue), covered_by_django()
        for one in theme():
            if key(one) not in own and key(one) not in known:
                catalogue.add(one.identifier, auto_comments=[THEME], context=one.context)
    return catalogue


def theme() -> list[Marked]:
    """What the installed parts of the admin's theme say."""
    folder = Path(unfold.__file__).parent
    parts = tuple(f"{part}/" for part in THEME_PARTS)
    return [
        one
        for one in marked(folder, below=folder)
        if not one.path.startswith("contrib/") or one.path.startswith(parts)
    ]


def marked(folder: Path, *, below: Path) -> Iterator[Marked]:
    """The marked sentences in a folder; paths are told as they are below another one."""
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".py", ".html", ".txt", ".mjml") or "migrations" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            if "{%" not in text:
                continue
            # What is left of the markup is filler; only its indentation would stop the tokeniser.
            text = "\n".join(line.strip() for line in templatize(text).splitlines())
        for _line, function, message, _comments in extract_python(
            BytesIO(text.encode()), list(KEYWORDS), [], {"encoding": "utf-8"}
        ):
            identifier, context = _identified(function, message)
            if identifier:
                yield Marked(identifier, context, str(path.relative_to(below)))


def _identified(function: str, message: object) -> tuple[Identifier | None, str | None]:
    words = list(message) if isinstance(message, tuple) else [message]
    context = str(words.pop(0)) if function.startswith(("pgettext", "npgettext")) else None
    sentences = [word for word in words if isinstance(word, str)]
    if not sentences:
        return None, None
    if function.startswith("n"):
        return (sentences[0], sentences[1]), context
    return sentences[0], context


def key(one: Marked) -> tuple[str | None, str]:
    """How gettext looks a sentence up: by its context and its singular."""
    return one.context, first(one.identifier)


def first(identifier: object) -> str:
    """A sentence as gettext looks it up: of singular and plural, the singular."""
    return str(identifier[0] if isinstance(identifier, tuple | list) else identifier)


def texts(value: object) -> list[str]:
    """Every form of a sentence or of its translation."""
    return [str(one) for one in value] if isinstance(value, tuple | list) else [str(value)]


def covered_by_django() -> set[tuple[str | None, str]]:
    """What Django itself says in Chinese."""
    folder = Path(django.__file__).parent
    keys: set[tuple[str | None, str]] = set()
    for path in folder.glob(f"**/locale/{LANGUAGE}/LC_MESSAGES/django.po"):
        with path.open("rb") as file:
            keys |= {
                (message.context, first(message.id))
                for message in read_po(file, locale=LANGUAGE)
                if message.id and all(texts(message.string))
            }
    return keys


def catalogue_keys(catalogue: Catalog) -> set[tuple[str | None, str]]:
    """What a catalogue knows, as gettext looks it up."""
    return {(message.context, first(message.id)) for message in catalogue if message.id}


def written(room: str) -> Catalog:
    """A room's catalogue as it is in the repository."""
    path = home(room) / "django.po"
    if not path.exists():
        return Catalog(
            locale=LANGUAGE, project="Merchant partnership CRM", charset="utf-8", fuzzy=False
        )
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as Django reads it."""
    buffer = BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def update(room: str) -> int:
    """Bring a room's catalogue up to date with its sources; returns how many lack Chinese.

    Places are told without line numbers and the date of a catalogue stays, so that it changes only
    when its sentences do.
    """
    catalogue = written(room)
    catalogue.update(collected(room), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    home(room).mkdir(parents=True, exist_ok=True)
    with (home(room) / "django.po").open("wb") as file:
        write_po(file, catalogue, width=100, sort_output=True, include_lineno=False)
    (home(room) / "django.mo").write_bytes(compiled(written(room)))
    return sum(
        not (message.string and all(texts(message.string))) for message in catalogue if message.id
    )
