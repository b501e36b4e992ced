"""Copies of the weekly report: put into the outbox whole, kept as they were sent, sent again."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from crm import report_mail
from crm.actors import Actor
from crm.command import command
from crm.domain import delivery
from crm.errors import NotFound, RuleBroken
from crm.models import Channel, Delivery, DeliveryPart, DeliveryState, User, WeeklyReport
from crm.report_mail import Content, Letter, Part
from crm.zones import zone_or_ours


def letter(content: Content, recipient: User) -> Letter:
    """The mail of a report with its pictures and workbook, in the recipient's language and zone."""
    with (
        translation.override(recipient.language),
        timezone.override(zone_or_ours(recipient.time_zone)),
    ):
        return report_mail.letter(content)


def put_out(
    content: Content,
    recipient: User,
    *,
    kind: str,
    key: str,
    link: str,
    at: datetime,
    said: Letter | None = None,
) -> Delivery:
    """Put a report into the outbox, with everything that the mail carries.

    Within the transaction of whoever wrote it. Recipients of the same report share its letter.
    """
    said = said or letter(content, recipient)
    mail = Delivery.objects.create(
        key=key,
        channel=Channel.MAIL,
        recipient=recipient,
        kind=kind,
        subject=content.subject[:300],
        text=said.text,
        html=said.html,
        link=link,
        next_try_at=at,
        created_at=at,
        updated_at=at,
    )
    _put_parts(mail, said)
    return mail


def _put_parts(mail: Delivery, said: Letter) -> None:
    DeliveryPart.objects.bulk_create(
        DeliveryPart(delivery=mail, **part._asdict()) for part in said.parts
    )


def kept_letter(report: WeeklyReport) -> Letter | None:
    """The mail as it was sent. Once mails are let go of, written again from what the report says.

    None for a report that was not written, or of which neither is kept.
    """
    mail = report.delivery
    if mail is not None and mail.text_kept:
        parts = tuple(
            Part(part.name, part.content_type, part.content_id, bytes(part.content))
            for part in mail.parts.order_by("pk")
        )
        return Letter(mail.text, mail.html, parts)
    if not isinstance(report.content, dict):
        return None
    return letter(Content.again(report.content), report.recipient)


@command
def send_again(report_id: UUID, *, because: str, by: Actor, at: datetime) -> WeeklyReport:
    """Mail a report once more as it was sent, for a reason that is kept.

    Raises NotFound where the actor may not know of it, and RuleBroken if it was not mailed yet, is
    still on its way, or no reason is given.
    """
    seen = WeeklyReport.objects.all()
    if isinstance(by, User):
        seen = seen.visible_to(by)
    report = seen.select_related("recipient").filter(pk=report_id).first()
    if report is None:
        raise NotFound(_("There is no such report."))
    mail = Delivery.objects.filter(weekly_report=report).for_change().first()
    if mail is None or mail.state not in (DeliveryState.SENT, DeliveryState.DEAD):
        raise RuleBroken(
            _("This report has not been mailed yet, or is on its way."), code="report_not_mailed"
        )
    if not mail.text_kept:
        _write_again(report, mail, at=at)
    delivery.send_again([mail.pk], by=by, because=because, at=at)
    return report


def _write_again(report: WeeklyReport, mail: Delivery, *, at: datetime) -> None:
    """Put back what was let go of, from what the report says."""
    said = kept_letter(report)
    if said is None:
        raise RuleBroken(_("What this report said is no longer kept."), code="report_not_kept")
    mail.parts.all().delete()
    _put_parts(mail, said)
    mail.change(at=at, text=said.text, html=said.html, text_kept=True)


def workbook(content: Content, recipient: User) -> bytes:
    """The workbook of a report alone, in the recipient's language and zone."""
    with (
        translation.override(recipient.language),
        timezone.override(zone_or_ours(recipient.time_zone)),
    ):
        return report_mail.attachment(content)
