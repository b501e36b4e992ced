"""The numbers of approvals that an administrator may change."""

from django.utils.translation import gettext_lazy as _

from crm import parameters

REMIND_AFTER = parameters.number(
    "campaigns.approval.remind_after",
    _("Working days after which a waiting approval is called to mind"),
    2,
    least=1,
    most=60,
    group=_("Approvals"),
)
