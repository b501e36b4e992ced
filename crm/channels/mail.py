"""Mail: one recipient per message, one fixed Message-ID, every refusal sorted by its SMTP code.

Exactly-once is not possible over SMTP (RFC 1047); what is possible is never to lose one, to double
one only when a worker dies in the very moment of handing over, and to make copies recognisable.

Final is only what the server says about *this* message: its recipient or its content. A sender, a
password or a greeting that it does not like concerns every message alike; somebody will mend it, so
those are tried again.
"""

import contextlib
import smtplib
from types import TracebackType
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.utils import translation

from crm import mail_html
from crm.channels.base import Refused
from crm.models import Delivery

CLOSING = 421
"""The server says goodbye: its connection is of no more use."""


class MailChannel:
    """A connection to the mail server, kept for a batch of messages."""

    is_local = False

    def __init__(self) -> None:
        self._connection: BaseEmailBackend = get_connection()
        self._unreachable: Refused | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._forget_connection()

    def send(self, delivery: Delivery) -> None:
        """Hand one message to the mail server.

        A server that does not even answer is asked once per batch: the other messages of the batch
        are refused at once instead of waiting for the time-out one after the other.
        """
        address = _address(delivery)
        self._open()
        try:
            message(delivery, address, self._connection).send()
        except smtplib.SMTPRecipientsRefused as refused:
            code, text = next(iter(refused.recipients.values()))
            if code == CLOSING:
                self._forget_connection()
            raise _said(code, text, final=500 <= code < 600) from refused
        except smtplib.SMTPDataError as refused:
            self._forget_connection()
            final = 500 <= refused.smtp_code < 600
            raise _said(refused.smtp_code, refused.smtp_error, final=final) from refused
        except smtplib.SMTPResponseException as refused:
            self._forget_connection()
            raise _said(refused.smtp_code, refused.smtp_error) from refused
        except OSError as broken:  # SMTPException is one, too
            self._forget_connection()
            raise _silent(broken) from broken

    def _open(self) -> None:
        if self._unreachable:
            raise self._unreachable
        try:
            self._connection.open()
        except smtplib.SMTPResponseException as refused:
            self._unreachable = _said(refused.smtp_code, refused.smtp_error)
        except OSError as broken:
            self._unreachable = _silent(broken)
        if self._unreachable:
            self._forget_connection()
            raise self._unreachable

    def _forget_connection(self) -> None:
        # What a connection says when it is put away changes nothing any more.
        with contextlib.suppress(OSError):
            self._connection.close()
        self._connection = get_connection()


def _address(delivery: Delivery) -> str:
    address = delivery.colleague.email
    try:
        validate_email(address)
    except ValidationError as unsound:
        raise Refused("bad_address", repr(address), final=True) from unsound
    return address


def _said(code: int, text: bytes | str, *, final: bool = False) -> Refused:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Refused(f"smtp_{code}", words, final=final)


def _silent(failure: OSError) -> Refused:
    return Refused("unreachable", str(failure) or repr(failure))


def message(
    delivery: Delivery, address: str, connection: BaseEmailBackend | None = None
) -> EmailMultiAlternatives:
    """The mail of a delivery: plain text, and HTML beside it."""
    link = f"{settings.PUBLIC_URL}{delivery.link}" if delivery.link else ""
    mail = EmailMultiAlternatives(
        subject=" ".join(delivery.subject.split()),  # A line break would be another header.
        body=f"{delivery.text}\n\n{link}\n" if link else delivery.text,
        to=[address],
        headers={
            "Message-ID": delivery.message_id,
            "X-CRM-Delivery": str(delivery.pk),
            "Auto-Submitted": "auto-generated",
        },
        connection=connection,
    )
    mail.attach_alternative(delivery.html or _html(delivery, link), "text/html")
    return mail


def _html(delivery: Delivery, link: str) -> str:
    with translation.override(delivery.colleague.language):
        return mail_html.page(
            "crm/mail/message.mjml",
            {"subject": delivery.subject, "text": delivery.text, "link": link},
        )
