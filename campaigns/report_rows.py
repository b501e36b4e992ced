"""What the campaigns' sections of the report share: whose campaigns, and as of when."""

from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, F, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from campaigns.models import Campaign, CampaignStep
from crm.sections import Audience, Period

CAMPAIGNS = "/admin/campaigns/campaign/"


def narrowed(audience: Audience, rows: Any, *, campaign: str = "") -> Any:
    """Of some rows those of the audience's campaigns; in one's own book the campaigns in which
    one's own merchants take part. `campaign` leads to the campaign, empty where the rows are it."""
    path = f"{campaign}__" if campaign else ""
    if audience.unit_ids is not None:
        rows = rows.filter(**{f"{path}unit__in": audience.unit_ids})
    if audience.owner_id is not None:
        own = Campaign.merchants.through.objects.filter(merchant__owner=audience.owner_id)
        rows = rows.filter(**{f"{path}pk__in": own.values("campaign_id")})
    return rows


def campaigns_of(audience: Audience, period: Period) -> Any:
    """The campaigns that an audience is shown, with `stage_then`: where each stood at the end of
    the period, whatever happened since."""
    rows = narrowed(audience, Campaign.objects.visible_to(audience.viewer))
    return with_stage_then(rows.filter(created_at__lt=period.end), period.end)


def with_stage_then(rows: Any, end: datetime) -> QuerySet[Campaign]:
    """Campaigns with the stage they were in at a moment, from their steps."""
    steps = CampaignStep.objects.filter(campaign=OuterRef("pk"))
    last = steps.filter(at__lt=end).order_by("-at", "-id").values("to_stage")[:1]
    next_one = steps.filter(at__gte=end).order_by("at", "id").values("from_stage")[:1]
    annotated: QuerySet[Campaign] = rows.annotate(
        stage_then=Case(
            When(stage_entered_at__lt=end, then=F("stage")),
            default=Coalesce(Subquery(last), Subquery(next_one), F("stage")),
            output_field=CharField(),
        )
    )
    return annotated
