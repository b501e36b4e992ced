"""The numbers that the steps of a lead ask for; the method's are the start values."""

from django.utils.translation import gettext_lazy as _

from crm import parameters

PIPELINE = _("Lead pipeline")

FAILED_ATTEMPTS = parameters.number(
    "leads.failed_attempts", _("Failed attempts, on different days, before a lead may be parked"),
    3, least=1, most=20, group=PIPELINE,
)  # fmt: skip
LICENCE_DAYS = parameters.number(
    "leads.licence_days", _("Days after which a licence is checked again"),
    90, least=1, most=730, group=PIPELINE,
)  # fmt: skip
PAIN_DAYS = parameters.number(
    "leads.pain_days", _("Days for which an agreed pain counts when winning back"),
    180, least=1, most=730, group=PIPELINE,
)  # fmt: skip
REOPEN_WITHIN = parameters.number(
    "leads.reopen_days", _("Days within which a lost lead can be reopened"),
    90, least=1, most=730, group=PIPELINE,
)  # fmt: skip
TEAM_LEAD_UP_TO_YUAN = parameters.number(
    "leads.approval.team_lead_up_to", _("A team lead approves up to (yuan)"),
    500_000, least=0, most=10_000_000_000, group=PIPELINE,
)  # fmt: skip
BRANCH_UP_TO_YUAN = parameters.number(
    "leads.approval.branch_up_to", _("A branch manager approves up to (yuan)"),
    5_000_000, least=0, most=10_000_000_000, group=PIPELINE,
)  # fmt: skip
