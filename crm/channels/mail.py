"""Mail: one recipient per message, one fixed Message-ID, every refusal sorted by its SMTP code.

Exactly-once is not possible over SMTP (RFC 1047); what is possible is never to lose one, to double
one only when a worker dies in the very moment of handing over, and to make copies recognisable.
"""

import smtplib
from types import TracebackType
from typing import Self

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils import translation

from crm.channels.base import Refused
from crm.models import Delivery


class MailChannel:
    is_local = False

    def __init__(self) -> None:
        self._connection: BaseEmailBackend = get_connection()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def send(self, delivery: Delivery) -> None:
        """Hand one message to the mail server over a connection kept for the batch."""
        try:
            self._connection.open()
            message(delivery, self._connection).send()
        except smtplib.SMTPRecipientsRefused as refused:
            code, text = next(iter(refused.recipients.values()))
            raise _sorted_out(code, text) from refused
        except smtplib.SMTPResponseException as refused:
            self._forget_connection()
            raise _sorted_out(refused.smtp_code, refused.smtp_error) from refused
        except (OSError, smtplib.SMTPException) as unreachable:
            self._forget_connection()
            raise Refused(
                "unreachable", str(unreachable) or repr(unreachable)
            ) from unreachable

    def _forget_connection(self) -> None:
        self._connection.close()
        self._connection = get_connection()


def _sorted_out(code: int, text: bytes | str) -> Refused:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Refused(f"smtp_{code}", words, final=500 <= code < 600)


def message(
    delivery: Delivery, connection: BaseEmailBackend | None = None
) -> EmailMultiAlternatives:
    """The mail of a delivery: plain text, and HTML beside it."""
    link = f"{settings.PUBLIC_URL}{delivery.link}" if delivery.link else ""
    with translation.override(delivery.recipient.language):
        html = delivery.html or render_to_string(
            "crm/mail/message.html",
            {
                "subject": delivery.subject,
                "text": delivery.text,
                "link": link,
                "language": delivery.recipient.language,
            },
        )
    mail = EmailMultiAlternatives(
        subject=delivery.subject,
        body=f"{delivery.text}\n\n{link}\n" if link else delivery.text,
        to=[delivery.recipient.email],
        headers={
            "Message-ID": delivery.message_id,
            "X-CRM-Delivery": str(delivery.pk),
            "Auto-Submitted": "auto-generated",
        },
        connection=connection,
    )
    mail.attach_alternative(html, "text/html")
    return mail
