"""The reference data of leads: the playbook."""

from datetime import datetime

from django.utils.translation import gettext as _

from crm import reference
from crm.actors import SYSTEM
from leads.domain import plays


def load_plays(at: datetime) -> reference.Loaded:
    """The plays against objections, as in `leads/data/`."""
    loaded = plays.load(by=SYSTEM, at=at)
    return reference.Loaded(
        _("%(plays)s plays (%(new)s new)") % {"plays": loaded.total, "new": loaded.new}
    )


reference.register(load_plays, order=30)
