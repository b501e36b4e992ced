"""The simulator's page: a purchase is typed, and the page says what would become of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.admin.number_fields import CountField, PercentField
from campaigns.admin.panels import Panel, panel
from campaigns.domain import limit_words, offer_sentences, simulating
from campaigns.domain.eligibility import Used
from campaigns.domain.offers import Lottery
from campaigns.domain.simulating import NAMES, Simulation
from campaigns.models import Campaign, Party
from crm.admin.forms import ChoiceField, MomentField, TextField, VerbForm, YuanField, show
from crm.admin.site import page, viewer
from crm.errors import DomainError, Sentence
from crm.models import User
from merchants.models import Merchant, Outlet

MOST_SHOPS = 200
NOON = 12
COUNTS: tuple[tuple[str, Sentence], ...] = (
    ("customer_day", _("By this customer on this day")),
    ("customer_week", _("By this customer in this week")),
    ("customer_month", _("By this customer in this month")),
    ("customer_total", _("By this customer in all")),
    ("store_day", _("In this shop on this day")),
    ("campaign_day", _("In the campaign on this day")),
    ("campaign_total", _("In the campaign in all")),
)
SUMS: tuple[tuple[str, Sentence], ...] = (
    ("customer_month_fen", _("Cash back of this customer in this month")),
    ("day_fen", _("Discounts of this day")),
    ("total_fen", _("Discounts in all")),
)


class SimulatorForm(VerbForm):
    """A purchase, and what was used before it."""

    amount = YuanField(label=_("Purchase"), help_text=_("In yuan, before the discount."))
    occurred_at = MomentField(label=_("When was it bought"))
    place = ChoiceField(label=_("Shop"), required=False)
    card_prefix = TextField(
        label=_("The card begins with"),
        required=False,
        max_length=40,
        help_text=_("Six to eight digits, and never more of it."),
    )
    card_product = TextField(label=_("Card product"), required=False, max_length=40)
    cardholder = ChoiceField(
        label=_("Cardholder"),
        required=False,
        choices=[
            ("", _("Not known")),
            ("new", limit_words.CARDHOLDERS["new"]),
            ("existing", limit_words.CARDHOLDERS["existing"]),
        ],
    )
    merchant_rate = PercentField(
        label=_("Merchant discount rate (%)"), parts=10_000, places=4, required=False
    )

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = _places(campaign)  # type: ignore[attr-defined]
        if campaign.mechanic == Lottery.mechanic:
            self.fields["prize"] = YuanField(
                label=_("Prize that was drawn"),
                required=False,
                help_text=_("In yuan; 0 for none. Empty: the average share of the prizes."),
            )
        for name, label in COUNTS:
            self.fields[name] = CountField(label=label, required=False)
        for name, label in SUMS:
            self.fields[name] = YuanField(label=label, required=False, help_text=_("In yuan."))

    @property
    def purchase_fields(self) -> list[forms.BoundField]:
        before = {name for name, _label in (*COUNTS, *SUMS)}
        return [field for field in self.visible_fields() if field.name not in before]

    @property
    def used_fields(self) -> list[forms.BoundField]:
        return [self[name] for name, _label in (*COUNTS, *SUMS)]

    @property
    def used_is_open(self) -> bool:
        """Whether somebody typed something there, or it is in red."""
        return any(field.value() or field.errors for field in self.used_fields)

    def tried(self) -> dict[str, Any]:
        """What was typed, as the simulator takes it."""
        given = self.cleaned_data
        used: dict[str, Any] = {name: given[name] or 0 for name, _label in (*COUNTS, *SUMS)}
        kind, _sign, key = given["place"].partition(":")
        return {
            "amount_fen": given["amount"],
            "occurred_at": given["occurred_at"],
            "merchant_id": UUID(key) if kind == "merchant" else None,
            "outlet_id": UUID(key) if kind == "outlet" else None,
            "card_prefix": given["card_prefix"],
            "card_product": given["card_product"],
            "cardholder_is_new": {"new": True, "existing": False}.get(given["cardholder"]),
            "prize_fen": given.get("prize"),
            "merchant_rate": given["merchant_rate"] or 0,
            "used": Used(**used),
        }


FIELDS_OF = {
    "outlet": "place",
    "merchant": "place",
    **dict.fromkeys(("mechanic", "limits", "terms"), ""),
}


def _places(campaign: Campaign) -> list[tuple[str, str]]:
    """The shops of the campaign's merchants; a merchant without shops by its name."""
    shops = Outlet.objects.filter(merchant__campaigns=campaign).order_by("merchant__name", "name")
    rows = list(shops.values_list("pk", "merchant__name", "name", "merchant_id")[:MOST_SHOPS])
    covered = {merchant_id for *_rest, merchant_id in rows}
    alone = Merchant.objects.filter(campaigns=campaign).exclude(pk__in=covered).order_by("name")
    return [
        *((f"outlet:{pk}", f"{merchant} · {name}") for pk, merchant, name, _key in rows),
        *(
            (f"merchant:{pk}", name)
            for pk, name in alone.values_list("pk", "name")[: MOST_SHOPS - len(rows)]
        ),
    ]


