"""Why a play stands where it stands, in words."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads.domain.ranking import Ranked


def place_in_words(one: Ranked[Any]) -> str:
    """The counts of a play; a new one says that it is new."""
    if one.explored:
        return ngettext(
            "New: tried %(tried)s time. Give it a try.",
            "New: tried %(tried)s times. Give it a try.",
            one.tried,
        ) % {"tried": one.tried}
    if not one.tried:
        return _("Not tried yet.")
    return _("Resolved %(resolved)s of %(tried)s.") % {
        "resolved": one.resolved,
        "tried": one.tried,
    }
