"""Endpoints about proposals: written, compared, submitted, and printed for the merchant."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import id_of
from crm.api.pages import Filter, Listing, bad_parameter
from crm.api.rendering import answer
from crm.api.views import Door, OneDoor, once
from crm.errors import NotFound
from leads import proposal_sheet
from leads.api import proposal_inputs as inputs
from leads.api.proposal_shapes import PROPOSAL, VERSION, DifferencesOut, ForecastOut
from leads.domain import proposal_differences, proposal_writing, proposals
from leads.models import Proposal, ProposalState, ProposalVersion

PROPOSALS = Listing(
    PROPOSAL,
    orderings=("created_at", "updated_at"),
    filters={
        "lead": Filter(lambda rows, value, user: rows.filter(lead=value), parse=id_of),
        "merchant": Filter(
            lambda rows, value, user: rows.filter(lead__merchant=value), parse=id_of
        ),
        "state": Filter(
            lambda rows, values, user: rows.filter(
                Exists(ProposalVersion.objects.filter(proposal=OuterRef("pk"), state__in=values))
            ),
            parse=ProposalState,
            repeated=True,
            description="Of any of its versions",
        ),
    },
)
VERSIONS = Listing(VERSION, orderings=("created_at",), filters={})


class ProposalList(Door):
    shape = PROPOSAL
    takes_parameters = True

    @schema.lists("proposals_list", "Proposals of your leads", PROPOSALS, tag="proposals")
    def get(self, request: Request) -> HttpResponse:
        return PROPOSALS.answer(request, Proposal.objects.visible_to(self.user), self.user)

    @schema.writes(
        "proposals_create",
        "Draft the proposal of a lead",
        PROPOSAL,
        tag="proposals",
        body=inputs.ProposalIn,
        status=201,
        example={"lead": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7", **inputs.EXAMPLE},
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(inputs.ProposalIn)
        proposal_id, lead_id = self.new_id(values), values.pop("lead")
        drafted = proposals.draft(
            proposal_id,
            lead_id,
            changes=inputs.changes_of(values),
            by=self.user,
            at=self.now(),
        )
        return self.show(Proposal.objects.all(), drafted.pk, status=201, row=drafted)


class ProposalForecast(Door):
    @schema.writes(
        "proposals_forecast",
        "Reckon a forecast without storing anything",
        ForecastOut,
        tag="proposals",
        body=inputs.ForecastIn,
        example=inputs.EXAMPLE,
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        values = inputs.changes_of(self.taken(inputs.ForecastIn))
        values.pop("entry_pain_id", None)
        preview = proposal_writing.preview(values)
        return answer(
            {
                "forecast": preview.forecast,
                "everybody_wins": preview.everybody_wins,
                "missing": [{"code": part, "detail": str(part.label)} for part in preview.missing],
            }
        )


class ProposalOne(OneDoor):
    shape = PROPOSAL
    model = Proposal

    @schema.reads("proposals_read", "One proposal, with its versions", PROPOSAL, tag="proposals")
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        return self.show(self.rows(), pk)

    @schema.writes(
        "proposals_change",
        "Change the draft of a proposal",
        PROPOSAL,
        tag="proposals",
        body=inputs.ProposalPatch,
        if_match="required",
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=True)
        changes = inputs.changes_of(self.taken(inputs.ProposalPatch))
        changed = proposals.correct(pk, changes, by=self.user, at=self.now(), version=version)
        return self.show(Proposal.objects.all(), pk, row=changed)


class ProposalVersions(OneDoor):
    shape = PROPOSAL
    model = Proposal
    takes_parameters = True

    @schema.lists(
        "proposals_versions", "Versions of a proposal", VERSIONS, tag="proposals", of_one=True
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        found = known_proposal(self, pk)
        return VERSIONS.answer(request, found.versions.all(), self.user)

    @schema.writes(
        "proposals_new_version",
        "Write the next version, a copy of the newest with changes",
        PROPOSAL,
        tag="proposals",
        body=inputs.ProposalVersionIn,
        status=201,
        if_match="optional",
        example={"ends_on": "2027-03-31"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        changes = inputs.changes_of(self.taken(inputs.ProposalVersionIn))
        written = proposals.new_version(
            pk, changes=changes, by=self.user, at=self.now(), version=version
        )
        return self.show(Proposal.objects.all(), pk, status=201, row=written)


class ProposalDiff(Door):
    takes_parameters = True

    @schema.reads(
        "proposals_diff",
        "What two versions say differently",
        DifferencesOut,
        tag="proposals",
        of_one=True,
        parameters=[
            OpenApiParameter("from", int, description="Version number; the one before if absent"),
            OpenApiParameter("to", int, description="Version number; the newest if absent"),
        ],
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        asked = _numbers(request, "from", "to")
        versions = {one.number: one for one in known_proposal(self, pk).versions.all()}
        to = asked.get("to", max(versions))
        before = asked.get("from", max((n for n in versions if n < to), default=to))
        if to not in versions or before not in versions:
            raise NotFound(_("There is no such row."))
        found = proposal_differences.between(versions[before], versions[to])
        return answer(
            {
                "differences": [
                    {
                        "name": one.name,
                        "label": str(one.label),
                        "before": one.before,
                        "after": one.after,
                    }
                    for one in found
                ]
            }
        )


class ProposalSubmit(OneDoor):
    shape = PROPOSAL
    model = Proposal

    @schema.writes(
        "proposals_submit",
        "Send the draft to approval; from now on it never changes",
        PROPOSAL,
        tag="proposals",
        if_match="optional",
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        submitted = proposals.submit(pk, by=self.user, at=self.now(), version=version)
        return self.show(Proposal.objects.all(), pk, row=submitted)


class ProposalWithdraw(OneDoor):
    shape = PROPOSAL
    model = Proposal

    @schema.writes(
        "proposals_withdraw",
        "Take the newest version back",
        PROPOSAL,
        tag="proposals",
        body=inputs.ProposalBecauseIn,
        if_match="optional",
        example={"because": "老板要改日期"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(inputs.ProposalBecauseIn)
        withdrawn = proposals.withdraw(pk, by=self.user, at=self.now(), version=version, **values)
        return self.show(Proposal.objects.all(), pk, row=withdrawn)


class ProposalWaiveForecast(OneDoor):
    shape = PROPOSAL
    model = Proposal

    @schema.writes(
        "proposals_waive_forecast",
        "Let the draft be submitted although somebody loses by it",
        PROPOSAL,
        tag="proposals",
        body=inputs.ProposalBecauseIn,
        if_match="optional",
        example={"because": "商圈首店,当品牌投入"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        version = self.expected_version(required=False)
        values = self.taken(inputs.ProposalBecauseIn)
        waived = proposals.waive_forecast(
            pk, by=self.user, at=self.now(), version=version, **values
        )
        return self.show(Proposal.objects.all(), pk, row=waived)


class ProposalPrint(Door):
    takes_parameters = True

    @extend_schema(
        operation_id="proposals_print",
        summary="The page for the merchant, on one sheet of A4",
        tags=["proposals"],
        parameters=[
            OpenApiParameter("language", str, enum=list(proposal_sheet.LANGUAGES)),
            OpenApiParameter("number", int, description="Version number; the newest if absent"),
            schema.RETRY_AFTER,
        ],
        responses={
            **schema.refusals(400, 401, 404, 429, 503),
            (200, "text/html"): OpenApiResponse(OpenApiTypes.STR),
        },
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """HTML to be shown or printed; it has none of the bank's own numbers."""
        asked = _numbers(request, "number", also=("language",))
        language = request.query_params.get("language", get_language() or "")
        if language not in proposal_sheet.LANGUAGES:
            raise _invalid("language")
        proposal = known_proposal(self, pk)
        version = proposals.shown(proposal, asked.get("number"))
        page = proposal_sheet.written(proposal, version, language=language)
        return HttpResponse(page, content_type="text/html; charset=utf-8")


def known_proposal(view: Door, pk: UUID) -> Proposal:
    """The proposal with its lead, if the asking person may know of it."""
    rows = Proposal.objects.visible_to(view.user)
    found = rows.select_related("lead__merchant", "lead__unit", "lead__owner").filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such row."))
    return found


def _numbers(request: Request, *names: str, also: tuple[str, ...] = ()) -> dict[str, int]:
    """Version numbers out of the parameters; any other parameter is refused."""
    taken: dict[str, int] = {}
    for name in request.query_params:
        value = request.query_params[name]
        if name in also:
            continue
        if name not in names:
            raise bad_parameter(
                name,
                "unknown_parameter",
                _("“%(name)s” is not a parameter here.") % {"name": name},
            )
        if not (value.isascii() and value.isdigit() and len(value) < 6):
            raise _invalid(name)
        taken[name] = int(value)
    return taken


def _invalid(name: str) -> Any:
    return bad_parameter(
        name, "parameter_invalid", _("“%(name)s” does not have a valid value.") % {"name": name}
    )