def _starting(campaign: Campaign, at: datetime) -> dict[str, Any]:
    """A round purchase: now, or at noon of the first day while the campaign is ahead."""
    today = timezone.localdate(at)
    day = min(max(today, campaign.starts_on), campaign.ends_on)
    moment = timezone.localtime(at)
    if day != today:
        moment = moment.replace(
            year=day.year, month=day.month, day=day.day, hour=NOON, minute=0, second=0
        )
    return {"occurred_at": moment.replace(second=0, microsecond=0)}


def show_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form, and once it was sent what would become of the purchase. Nothing is stored."""
    me, at = viewer(request), timezone.now()
    campaign = Campaign.objects.visible_to(me).filter(pk=pk).first()
    if campaign is None:
        raise Http404
    form = SimulatorForm(request.POST or None, campaign=campaign, initial=_starting(campaign, at))
    outcome = None
    if request.method == "POST" and form.is_valid():
        try:
            outcome = shown(simulating.simulate(pk, by=me, at=at, **form.tried()))
        except DomainError as refusal:
            show(form, refusal, FIELDS_OF)
    return page(
        request,
        "campaigns/simulator.html",
        title=_("Try a purchase"),
        intro=campaign.name,
        form=form,
        outcome=outcome,
        back=reverse("admin:campaigns_campaign_change", args=[pk]),
        media=form.media,
    )


@dataclass(frozen=True)
class Line:
    """A line of what became of it."""

    label: Sentence
    value: str
    beside: Sentence = ""


def shown(made: Simulation) -> dict[str, Any]:
    """A simulation in words and prices."""
    price, flow = offer_sentences.price, made.flow
    return {
        "refusal": made.refusal,
        "because": made.because,
        "headline": offer_sentences.headline(made.offer),
        "version": made.version_number,
        "customer": _customer(made),
        "parts": [
            {
                "party": party,
                "label": Party(party).label,
                "share": offer_sentences.per_cent(made.terms.basis_points.get(party, 0)),
                "value": price(part),
                "width": f"{part * 100 / flow.discount:.1f}" if flow.discount else "0",
            }
            for party, part in flow.parts.items()
        ],
        "merchant": [
            Line(_("Purchase"), price(flow.amount)),
            Line(_("The merchant's own part"), f"− {price(flow.parts.get(Party.MERCHANT, 0))}"),
            Line(_("The merchant is owed"), price(flow.merchant_receivable)),
            Line(_("Fee to the acquirer"), f"− {price(flow.merchant_fee)}"),
            Line(_("The merchant receives"), price(flow.merchant_receives)),
        ],
        "transfers": [
            (NAMES[one.payer], NAMES[one.payee], price(one.fen)) for one in made.transfers
        ],
        "draw": made.draw
        and [
            Line(_("Highest prize"), price(made.draw.highest_fen)),
            Line(_("By law at the most"), price(made.draw.ceiling_fen)),
            Line(_("All prizes together"), price(made.draw.prizes_fen)),
            Line(_("Draws"), f"{made.draw.draws:,}"),
        ],
    }


def _customer(made: Simulation) -> list[Line]:
    price, flow, monthly = offer_sentences.price, made.flow, made.monthly
    lines = [Line(_("The customer pays"), price(flow.customer_pays))]
    if flow.amount > flow.customer_pays:
        lines.append(Line(_("The offer takes off"), price(flow.amount - flow.customer_pays)))
    if made.comes_later_fen and monthly is None:
        lines.append(Line(_("The customer gets back later"), price(made.comes_later_fen)))
    if monthly:
        lines += [
            Line(
                _("Each month"),
                price(monthly.first_fen),
                _("for %(count)s months") % {"count": monthly.months},
            ),
            Line(_("Fee that the customer does not pay"), price(flow.discount)),
            Line(
                _("Interest a year"),
                f"{monthly.annual_rate} %",
                _("without the subsidy %(rate)s %%") % {"rate": monthly.annual_rate_without},
            ),
        ]
    return lines


@panel(order=25)
def simulator(campaign: Campaign, user: User, at: datetime) -> Panel | None:
    """The way to the simulator, wherever there is an offer to try."""
    if not campaign.mechanic:
        return None
    return Panel(
        title=_("Try a purchase"),
        template="campaigns/simulator_panel.html",
        context={"pk": campaign.pk},
        anchor="simulator",
    )
