"""The admin's sidebar: who finds what in it."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


def works(request: HttpRequest) -> bool:
    """Everybody who holds a role."""
    return bool(request.user.scope.below)  # type: ignore[union-attr]


def sells(request: HttpRequest) -> bool:
    """Those who register merchants and open leads."""
    from merchants.policies import WORKERS

    return request.user.scope.holds(*WORKERS)  # type: ignore[union-attr]


def administers(request: HttpRequest) -> bool:
    """Administrators."""
    from crm.policies import may_administer_people

    return may_administer_people(request.user)  # type: ignore[arg-type]


def leads_people(request: HttpRequest) -> bool:
    """Those who lead others, and administrators."""
    from crm.models import Role

    leading = (Role.TEAM_LEAD, Role.BRANCH_MANAGER, Role.ADMINISTRATOR)
    return request.user.scope.holds(*leading)  # type: ignore[union-attr]


def reads_mails(request: HttpRequest) -> bool:
    """In demo mode, everybody: the mails never leave the machine."""
    from django.conf import settings

    return bool(settings.MAILBOX) and works(request)


def reads_the_access_log(request: HttpRequest) -> bool:
    """Those who watch over it; others find their own part by its address."""
    from crm.models import Role

    watching = (Role.AUDITOR, Role.COMPLIANCE, Role.ADMINISTRATOR)
    return request.user.scope.holds(*watching)  # type: ignore[union-attr]


def _item(title: Any, icon: str, link: Any, permission: str = "works", **more: Any) -> Any:
    return {
        "title": title,
        "icon": icon,
        "link": link,
        "permission": f"config.navigation.{permission}",
        **more,
    }


def _list(model: str) -> Any:
    return reverse_lazy(f"admin:{model}_changelist")


SIDEBAR: dict[str, Any] = {
    "show_search": True,
    "show_all_applications": False,
    "navigation": [
        {
            "title": _("Work"),
            "items": [
                _item(_("Front page"), "space_dashboard", reverse_lazy("admin:index")),
                _item(pgettext_lazy("page", "Today"), "today", reverse_lazy("today")),
                _item(
                    _("Follow-ups"),
                    "event_upcoming",
                    _list("leads_followup"),
                    badge="leads.admin.follow_ups.overdue",
                    badge_variant="danger",
                ),
                _item(_("Quick capture"), "add_business", reverse_lazy("capture"), "sells"),
                _item(_("Visit plan"), "route", reverse_lazy("visit-plan")),
                _item(
                    _("Inbox"),
                    "inbox",
                    _list("crm_notification"),
                    badge="crm.admin.badges.unread",
                    badge_variant="primary",
                ),
                _item(
                    _("My notifications"), "notifications_active", reverse_lazy("my-notifications")
                ),
            ],
        },
        {
            "title": _("Leads"),
            "separator": True,
            "items": [
                _item(_("Leads"), "filter_alt", _list("leads_lead")),
                _item(_("Board"), "view_kanban", reverse_lazy("board")),
                _item(_("Lead pool"), "waves", _list("leads_pooledlead")),
                _item(_("Needs interviews"), "grid_on", _list("leads_pain")),
                _item(_("Objections"), "forum", _list("leads_objection")),
                _item(_("Proposals"), "description", _list("leads_proposal")),
                _item(_("Visits"), "pin_drop", _list("leads_visit")),
                _item(_("Activities"), "history", _list("leads_activity")),
                _item(_("Suggestions"), "assistant", _list("leads_suggestion")),
                _item(_("Playbook"), "menu_book", _list("leads_play")),
                _item(_("Waivers of leads"), "rule", _list("leads_leadwaiver")),
            ],
        },
        {
            "title": _("Merchants"),
            "separator": True,
            "items": [
                _item(_("Merchants"), "storefront", _list("merchants_merchant")),
                _item(_("Partnerships"), "handshake", _list("merchants_partnership")),
                _item(_("Agreements"), "contract", _list("merchants_agreement")),
                _item(_("Waivers"), "rule", _list("merchants_waiver")),
                _item(_("Contacts"), "contacts", _list("merchants_contact")),
                _item(_("Outlets"), "location_on", _list("merchants_outlet")),
                _item(_("Imports"), "upload_file", _list("merchants_import")),
                _item(_("Exports"), "download", _list("crm_export")),
                _item(_("Insights"), "lightbulb", _list("merchants_insight")),
                _item(_("Rivals"), "swords", _list("merchants_rival")),
                _item(_("Rival offers"), "loyalty", _list("merchants_rivaloffer")),
                _item(_("SWOT analyses"), "grid_view", _list("merchants_swotanalysis")),
                _item(_("Merges"), "merge", _list("merchants_merchantmerge")),
            ],
        },
        {
            "title": _("Campaigns"),
            "separator": True,
            "items": [
                _item(_("Campaigns"), "campaign", _list("campaigns_campaign")),
                _item(
                    _("Approvals"),
                    "approval",
                    reverse_lazy("approvals"),
                    badge="campaigns.admin.approvals.waiting",
                    badge_variant="danger",
                ),
                _item(
                    pgettext_lazy("noun", "Redemptions"), "redeem", _list("campaigns_redemption")
                ),
                _item(_("Intakes"), "input", _list("campaigns_redemptionintake")),
                _item(_("Discrepancies"), "rule", _list("campaigns_discrepancy")),
                _item(_("Claims"), "receipt_long", _list("campaigns_claim")),
                _item(_("Outcomes"), "insights", _list("campaigns_campaignoutcome")),
            ],
        },
        {
            "title": _("Campaign money"),
            "separator": True,
            "items": [
                _item(_("Funds"), "savings", _list("campaigns_fund")),
                _item(_("Budgets"), "account_balance_wallet", _list("campaigns_budget")),
                _item(_("Ledger"), "menu_book", _list("campaigns_ledgerentry")),
                _item(
                    pgettext_lazy("settlement", "Statements"),
                    "request_quote",
                    _list("campaigns_statement"),
                ),
            ],
        },
        {
            "title": _("Indicators"),
            "separator": True,
            "items": [
                _item(_("Indicators"), "monitoring", reverse_lazy("kpis")),
                _item(_("Targets"), "flag", _list("campaigns_target")),
                _item(_("Card figures"), "credit_card", _list("campaigns_cardfigure")),
                _item(_("Files of card figures"), "upload_file", _list("campaigns_figureintake")),
                _item(_("KPI schemes"), "balance", _list("campaigns_kpischeme")),
                _item(_("Card fees"), "percent", _list("campaigns_feeschedule")),
            ],
        },
        {
            "title": _("Organisation"),
            "separator": True,
            "collapsible": True,
            "items": [
                _item(_("Units"), "account_tree", _list("crm_orgunit"), "administers"),
                _item(_("Colleagues"), "group", _list("crm_user"), "administers"),
                _item(_("Memberships"), "badge", _list("crm_membership"), "administers"),
                _item(_("Hand over work"), "move_up", reverse_lazy("hand-overs"), "leads_people"),
                _item(_("Calendar"), "calendar_month", _list("crm_calendaryear"), "administers"),
                _item(_("Special days"), "event_busy", _list("crm_specialday"), "administers"),
            ],
        },
        {
            "title": _("The method"),
            "separator": True,
            "collapsible": True,
            "items": [
                _item(_("Interview questions"), "quiz", _list("leads_gridquestion")),
                _item(_("Usual capabilities"), "checklist", _list("leads_capabilitytemplate")),
                _item(_("Rules of the pools"), "pool", _list("leads_pool")),
                _item(
                    _("Failed returns to the pool"),
                    "error",
                    _list("leads_recyclingfailure"),
                    "leads_people",
                ),
                _item(
                    _("Approval tiers"),
                    "stairs",
                    _list("campaigns_approvaltier"),
                    "administers",
                ),
                _item(_("Parameters"), "tune", reverse_lazy("parameters"), "administers"),
                _item(
                    _("Notifications by role"),
                    "edit_notifications",
                    reverse_lazy("notification-defaults"),
                    "administers",
                ),
            ],
        },
        {
            "title": _("Operations"),
            "separator": True,
            "collapsible": True,
            "items": [
                _item(_("Weekly reports"), "summarize", _list("crm_weeklyreport")),
                _item(_("Reminders"), "alarm", _list("crm_reminder")),
                _item(_("Deliveries"), "outgoing_mail", _list("crm_delivery")),
                _item(
                    _("Access log"),
                    "policy",
                    _list("crm_accessrecord"),
                    "reads_the_access_log",
                ),
                _item(
                    _("Operations page"),
                    "monitor_heart",
                    reverse_lazy("operations"),
                    "administers",
                ),
                _item(_("Mail catcher"), "mark_email_read", "/admin/mail/", "reads_mails"),
            ],
        },
    ],
}

ACCOUNT: dict[str, Any] = {
    "navigation": [
        {"title": _("My notifications"), "link": reverse_lazy("my-notifications")},
        {"title": _("Change password"), "link": reverse_lazy("admin:password_change")},
    ],
}
"""What stands under one's own name at the top of every page."""
