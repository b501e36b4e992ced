"""Why a purchase got nothing, in a sentence for each code."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from campaigns.models import RefusalCode
from crm.errors import Sentence

SENTENCES: Mapping[RefusalCode, Sentence] = {
    RefusalCode.WINDOW: _("The offer does not hold on this day or at this hour."),
    RefusalCode.CARD: _("This card or its holder is not in the offer."),
    RefusalCode.STORE: _("This shop or its category is not in the offer."),
    RefusalCode.THRESHOLD: _("The purchase does not reach what the offer asks for."),
    RefusalCode.CUSTOMER_DAY: _("The customer has used the offer up for this day."),
    RefusalCode.CUSTOMER_WEEK: _("The customer has used the offer up for this week."),
    RefusalCode.CUSTOMER_MONTH: _("The customer has used the offer up for this month."),
    RefusalCode.CUSTOMER_TOTAL: _("The customer has used the offer as often as it is given."),
    RefusalCode.DAY_QUOTA: _("All uses of this day are taken."),
    RefusalCode.TOTAL_QUOTA: _("All uses of the offer are taken."),
    RefusalCode.DAY_BUDGET: _("The budget of this day does not pay for it."),
    RefusalCode.TOTAL_BUDGET: _("The budget does not pay for it."),
    RefusalCode.PARTY_BUDGET: _("One party's money does not pay for its part."),
}
