"""Copies of the weekly report: put into the outbox whole, kept as they were sent, sent again."""

from datetime import datetime

from django.utils import timezone, translation

from crm import report_mail
from crm.models import Channel, Delivery, DeliveryPart, User
from crm.report_mail import Content, Letter


def letter(content: Content, recipient: User) -> Letter:
    """The mail of a report with its pictures and workbook, in the recipient's language and zone."""
    with translation.override(recipient.language), timezone.override(recipient.time_zone):
        return report_mail.letter(content)


def put_out(
    content: Content, recipient: User, *, kind: str, key: str, link: str, at: datetime
) -> Delivery:
    """Put a report into the outbox, with everything that the mail carries.

    Within the transaction of whoever wrote it.
    """
    mail = letter(content, recipient)
    delivery = Delivery.objects.create(
        key=key,
        channel=Channel.MAIL,
        recipient=recipient,
        kind=kind,
        subject=content.subject[:300],
        text=mail.text,
        html=mail.html,
        link=link,
        next_try_at=at,
        created_at=at,
        updated_at=at,
    )
    _put_parts(delivery, mail)
    return delivery


def _put_parts(delivery: Delivery, mail: Letter) -> None:
    DeliveryPart.objects.bulk_create(
        DeliveryPart(delivery=delivery, **part._asdict()) for part in mail.parts
    )
