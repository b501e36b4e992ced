"""What the API answers about outcomes, claims and card fees."""

from django.db.models import OuterRef

from campaigns.models import CampaignOutcome, Claim, ClaimEvidence, ClaimStep, FeeSchedule
from crm.api.shapes import Many, Nested, Shape, Yuan
from merchants.models import Merchant

MOST_BESIDE = 50


def _person(name: str) -> Nested:
    return Nested(f"{name}_id", {"id": f"{name}_id", "full_name": f"{name}__full_name"})


_CONTROL = Shape("OutcomeControl", Merchant, id="id", name="name")

OUTCOME = Shape(
    "CampaignOutcome",
    CampaignOutcome,
    id="id",
    campaign=Nested("campaign_id", {"id": "campaign_id", "name": "campaign__name"}),
    version="version",
    baseline_first="baseline_first",
    baseline_last="baseline_last",
    measured_first="measured_first",
    measured_last="measured_last",
    controls=Many(
        _CONTROL,
        Merchant.objects.filter(controls_of=OuterRef("pk")).order_by("name_pinyin", "pk")[
            : 4 * MOST_BESIDE
        ],
    ),
    control_because="control_because",
    test_before="test_before",
    test_after="test_after",
    control_before="control_before",
    control_after="control_after",
    test_before_sales=Yuan("test_before_fen"),
    test_after_sales=Yuan("test_after_fen"),
    control_before_sales=Yuan("control_before_fen"),
    control_after_sales=Yuan("control_after_fen"),
    source="source",
    operating_cost=Yuan("operating_cost_fen"),
    first_swipe_cards="first_swipe_cards",
    reactivated_cards="reactivated_cards",
    card_contribution=Yuan("card_contribution_fen"),
    gross_margin="gross_margin",
    merchant_rate="merchant_rate",
    approved_customers="approved_customers",
    monthly_revenue=Yuan("monthly_revenue_fen"),
    monthly_contributions_fen="monthly_contributions_fen",
    method="method",
    result="result",
    everybody_wins="everybody_wins",
    bank_net=Yuan("bank_net_fen"),
    merchant_net=Yuan("merchant_net_fen"),
    lift="lift",
    reckoned_on="reckoned_on",
    concluded_at="concluded_at",
    concluded_by=_person("concluded_by"),
    conclusion="conclusion",
    created_at="created_at",
    updated_at="updated_at",
)

CLAIM_EVIDENCE = Shape(
    "ClaimEvidence",
    ClaimEvidence,
    id="id",
    kind="kind",
    document=Nested("document_id", {"id": "document_id", "name": "document__name"}),
    sha256="sha256",
    said="said",
    filed_by=_person("filed_by"),
    at="at",
)

CLAIM_STEP = Shape(
    "ClaimStep",
    ClaimStep,
    id="id",
    from_state="from_state",
    to_state="to_state",
    amount=Yuan("amount_fen"),
    extended_from="extended_from",
    extended_to="extended_to",
    because="because",
    by=_person("by"),
    at="at",
)

CLAIM = Shape(
    "Claim",
    Claim,
    id="id",
    campaign=Nested("campaign_id", {"id": "campaign_id", "name": "campaign__name"}),
    merchant=Nested("merchant_id", {"id": "merchant_id", "name": "merchant__name"}),
    version="version",
    what_for="said",
    amount_claimed=Yuan("amount_claimed_fen"),
    amount_approved=Yuan("amount_approved_fen"),
    state="state",
    deadline="deadline",
    extended_to="extended_to",
    last_day="last_day",
    claimant=_person("claimant"),
    submitted_by=_person("submitted_by"),
    submitted_at="submitted_at",
    decided_by=_person("decided_by"),
    decided_at="decided_at",
    payment_reference="payment_reference",
    keep_until="keep_until",
    evidence=Many(
        CLAIM_EVIDENCE,
        ClaimEvidence.objects.filter(claim=OuterRef("pk")).order_by("-at", "-pk")[:MOST_BESIDE],
    ),
    created_at="created_at",
    updated_at="updated_at",
)

FEE_SCHEDULE = Shape(
    "FeeSchedule",
    FeeSchedule,
    id="id",
    version="version",
    effective_from="effective_from",
    issuer_credit="issuer_credit",
    issuer_debit="issuer_debit",
    issuer_debit_cap=Yuan("issuer_debit_cap_fen"),
    network_each_side="network_each_side",
    network_cap=Yuan("network_cap_fen"),
    source="source",
    filed_by=_person("filed_by"),
    withdrawn_at="withdrawn_at",
    created_at="created_at",
)
