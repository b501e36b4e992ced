"""Endpoints about oneself: devices and tokens, me, colleagues, units, the inbox."""

from typing import Any
from uuid import UUID

from django.contrib.auth import authenticate
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from crm.api import schema
from crm.api.inputs import ClientId, Input, Line, Words, flag_of
from crm.api.pages import Filter, Listing
from crm.api.problems import Refused
from crm.api.rendering import answer
from crm.api.shapes import Shape
from crm.api.views import Door, once
from crm.domain import devices, inbox
from crm.ids import accepted
from crm.models import Device, Membership, Notification, OrgUnit, Role, User

DEVICE = Shape(
    "Device",
    Device,
    id="id",
    version="version",
    name="name",
    platform="platform",
    last_seen_at="last_seen_at",
    expires_at="expires_at",
    revoked_at="revoked_at",
    created_at="created_at",
    updated_at="updated_at",
)
NOTIFICATION = Shape(
    "Notification",
    Notification,
    id="id",
    version="version",
    kind="kind",
    title="title",
    body="body",
    link="link",
    read_at="read_at",
    created_at="created_at",
    updated_at="updated_at",
)
UNIT = Shape(
    "Unit",
    OrgUnit,
    id="id",
    version="version",
    name="name",
    kind="kind",
    parent="parent_id",
    time_zone="time_zone",
    created_at="created_at",
    updated_at="updated_at",
)
USER = Shape(
    "User",
    User,
    id="id",
    version="version",
    full_name="full_name",
    employee_number="employee_number",
    is_active="is_active",
    created_at="created_at",
    updated_at="updated_at",
)

DEVICES = Listing(DEVICE, orderings=("created_at",), filters={})
UNITS = Listing(UNIT, orderings=("+name",), filters={})
USERS = Listing(
    USER,
    orderings=("+full_name",),
    filters={
        "q": Filter(lambda rows, value, user: rows.filter(full_name__contains=value)),
        "role": Filter(
            lambda rows, values, user: rows.filter(
                pk__in=Membership.objects.filter(role__in=values).values("user")
            ),
            parse=Role,
            repeated=True,
        ),
    },
)
NOTIFICATIONS = Listing(
    NOTIFICATION,
    orderings=("created_at",),
    filters={
        "unread": Filter(
            lambda rows, value, user: rows.unread() if value else rows,
            parse=flag_of,
            description="`true` for unread ones only",
        )
    },
)


class SignInIn(Input):
    id = ClientId()
    login = Line(max_length=254, help_text="E-mail address or employee number")
    password = Words(max_length=200, trim_whitespace=False)
    otp = Line(max_length=20, required=False, allow_blank=True, help_text="Reserved")
    name = Line(max_length=100)
    platform = Line(max_length=30)


class DeviceNamed(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    platform = serializers.CharField()
    expires_at = serializers.DateTimeField()


class TokenOut(serializers.Serializer[Any]):
    token = serializers.CharField()
    device = DeviceNamed()


class DeviceList(Door):
    takes_parameters = True

    def get_permissions(self) -> list[Any]:
        """Signing in is for everybody; the list is for whoever has signed in."""
        signing_in = self.request is not None and self.request.method == "POST"
        return [AllowAny()] if signing_in else list(super().get_permissions())

    def get_authenticators(self) -> list[Any]:
        # A phone that signs in anew still sends its old token; that must not stand in its way.
        signing_in = self.request is not None and self.request.method == "POST"
        return [] if signing_in else super().get_authenticators()

    @schema.lists("devices_list", "Your devices", DEVICES, tag="devices")
    def get(self, request: Request) -> HttpResponse:
        return DEVICES.answer(request, Device.objects.visible_to(self.user), self.user)

    @schema.writes(
        "devices_create",
        "Sign in on a phone; the token is shown this once",
        TokenOut,
        tag="devices",
        body=SignInIn,
        status=201,
        public=True,
        example={
            "login": "rep@demo.test",
            "password": "demo-2026",
            "name": "Ann's phone",
            "platform": "android",
        },
    )
    def post(self, request: Request) -> HttpResponse:
        values = self.taken(SignInIn)
        user = authenticate(request._request, username=values["login"], password=values["password"])
        if not isinstance(user, User):
            raise Refused(401, "login_failed", _("Login or password is wrong."))
        at = timezone.now()
        device, token = devices.register(
            accepted(values.get("id"), at=at),
            name=values["name"],
            platform=values["platform"],
            by=user,
            at=at,
        )
        return answer(
            {
                "token": token,
                "device": {
                    "id": device.pk,
                    "name": device.name,
                    "platform": device.platform,
                    "expires_at": device.expires_at,
                },
            },
            status=201,
        )


class DeviceOne(Door):
    shape = DEVICE

    @schema.writes("devices_revoke", "Shut a device out", DEVICE, tag="devices")
    def delete(self, request: Request, pk: UUID) -> HttpResponse:
        device = devices.revoke(pk, by=self.user, at=self.now())
        return self.show(Device.objects.all(), pk, row=device)


class UnitNamed(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class MembershipOut(serializers.Serializer[Any]):
    role = serializers.ChoiceField(Role.choices)
    unit = UnitNamed()


class MeOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    full_name = serializers.CharField()
    email = serializers.EmailField()
    employee_number = serializers.CharField(allow_null=True)
    language = serializers.CharField()
    time_zone = serializers.CharField()
    memberships = MembershipOut(many=True)
    unread_notifications = serializers.IntegerField()


class Me(Door):
    @schema.reads("me", "Who you are and what you may", MeOut, tag="me")
    def get(self, request: Request) -> HttpResponse:
        user = self.user
        held = Membership.objects.of(user).select_related("unit")
        return answer(
            {
                "id": user.pk,
                "full_name": user.full_name,
                "email": user.email,
                "employee_number": user.employee_number,
                "language": user.language,
                "time_zone": user.time_zone,
                "memberships": [
                    {"role": one.role, "unit": {"id": one.unit_id, "name": one.unit.name}}
                    for one in held
                ],
                "unread_notifications": Notification.objects.visible_to(user).unread().count(),
            }
        )


class UnitList(Door):
    takes_parameters = True

    @schema.lists("units_list", "Units you have to do with", UNITS, tag="organisation")
    def get(self, request: Request) -> HttpResponse:
        return UNITS.answer(request, OrgUnit.objects.visible_to(self.user), self.user)


class UserList(Door):
    takes_parameters = True

    @schema.lists("users_list", "Colleagues of your units", USERS, tag="organisation")
    def get(self, request: Request) -> HttpResponse:
        return USERS.answer(request, User.objects.visible_to(self.user), self.user)


class NotificationList(Door):
    takes_parameters = True

    @schema.lists("notifications_list", "Your inbox", NOTIFICATIONS, tag="notifications")
    def get(self, request: Request) -> HttpResponse:
        return NOTIFICATIONS.answer(request, Notification.objects.visible_to(self.user), self.user)


class NotificationRead(Door):
    shape = NOTIFICATION

    @schema.writes("notifications_read", "Mark as read", NOTIFICATION, tag="notifications")
    @once
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        line = inbox.read(pk, by=self.user, at=self.now())
        return self.show(Notification.objects.visible_to(self.user), pk, row=line)
