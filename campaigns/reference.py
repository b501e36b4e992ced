"""The reference data of campaigns: the tiers of approval that a bank starts with."""

from datetime import datetime

from django.utils.translation import gettext as _

from campaigns.domain import approval_tiers
from crm import reference


def load_tiers(at: datetime) -> reference.Loaded:
    """The start tiers, where a bank has units and no tier of its own."""
    made = approval_tiers.make_missing(at=at)
    warnings = tuple(
        _("Approval tier “%(tier)s” names a role that nobody holds: it cannot be passed.")
        % {"tier": tier}
        for tier in approval_tiers.empty_ones()
    )
    phrase = _("approval tiers (%(new)s new)") % {"new": made}
    return reference.Loaded(phrase, warnings)


reference.register(load_tiers, order=40)
