"""Endpoints about claims: drafted, proved, submitted, decided, paid, taken back."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from campaigns.api import outcome_inputs as inputs
from campaigns.api.outcome_shapes import CLAIM, CLAIM_EVIDENCE, CLAIM_STEP
from campaigns.domain import claim_decisions, claim_evidence, claims
from campaigns.models import Claim, ClaimState
from crm.api import schema
from crm.api.inputs import Input, flag_of, id_of
from crm.api.pages import Filter, Listing
from crm.api.views import Door, OneDoor, once
from crm.errors import NotFound

CLAIMS = Listing(
    CLAIM,
    orderings=("created_at", "last_day"),
    filters={
        "campaign": Filter(lambda rows, value, user: rows.filter(campaign=value), parse=id_of),
        "merchant": Filter(lambda rows, value, user: rows.filter(merchant=value), parse=id_of),
        "state": Filter(
            lambda rows, values, user: rows.filter(state__in=values),
            parse=ClaimState,
            repeated=True,
            description="Repeat it for OR",
        ),
        "missed": Filter(
            lambda rows, value, user: (
                rows.missed(timezone.localdate())
                if value
                else rows.exclude(pk__in=rows.missed(timezone.localdate()).values("pk"))
            ),
            parse=flag_of,
            description="Still to be submitted although the last day is over",
        ),
    },
)
STEPS = Listing(CLAIM_STEP, orderings=("at",), filters={})
EVIDENCE = Listing(CLAIM_EVIDENCE, orderings=("at",), filters={})


class ClaimList(Door):
    shape = CLAIM
    takes_parameters = True

    @schema.lists("claims_list", "Claims that you may know of", CLAIMS, tag="claims")
    def get(self, request: Request) -> HttpResponse:
        return CLAIMS.answer(request, Claim.objects.visible_to(self.user), self.user)

    @schema.writes(
        "claims_create",
        "Draft the claim of a merchant",
        CLAIM,
        tag="claims",
        body=inputs.ClaimIn,
        status=201,
        example={
            "campaign": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
            "merchant": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c8",
            "amount": "3200.00",
            "what_for": "活动台卡与易拉宝制作费",
        },
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(inputs.ClaimIn)
        claim_id = self.new_id(values)
        made = claims.draft(
            claim_id,
            values["campaign"],
            values["merchant"],
            amount_fen=values["amount"],
            what_for=values["what_for"],
            by=self.user,
            at=self.now(),
        )
        return self.show(Claim.objects.all(), made.pk, status=201, row=made)


class ClaimOne(OneDoor):
    shape = CLAIM
    model = Claim

    @schema.reads("claims_read", "One claim, with what proves it", CLAIM, tag="claims")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "claims_change",
        "Change a draft, or what was returned",
        CLAIM,
        tag="claims",
        body=inputs.ClaimPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        values = self.taken(inputs.ClaimPatch)
        changed = claims.correct(
            pk,
            amount_fen=values.get("amount"),
            what_for=values.get("what_for"),
            by=self.user,
            at=self.now(),
            version=version,
        )
        return self.show(Claim.objects.all(), pk, row=changed)


def known_claim(door: OneDoor, pk: UUID) -> Claim:
    """The claim, if the asking person may know of it."""
    found: Claim | None = door.rows().filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such row."))
    return found


class ClaimEvidenceList(OneDoor):
    shape = CLAIM
    model = Claim
    takes_parameters = True

    @schema.lists("claims_evidence", "What proves a claim", EVIDENCE, tag="claims", of_one=True)
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return EVIDENCE.answer(request, known_claim(self, pk).evidence.all(), self.user)

    @schema.writes(
        "claims_attach",
        "Attach a file that proves a claim",
        CLAIM,
        tag="claims",
        body=inputs.ClaimEvidenceIn,
        status=201,
        example={"kind": "photo", "document": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        values = self.taken(inputs.ClaimEvidenceIn)
        evidence_id = self.new_id(values)
        claim = claim_evidence.attach(
            evidence_id,
            pk,
            kind=values["kind"],
            document_id=values["document"],
            said=values.get("said", ""),
            by=self.user,
            at=self.now(),
        )
        return self.show(Claim.objects.all(), pk, status=201, row=claim)


class ClaimSteps(OneDoor):
    shape = CLAIM
    model = Claim
    takes_parameters = True

    @schema.lists(
        "claims_steps", "Steps of a claim, and its extensions", STEPS, tag="claims", of_one=True
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return STEPS.answer(request, known_claim(self, pk).steps.all(), self.user)


def _step(
    operation_id: str,
    summary: str,
    verb: Callable[..., Claim],
    body: type[Input] | None,
    example: dict[str, Any] | None = None,
    **renamed: str,
) -> type[OneDoor]:
    """The endpoint of one step: it takes what the verb is told, and shows the claim."""

    class Step(OneDoor):
        shape = CLAIM
        model = Claim

        @schema.writes(
            operation_id,
            summary,
            CLAIM,
            tag="claims",
            body=body,
            if_match="optional",
            example=example,
        )
        @once
        def post(self, request: Request, pk: UUID) -> HttpResponse:
            version = self.expected_version(required=False)
            values = self.taken(body) if body else {}
            told = {renamed.get(name, name): value for name, value in values.items()}
            claim = verb(pk, by=self.user, at=self.now(), version=version, **told)
            return self.show(Claim.objects.all(), pk, row=claim)

    return Step


_BECAUSE = {"because": "发票抬头有误"}
ClaimSubmit = _step("claims_submit", "Send a claim to finance", claims.submit, None)
ClaimWithdraw = _step(
    "claims_withdraw", "Take a claim back", claims.withdraw, inputs.ClaimBecauseIn, _BECAUSE
)
ClaimReturn = _step(
    "claims_return",
    "Send a claim back for correction",
    claim_decisions.return_for_correction,
    inputs.ClaimBecauseIn,
    _BECAUSE,
)
ClaimApprove = _step(
    "claims_approve",
    "Approve a claim, in whole or in part",
    claim_decisions.approve,
    inputs.ClaimApproveIn,
    {"amount": "2800.00", "because": "易拉宝超出约定数量"},
    amount="amount_fen",
)
ClaimReject = _step(
    "claims_reject", "Reject a claim", claim_decisions.reject, inputs.ClaimBecauseIn, _BECAUSE
)
ClaimExtend = _step(
    "claims_extend",
    "Let a claim come later than its deadline",
    claim_decisions.extend,
    inputs.ClaimExtendIn,
    {"to": "2027-03-31", "because": "商户财务轮换"},
)
ClaimPay = _step(
    "claims_pay",
    "Note that what was approved is paid",
    claim_decisions.pay,
    inputs.ClaimPayIn,
    {"reference": "PAY-2027-0042"},
)
ClaimClawBack = _step(
    "claims_claw_back",
    "Take back what was paid",
    claim_decisions.claw_back,
    inputs.ClaimBecauseIn,
    _BECAUSE,
)
