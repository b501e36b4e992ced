"""The kernel's nouns."""

from crm.models.access import AccessKind, AccessRecord, UnmaskReason
from crm.models.answers import GivenAnswer
from crm.models.base import Fact, Row, RowQuerySet
from crm.models.bounces import Bounce, BounceKind, SuppressedAddress
from crm.models.calendar import CalendarYear, SpecialDay
from crm.models.calendar_feeds import CalendarFeed
from crm.models.chat import ChatAddress
from crm.models.delivery import (
    CHATS,
    PUSHED,
    Channel,
    Delivery,
    DeliveryPart,
    DeliveryState,
    Heartbeat,
    HeldBecause,
    HeldNotice,
    Notification,
    Reminder,
    ReminderState,
    Resend,
)
from crm.models.devices import Device
from crm.models.files import StoredFile
from crm.models.jobs import Export, ExportChunk, Job, JobPhase, JobState
from crm.models.lookups import AnyOf
from crm.models.parameters import ParameterChange
from crm.models.people import Language, Membership, Role, User
from crm.models.preferences import PersonalChannel, RoleChannel
from crm.models.reports import WeeklyReport, WeeklyRun, WeeklySnapshot
from crm.models.sealed import SealedField
from crm.models.units import OrgUnit, UnitKind
from crm.models.webhooks import WebhookEndpoint

__all__ = [
    "CHATS",
    "PUSHED",
    "AccessKind",
    "AccessRecord",
    "AnyOf",
    "Bounce",
    "BounceKind",
    "CalendarFeed",
    "CalendarYear",
    "Channel",
    "ChatAddress",
    "Delivery",
    "DeliveryPart",
    "DeliveryState",
    "Device",
    "Export",
    "ExportChunk",
    "Fact",
    "GivenAnswer",
    "Heartbeat",
    "HeldBecause",
    "HeldNotice",
    "Job",
    "JobPhase",
    "JobState",
    "Language",
    "Membership",
    "Notification",
    "OrgUnit",
    "ParameterChange",
    "PersonalChannel",
    "Reminder",
    "ReminderState",
    "Resend",
    "Role",
    "RoleChannel",
    "Row",
    "RowQuerySet",
    "SealedField",
    "SpecialDay",
    "StoredFile",
    "SuppressedAddress",
    "UnitKind",
    "UnmaskReason",
    "User",
    "WebhookEndpoint",
    "WeeklyReport",
    "WeeklyRun",
    "WeeklySnapshot",
]
