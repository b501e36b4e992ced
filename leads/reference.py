"""The reference data of leads: a pool for every branch."""

from datetime import datetime

from django.utils.translation import gettext as _

from crm import reference
from leads.domain import pool


def load_pools(at: datetime) -> reference.Loaded:
    """A first pool for every branch that has none; what people set up stays."""
    new = pool.open_missing(at=at)
    return reference.Loaded(_("lead pools (%(new)s new)") % {"new": new})


reference.register(load_pools, order=40)
