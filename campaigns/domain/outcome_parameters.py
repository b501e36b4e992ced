"""The numbers of outcomes and claims that an administrator may change."""

from django.utils.translation import gettext_lazy as _

from crm import parameters

_OUTCOMES = _("Outcome of campaigns")
_CLAIMS = _("Claims")

SIZE_FACTOR = parameters.decimal(
    "campaigns.outcome.size_factor",
    _("A control merchant is at most so many times larger or smaller"),
    "2.00",
    least="1",
    most="100",
    group=_OUTCOMES,
)
PEER_MONTHS = parameters.decimal(
    "campaigns.outcome.peer_months",
    _("Peers: months until a new customer has paid for itself"),
    "3.00",
    most="600",
    group=_OUTCOMES,
)
PEER_REVENUE = parameters.decimal(
    "campaigns.outcome.peer_revenue",
    _("Peers: revenue per customer a month, in yuan (0: not known)"),
    "0.00",
    most="100000",
    group=_OUTCOMES,
)
INDUSTRY_COST = parameters.decimal(
    "campaigns.outcome.industry_cost",
    _("Industry: cost of a new customer, in yuan (0: not known)"),
    "0.00",
    most="100000",
    group=_OUTCOMES,
)
DECISION_DAYS = parameters.number(
    "campaigns.claims.decision_days",
    _("Days after which a submitted claim is overdue"),
    15,
    least=1,
    most=365,
    group=_CLAIMS,
)
CLAIM_REMINDED_DAYS = parameters.number(
    "campaigns.claims.reminded_days",
    _("Working days before its deadline on which a claim is reminded of"),
    3,
    least=0,
    most=60,
    group=_CLAIMS,
)
PROOF_MONTHS = parameters.number(
    "campaigns.claims.proof_months",
    _("Months for which proof of a claim is kept at least"),
    24,
    least=1,
    most=240,
    group=_CLAIMS,
)
