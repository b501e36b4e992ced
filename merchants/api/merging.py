"""Endpoints about duplicates: looked for before and after, merged, and taken apart again."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import Choice, ClientId, Id, Input, Line, flag_of, id_of
from crm.api.pages import Filter, Listing
from crm.api.rendering import answer
from crm.api.shapes import Nested, Shape
from crm.api.views import Door, OneDoor, once
from crm.errors import NotFound
from crm.models import User
from merchants.api.shapes import MERCHANT
from merchants.domain import duplicates, merging, registration
from merchants.models import DuplicateKind, Merchant, MerchantMerge, MergeSide

MERGE = Shape(
    "Merge",
    MerchantMerge,
    id="id",
    version="version",
    kept=Nested("kept_id", {"id": "kept_id", "name": "kept__name"}),
    merged=Nested("merged_id", {"id": "merged_id", "name": "merged_name"}),
    choices="choices",
    by=Nested("by_id", {"id": "by_id", "full_name": "by__full_name"}),
    at="at",
    undone_by=Nested("undone_by_id", {"id": "undone_by_id", "full_name": "undone_by__full_name"}),
    undone_at="undone_at",
)
MERGES = Listing(
    MERGE,
    orderings=("at",),
    filters={
        "merchant": Filter(
            lambda rows, value, user: rows.filter(Q(kept=value) | Q(merged_id=value)),
            parse=id_of,
            description="Kept or merged",
        ),
        "standing": Filter(
            lambda rows, value, user: rows.filter(undone_at__isnull=value),
            parse=flag_of,
            description="`true`: not undone; `false`: undone",
        ),
    },
)


class DuplicateOut(serializers.Serializer[Any]):
    """A merchant that may be the same. Of one that you may not know of: the first character of its
    name and its unit."""

    kind = serializers.ChoiceField(choices=DuplicateKind.choices)
    exact = serializers.BooleanField(help_text="Not a matter of similarity")
    blocks = serializers.BooleanField(help_text="A merchant like this would be refused")
    masked = serializers.BooleanField()
    id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()
    district = serializers.CharField(allow_null=True)
    unit = serializers.CharField()
    owner = serializers.CharField(allow_null=True)
    similarity = serializers.DecimalField(max_digits=3, decimal_places=2, allow_null=True)


class DuplicatesOut(serializers.Serializer[Any]):
    results = DuplicateOut(many=True)


class CheckIn(Input):
    name = Line(required=False, allow_blank=True)
    division = Line(max_length=6, required=False, allow_blank=True, help_text="GB/T 2260 code")
    credit_code = Line(max_length=32, required=False, allow_blank=True)
    mcc = Line(max_length=4, required=False, allow_blank=True)
    phone = Line(max_length=40, required=False, allow_blank=True)


MergeChoices = type(
    "MergeChoices",
    (Input,),
    {
        column.name: Choice(MergeSide.choices, required=False, help_text=str(column.verbose_name))
        for column in merging.choosable()
    },
)
"""Every field of a merchant for which one says whose value stays."""


class MergeIn(Input):
    id = ClientId()
    other = Id(help_text="The merchant that will be gone")
    choices = MergeChoices(required=False)


def shown(hits: list[duplicates.Hit]) -> HttpResponse:
    return answer({"results": [hit.plain() for hit in hits]})


def missing(pk: UUID, user: User) -> NotFound:
    """A 404 like any other; who may know of the merchant that this one was merged into is told."""
    into = merging.merged_into(pk, by=user)
    sentence = _("There is no such row.")
    return NotFound(sentence, merged_into=str(into)) if into else NotFound(sentence)


class DuplicateCheck(Door):
    @schema.writes(
        "merchants_check_duplicates",
        "Whom do we know already",
        DuplicatesOut,
        tag="merchants",
        body=CheckIn,
        example={"name": "海底捞火锅(徐家汇店)", "division": "310104", "phone": "138 0013 8000"},
    )
    @once
    def post(self, request: Request) -> HttpResponse:
        """Nothing is written. Exact hits come first, then names alike, the most alike first."""
        values = self.taken(CheckIn)
        phone = values.pop("phone", "")
        details = registration.Details(**{"name": "", **values})
        return shown(registration.possible_duplicates(details, phone=phone, by=self.user))


class DuplicatesOfMerchant(Door):
    @schema.reads(
        "merchants_duplicates",
        "Who may be the same merchant",
        DuplicatesOut,
        tag="merchants",
        of_one=True,
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        merchant = Merchant.objects.visible_to(self.user).filter(pk=pk).first()
        if merchant is None:
            raise missing(pk, self.user)
        return shown(duplicates.of(merchant, by=self.user))


class MerchantMerging(OneDoor):
    shape = MERCHANT
    model = Merchant

    @schema.writes(
        "merchants_merge",
        "Merge another merchant into this one",
        MERCHANT,
        tag="merchants",
        body=MergeIn,
        if_match="required",
        example={
            "other": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
            "choices": {"name": "kept", "credit_code": "other"},
        },
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        """All that hangs on the other moves here. A field that is not named in `choices` keeps its
        value, or takes the other's if it is empty. `id` is the merge's, to undo it by."""
        version = self.expected_version(required=True)
        values = self.taken(MergeIn)
        merge = merging.merge(
            self.new_id(values),
            pk,
            values["other"],
            values.get("choices", {}),
            by=self.user,
            at=self.now(),
            version=version,
        )
        return self.show(Merchant.objects.all(), merge.kept_id)


class MergeList(Door):
    shape = MERGE
    takes_parameters = True

    @schema.lists("merges_list", "Merges that you may know of", MERGES, tag="merchants")
    def get(self, request: Request) -> HttpResponse:
        return MERGES.answer(request, MerchantMerge.objects.visible_to(self.user), self.user)


class MergeUndoing(OneDoor):
    shape = MERGE
    model = MerchantMerge

    @schema.writes(
        "merges_undo",
        "Undo a merge",
        MERGE,
        tag="merchants",
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        """Both merchants come back as they were, as long as nobody changed them since."""
        merge = merging.undo(pk, by=self.user, at=self.now())
        return self.show(MerchantMerge.objects.all(), merge.pk)
