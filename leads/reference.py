"""The reference data of leads: interview questions, the playbook, a pool for every branch."""

from datetime import datetime

from django.utils.translation import gettext as _

from crm import reference
from crm.actors import SYSTEM
from leads.domain import plays, pool, questions


def load_interview(at: datetime) -> reference.Loaded:
    """Questions and usual capabilities, as in `leads/data/`."""
    total, new = questions.load(at=at)
    return reference.Loaded(
        _("%(total)s questions and capabilities of the needs interview (%(new)s new)")
        % {"total": total, "new": new}
    )


reference.register(load_interview, order=30)


def load_plays(at: datetime) -> reference.Loaded:
    """The plays against objections, as in `leads/data/`."""
    loaded = plays.load(by=SYSTEM, at=at)
    return reference.Loaded(
        _("%(plays)s plays (%(new)s new)") % {"plays": loaded.total, "new": loaded.new}
    )


reference.register(load_plays, order=30)


def load_pools(at: datetime) -> reference.Loaded:
    """A first pool for every branch that has none; what people set up stays."""
    new = pool.open_missing(at=at)
    return reference.Loaded(_("lead pools (%(new)s new)") % {"new": new})


reference.register(load_pools, order=40)
