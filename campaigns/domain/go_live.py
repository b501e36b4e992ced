"""The go-live checklist: four things in every shop before a campaign starts there."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import policies
from campaigns.domain import lifecycle
from campaigns.models import Campaign, CampaignStage, GoLiveItem, GoLiveKind
from campaigns.models.campaign_stages import AGREED
from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, NotAllowed, Problem, RuleBroken
from crm.locking import known, take
from crm.models import StoredFile
from merchants.domain import timeline
from merchants.models import MerchantIdentifier, Outlet

DONE = timeline.kind(
    "campaign.made_ready",
    _("Shop made ready"),
    _("For campaign “%(name)s”: %(kind)s (%(shops)s shops)."),
    kind=GoLiveKind,
)
LONGEST_NOTE = 200


def prepare(campaign: Campaign, *, at: datetime) -> int:
    """Put whatever is not on the checklist yet onto it; returns how many items are new.

    Every outlet of the campaign has its items; a merchant without any outlet on record has them
    itself. What belongs to shops that do not take part any more and was never done goes away.
    """
    places = _places(campaign)
    rows = {(item.kind, item.merchant_id, item.outlet_id): item for item in campaign.go_live.all()}
    wanted = {(kind.value, *place) for place in places for kind in GoLiveKind}
    gone = [item.pk for key, item in rows.items() if key not in wanted and item.done_at is None]
    GoLiveItem.objects.filter(pk__in=gone).delete()
    new = [
        GoLiveItem(
            campaign=campaign,
            kind=kind,
            merchant_id=merchant_id,
            outlet_id=outlet_id,
            created_at=at,
            updated_at=at,
        )
        for merchant_id, outlet_id in places
        for kind in GoLiveKind
        if (kind.value, merchant_id, outlet_id) not in rows
    ]
    GoLiveItem.objects.bulk_create(new, batch_size=1000)
    return len(new)


def _places(campaign: Campaign) -> list[tuple[UUID, UUID | None]]:
    """(merchant, outlet) of every shop that takes part."""
    chosen = campaign.outlets.order_by("merchant_id", "pk").values_list("merchant_id", "pk")
    if places := list(chosen):
        return [*places]
    merchants = campaign.merchants.order_by("pk").values_list("pk", flat=True)
    outlets = Outlet.objects.filter(merchant__in=merchants).order_by("merchant_id", "pk")
    found: list[tuple[UUID, UUID | None]] = [*outlets.values_list("merchant_id", "pk")]
    with_shop = {merchant_id for merchant_id, _outlet in found}
    return [*found, *((pk, None) for pk in merchants if pk not in with_shop)]


@lifecycle.asks(CampaignStage.ACTIVE)
def missing_to_start(campaign: Campaign, at: datetime) -> list[Problem]:
    """Before the first start: the day has come, and every shop is ready."""
    today = timezone.localdate(at)
    if campaign.ends_on < today:
        return [Problem("campaign_over", _("The days of this campaign are over."), "ends_on")]
    if campaign.stage == CampaignStage.PAUSED:
        return []
    if campaign.starts_on > today:
        return [
            Problem(
                "campaign_not_begun",
                _("This campaign begins on %(day)s.") % {"day": campaign.starts_on.isoformat()},
                "starts_on",
            )
        ]
    places = _places(campaign)
    done = set(campaign.go_live.done().values_list("kind", "merchant_id", "outlet_id"))
    return [
        Problem(
            "go_live_incomplete",
            _("Not ready to go live: %(kind)s is missing in %(count)s shops.")
            % {"kind": kind.label, "count": count},
            kind,
        )
        for kind in GoLiveKind
        if (count := sum((kind.value, *place) not in done for place in places))
    ]


@command
def mark_done(
    campaign_id: UUID,
    *,
    kind: GoLiveKind,
    outlet_ids: Collection[UUID] | None = None,
    file_id: UUID | None = None,
    note: str = "",
    by: Actor,
    at: datetime,
) -> Campaign:
    """Tick off one kind of thing, for some outlets or for every shop that the actor may.

    Material needs a photo; a merchant number counts as verified where one is in force. Raises
    NotFound, NotAllowed, InvalidInput with code `photo_missing`, RuleBroken with code
    `go_live_nothing_open` or `mid_missing`.
    """
    campaign = take(Campaign.objects.seen_by(by), campaign_id)
    if campaign.stage not in AGREED:
        raise RuleBroken(
            _("The checklist is for campaigns that are approved and not over."),
            code="go_live_not_now",
        )
    if kind == GoLiveKind.MATERIAL_PHOTO and file_id is None:
        raise InvalidInput(_("Bring the photo of the material."), code="photo_missing", attr="file")
    if len(note) > LONGEST_NOTE or "\0" in note:
        raise InvalidInput(_("This note cannot be stored."), code="note_invalid", attr="note")
    photo = known(StoredFile.objects.seen_by(by), file_id, attr="file") if file_id else None
    prepare(campaign, at=at)
    rows = campaign.go_live.open().filter(kind=kind).select_related("merchant")
    if outlet_ids is not None:
        rows = rows.filter(outlet__in=outlet_ids)
    named = list(rows)
    items = [item for item in named if policies.may_prepare(by, campaign, item.merchant)]
    if named and not items:
        raise NotAllowed(_("You neither run this campaign nor look after these shops."))
    if not items:
        raise RuleBroken(_("There is nothing open of this kind."), code="go_live_nothing_open")
    if kind == GoLiveKind.MID_VERIFIED:
        _numbers_in_force(items, at)
    GoLiveItem.objects.filter(pk__in=[item.pk for item in items]).update(
        done_at=at, done_by_id=user_id(by), file=photo, note=note.strip(), updated_at=at
    )
    shops: dict[UUID, int] = {}
    for item in items:
        shops[item.merchant_id] = shops.get(item.merchant_id, 0) + 1
    with timeline.written_together():
        for merchant_id, count in shops.items():
            timeline.record(
                DONE,
                merchant_id=merchant_id,
                subject_id=campaign.pk,
                by=by,
                at=at,
                name=campaign.name,
                kind=kind,
                shops=count,
            )
    return campaign.change(at=at)


def _numbers_in_force(items: list[GoLiveItem], at: datetime) -> None:
    today = timezone.localdate(at)
    numbers = MerchantIdentifier.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=today), valid_from__lte=today
    ).order_by()
    known_outlets = set(
        numbers.filter(outlet__in=[item.outlet_id for item in items if item.outlet_id]).values_list(
            "outlet_id", flat=True
        )
    )
    without = [item for item in items if item.outlet_id not in known_outlets]
    if without:
        raise RuleBroken(
            _("%(count)s shops have no merchant number in force, such as %(shop)s.")
            % {"count": len(without), "shop": without[0].outlet or without[0].merchant},
            code="mid_missing",
            attr="outlets",
        )


@command
def reopen(item_id: UUID, *, by: Actor, at: datetime) -> Campaign:
    """Take a tick back: it was not so after all. Raises NotFound, NotAllowed, RuleBroken with code
    `go_live_not_now` once the campaign runs."""
    item = known(GoLiveItem.objects.seen_by(by).select_related("merchant"), item_id, attr="item")
    campaign = take(Campaign.objects.seen_by(by), item.campaign_id)
    if not policies.may_prepare(by, campaign, item.merchant):
        raise NotAllowed(_("You neither run this campaign nor look after these shops."))
    if campaign.stage not in (CampaignStage.APPROVED, CampaignStage.SCHEDULED):
        raise RuleBroken(
            _("A tick is taken back before the campaign runs."), code="go_live_not_now"
        )
    GoLiveItem.objects.for_change().get(pk=item_id).change(
        at=at, done_at=None, done_by=None, file=None, note=""
    )
    return campaign.change(at=at)
