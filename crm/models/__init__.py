"""The kernel's nouns."""

from crm.models.access import AccessKind, AccessRecord, UnmaskReason
from crm.models.answers import GivenAnswer
from crm.models.base import Fact, Row, RowQuerySet
from crm.models.calendar import CalendarYear, SpecialDay
from crm.models.delivery import (
    Channel,
    Delivery,
    DeliveryState,
    Heartbeat,
    Notification,
    Reminder,
    ReminderState,
)
from crm.models.devices import Device
from crm.models.files import StoredFile
from crm.models.jobs import Export, ExportChunk, Job, JobPhase, JobState
from crm.models.lookups import AnyOf
from crm.models.parameters import ParameterChange
from crm.models.people import Language, Membership, Role, User
from crm.models.reports import WeeklyReport, WeeklyRun
from crm.models.sealed import SealedField
from crm.models.units import OrgUnit, UnitKind

__all__ = [
    "AccessKind",
    "AccessRecord",
    "AnyOf",
    "CalendarYear",
    "Channel",
    "Delivery",
    "DeliveryState",
    "Device",
    "Export",
    "ExportChunk",
    "Fact",
    "GivenAnswer",
    "Heartbeat",
    "Job",
    "JobPhase",
    "JobState",
    "Language",
    "Membership",
    "Notification",
    "OrgUnit",
    "ParameterChange",
    "Reminder",
    "ReminderState",
    "Role",
    "Row",
    "RowQuerySet",
    "SealedField",
    "SpecialDay",
    "StoredFile",
    "UnitKind",
    "UnmaskReason",
    "User",
    "WeeklyReport",
    "WeeklyRun",
]
