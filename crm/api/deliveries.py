"""Messages for administrators: what waits, what was given up and why, and sending one again."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from crm import policies
from crm.api import schema
from crm.api.inputs import Input, Line, id_of
from crm.api.pages import Filter, Listing
from crm.api.shapes import Nested, Shape
from crm.api.views import Door, once
from crm.domain import delivery
from crm.models import Channel, Delivery, DeliveryState

DELIVERY = Shape(
    "Delivery",
    Delivery,
    id="id",
    version="version",
    channel="channel",
    recipient=Nested("recipient_id", {"id": "recipient_id", "full_name": "recipient__full_name"}),
    webhook="endpoint_id",
    kind="kind",
    subject="subject",
    state="state",
    attempts="attempts",
    losses="losses",
    next_try_at="next_try_at",
    sent_at="sent_at",
    failure="failure",
    revision="revision",
    text_kept="text_kept",
    created_at="created_at",
    updated_at="updated_at",
)
DELIVERIES = Listing(
    DELIVERY,
    orderings=("created_at",),
    filters={
        "state": Filter(
            lambda rows, values, user: rows.filter(state__in=values),
            parse=DeliveryState,
            repeated=True,
        ),
        "channel": Filter(
            lambda rows, values, user: rows.filter(channel__in=values),
            parse=Channel,
            repeated=True,
        ),
        "recipient": Filter(
            lambda rows, value, user: rows.filter(recipient=value),
            parse=id_of,
            description="Who it is for",
        ),
    },
)


class ResendIn(Input):
    because = Line(max_length=500, help_text="Why it is sent again; kept with your name")


class DeliveryList(Door):
    shape = DELIVERY
    takes_parameters = True

    @schema.lists(
        "deliveries_list", "Messages, newest first", DELIVERIES, tag="deliveries", for_few=True
    )
    def get(self, request: Request) -> HttpResponse:
        """For administrators."""
        policies.require(policies.may_operate(self.user))
        return DELIVERIES.answer(request, Delivery.objects.visible_to(self.user), self.user)


class DeliveryResend(Door):
    shape = DELIVERY

    @schema.writes(
        "deliveries_resend",
        "Send a message again, as its next revision",
        DELIVERY,
        tag="deliveries",
        body=ResendIn,
        example={"because": "The mailbox exists again"},
    )
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        """Administrators any message, everybody what was for themselves. A message that is still
        under way, that stands in an inbox, or whose text was let go of, is 409."""
        given = self.taken(ResendIn)
        row = delivery.send_one_again(pk, by=self.user, because=given["because"], at=self.now())
        return self.show(Delivery.objects.all(), pk, row=row)
