"""The access log: who looked at what."""

from django.http import HttpResponse
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import id_of
from crm.api.pages import Filter, Listing
from crm.api.shapes import Nested, Shape
from crm.api.views import Door
from crm.models import AccessKind, AccessRecord

ACCESS = Shape(
    "AccessRecord",
    AccessRecord,
    id="id",
    at="at",
    user=Nested("user_id", {"id": "user_id", "full_name": "user__full_name"}),
    kind="kind",
    noun="noun",
    subject="subject_id",
    reason="reason",
    facts="facts",
)
RECORDS = Listing(
    ACCESS,
    orderings=("at",),
    filters={
        "kind": Filter(
            lambda rows, values, user: rows.filter(kind__in=values),
            parse=AccessKind,
            repeated=True,
        ),
        "user": Filter(
            lambda rows, value, user: rows.filter(user=value),
            parse=id_of,
            description="Who looked",
        ),
        "subject": Filter(
            lambda rows, value, user: rows.filter(subject_id=value),
            parse=id_of,
            description="What was looked at",
        ),
    },
)


class AccessLog(Door):
    shape = ACCESS
    takes_parameters = True

    @schema.lists("access_log", "Who looked at personal data, newest first", RECORDS, tag="access")
    def get(self, request: Request) -> HttpResponse:
        """Auditors, compliance and administrators read all of it; everybody their own part."""
        return RECORDS.answer(request, AccessRecord.objects.visible_to(self.user), self.user)
