"""Reference data: what the product must know before anybody works with it.

Each room loads its own part: it registers a loader in its module `reference.py`, found like
`admin.py` when the data are loaded.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _

from crm.domain import calendar


@dataclass(frozen=True)
class Loaded:
    """What a loader has to say: a phrase with counts, and what people must be warned of."""

    phrase: str
    warnings: tuple[str, ...] = ()


type Loader = Callable[[datetime], Loaded]

_LOADERS: dict[Loader, int] = {}


def register(loader: Loader, *, order: int) -> Loader:
    """Let a room's loader run with the others, the lowest order first."""
    _LOADERS[loader] = order
    return loader


def load_all(*, at: datetime) -> Iterator[Loaded]:
    """Load everything; what is there already is brought up to date."""
    autodiscover_modules("reference")
    for loader in sorted(_LOADERS, key=lambda one: _LOADERS[one]):
        yield loader(at)


def load_calendar(at: datetime) -> Loaded:
    """Working days from last year to next year."""
    today = timezone.localdate(at)
    years = range(today.year - 1, today.year + 2)
    new = calendar.seed(years, at=at)
    phrase = _("calendar %(first)s–%(last)s (%(new)s new days)") % {
        "first": years[0],
        "last": years[-1],
        "new": new,
    }
    return Loaded(phrase, tuple(calendar.warnings(calendar.read(), today)))


register(load_calendar, order=10)
