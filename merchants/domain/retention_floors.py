"""How long the law keeps what we know of a merchant's people."""

from datetime import date
from uuid import UUID

from django.db.models import Max

from merchants.domain import retention
from merchants.models import AgreementVersion


@retention.floor
def after_the_last_agreement(merchant_id: UUID) -> date | None:
    """Ten years after the last day of what was signed with the merchant; none if nothing was.

    Source: Anti-Money-Laundering Law (2024 revision), Art. 34.
    """
    signed = AgreementVersion.objects.signed().filter(partnership__merchant=merchant_id)
    last_day: date | None = signed.aggregate(day=Max("last_day"))["day"]
    if last_day is None:
        return None
    years_on = last_day.year + retention.STATUTORY_YEARS
    leap_day = (last_day.month, last_day.day) == (2, 29)
    return last_day.replace(year=years_on, day=28 if leap_day else last_day.day)
