"""The pages below a campaign: its terms, an amendment, a clone, its steps, checklist, versions."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from campaigns import campaign_words
from campaigns.admin.campaign_forms import (
    CampaignStepForm,
    CloneForm,
    GoLiveForm,
    NothingToSayForm,
    TermsForm,
    kept_photo,
)
from campaigns.admin.campaign_shown import version_badge
from campaigns.domain import amending, campaign_terms, go_live, planning, running
from campaigns.domain.campaign_terms import CampaignTerms
from campaigns.models import Campaign, CampaignStage, GoLiveKind, Mechanic
from crm.admin.base import RoomAdmin
from crm.admin.forms import show
from crm.admin.site import page, tell, viewer
from crm.errors import DomainError


class CampaignPages(RoomAdmin):
    """Mixed into the campaign's admin."""

    pages: ClassVar[dict[str, str]] = {
        "terms": "terms_page",
        "amend": "amend_page",
        "clone": "clone_page",
        "step": "step_page",
        "go-live": "go_live_page",
        "versions": "versions_page",
        "give-up": "give_up_page",
    }

    def terms_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Write the terms of a draft."""
        row, me = self.row_or_404(request, pk), viewer(request)

        def write(form: TermsForm) -> Any:
            return planning.correct(
                pk,
                form.changes(),
                by=me,
                at=self.now(),
                version=form.cleaned_data["read_version"],
            )

        return self._terms_form(
            request, row, write, title=_("Write the terms"), said=_("The draft was changed.")
        )

    def amend_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Write the next version of agreed terms."""
        row, me = self.row_or_404(request, pk), viewer(request)

        def write(form: TermsForm) -> Any:
            return amending.propose(
                pk,
                form.changes(),
                said=form.cleaned_data["said"],
                by=me,
                at=self.now(),
                version=form.cleaned_data["read_version"],
            )

        return self._terms_form(
            request,
            row,
            write,
            title=_("Amend the terms"),
            said=_("The new version is written. It counts once it is approved."),
            amending=True,
        )

    def _terms_form(
        self,
        request: HttpRequest,
        row: Campaign,
        write: Callable[[TermsForm], Any],
        *,
        title: Any,
        said: Any,
        amending: bool = False,
    ) -> HttpResponse:
        asked = request.POST.get("mechanic") or request.GET.get("mechanic") or row.mechanic
        mechanic = asked if asked in Mechanic.values else Mechanic.THRESHOLD_OFF.value
        form = TermsForm(
            request.POST or None,
            terms=campaign_terms.of(row),
            campaign=row,
            mechanic=mechanic,
            viewer=viewer(request),
            amending=amending,
        )
        if request.method == "POST" and form.is_valid():
            try:
                written = write(form)
            except DomainError as refusal:
                show(form, refusal, {**form.fields_of, "fund": "fund", "ends_on": "ends_on"})
            else:
                messages.success(request, str(said))
                tell(request, getattr(written, "notices", ()))
                return redirect(self.url("change", row.pk))
        return page(
            request,
            "campaigns/campaign_form.html",
            title=title,
            form=form,
            intro=str(row),
            back=self.url("change", row.pk),
            mechanics=[(one.value, one.label, one.value == mechanic) for one in Mechanic],
            mechanic=mechanic,
        )

    def clone_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Plan it again, on other days."""
        row, me = self.row_or_404(request, pk), viewer(request)
        made: list[UUID] = []

        def clone(given: dict[str, Any]) -> Campaign:
            cloned = planning.clone(given.pop("row_id"), pk, **given, by=me, at=self.now())
            made.append(cloned.pk)
            return cloned

        answer = self.verb_page(
            request,
            CloneForm(request.POST or None, initial={"name": row.name}),
            clone,
            title=_("Plan it again"),
            intro=_("%(campaign)s: everything but the days is taken over.") % {"campaign": row},
            submit=_("Plan"),
            said=_("The campaign is planned again, as a draft."),
            back=self.url("change", pk),
        )
        return redirect(self.url("change", made[0])) if made else answer

    def step_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take it to its next stage."""
        row, me = self.row_or_404(request, pk), viewer(request)
        wanted = request.GET.get("to", "")
        way = next(
            (one for one in running.ways(row, by=me, at=self.now()) if one.to == wanted), None
        )
        if way is None:
            raise Http404
        return self.verb_page(
            request,
            CampaignStepForm(
                request.POST if request.method == "POST" else None, asks_reason=way.asks_reason
            ),
            lambda given: running.advance(
                pk, to=CampaignStage(wanted), by=me, at=self.now(), **given
            ),
            title=_("To the stage “%(stage)s”") % {"stage": way.to.label},
            intro=str(row),
            submit=_("Take the step"),
            said=_("The campaign is now in the stage “%(stage)s”.") % {"stage": way.to.label},
            back=self.url("change", pk),
        )

    def go_live_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Tick off one kind of thing in some shops."""
        row, me = self.row_or_404(request, pk), viewer(request)
        wanted = request.GET.get("kind", "")
        if wanted not in GoLiveKind.values:
            raise Http404
        kind = GoLiveKind(wanted)
        items = row.go_live.open().filter(kind=kind).select_related("outlet", "merchant")
        form = GoLiveForm(
            request.POST or None,
            request.FILES or None,
            items=items,
            with_photo=kind == GoLiveKind.MATERIAL_PHOTO,
        )

        def done(given: dict[str, Any]) -> Campaign:
            at = self.now()
            with transaction.atomic():
                return go_live.mark_done(
                    pk,
                    kind=kind,
                    item_ids=[item.pk for item in given["items"]],
                    file_id=kept_photo(given.get("photo"), by=me, at=at),
                    note=given["note"],
                    by=me,
                    at=at,
                )

        return self.verb_page(
            request,
            form,
            done,
            title=kind.label,
            intro=str(row),
            submit=_("Done"),
            said=_("The checklist was brought up to date."),
            back=self.url("change", pk),
        )

    def versions_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What changed from one version of the terms to the next."""
        row = self.row_or_404(request, pk)
        versions = list(row.versions.order_by("-number"))
        pairs = [
            {
                "from": before.number,
                "to": after.number,
                "badge": version_badge(after),
                "said": after.said,
                "rows": campaign_words.told(
                    campaign_terms.differences(
                        CampaignTerms.from_json(before.terms), CampaignTerms.from_json(after.terms)
                    )
                ),
            }
            for after, before in pairwise(versions)
        ]
        return page(
            request,
            "campaigns/campaign_versions.html",
            title=_("Versions compared"),
            intro=str(row),
            pairs=pairs,
            back=self.url("change", pk),
        )

    def give_up_page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take the proposed version back."""
        row, me = self.row_or_404(request, pk), viewer(request)
        version = row.versions.open().first()
        if version is None:
            raise Http404
        return self.verb_page(
            request,
            NothingToSayForm(request.POST if request.method == "POST" else None),
            lambda given: amending.give_up(version.pk, by=me, at=self.now()),
            title=_("Take the new version back"),
            intro=_("%(campaign)s: the terms in force stay as they are.") % {"campaign": row},
            submit=_("Take back"),
            said=_("The new version was taken back."),
            back=self.url("change", pk),
        )
