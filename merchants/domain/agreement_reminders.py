"""Reminders that an agreement runs out: 90, 30 and 7 days before, each once."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from crm.domain import reminders
from crm.models import Membership, Role, User
from merchants.models import AgreementState, AgreementVersion, Merchant, Partnership

DAYS_BEFORE = (90, 30, 7)
MORNING = time(9)

EXPIRES = reminders.kind(
    "agreement_expires",
    group=_("Merchants"),
    label=_("Agreement runs out"),
    subject=_("%(merchant)s: agreement %(number)s runs out in %(days)s days"),
    text=_("The agreement %(number)s with %(merchant)s runs out on %(day)s, in %(days)s days."),
)


def plan_anew(
    partnership: Partnership, signed: Iterable[AgreementVersion], *, at: datetime
) -> None:
    """Remind of the version that lasts longest, and no more of the others.

    A moment that has passed is left out: nobody is told today what was due last month.
    """
    versions = list(signed)
    lasting = versions[-1] if versions else None
    for one in versions:
        if one is not lasting or one.state == AgreementState.ENDED:
            for days in DAYS_BEFORE:
                reminders.cancel(_key(one, days), at=at)
    if lasting is None or lasting.state != AgreementState.LIVE:
        return
    recipient = looks_after(partnership.merchant)
    if recipient is None:
        return
    zone = ZoneInfo(recipient.time_zone)
    for days in DAYS_BEFORE:
        due_at = datetime.combine(lasting.last_day - timedelta(days=days), MORNING, zone)
        if due_at <= at:
            continue
        reminders.plan(
            _key(lasting, days),
            recipient=recipient,
            kind=EXPIRES,
            facts={
                "merchant": partnership.merchant.name,
                "number": lasting.agreement.number,
                "day": lasting.last_day.isoformat(),
                "days": str(days),
            },
            link=f"/admin/merchants/partnership/{partnership.pk}/change/",
            due_at=due_at,
            at=at,
        )


def follow_owner(merchant: Merchant, *, at: datetime) -> None:
    """Send what is still to come to whoever looks after the merchant now."""
    for partnership in Partnership.objects.living().filter(merchant=merchant):
        partnership.merchant = merchant
        signed = partnership.agreement_versions.signed().select_related("agreement")
        plan_anew(partnership, signed.order_by("last_day", "pk"), at=at)


def looks_after(merchant: Merchant) -> User | None:
    """The merchant's owner; without one, the nearest branch manager above its unit."""
    if merchant.owner is not None and merchant.owner.is_active:
        return merchant.owner
    nearest = (
        Membership.objects.filter(
            role=Role.BRANCH_MANAGER,
            unit__in=merchant.unit.ancestors,
            user__is_active=True,
        )
        .select_related("user")
        .order_by(F("unit__ancestors__len").desc(), "pk")
        .first()
    )
    return nearest.user if nearest else None


def _key(version: AgreementVersion, days: int) -> str:
    return f"agreement-version:{version.pk}:expires:{days}"
