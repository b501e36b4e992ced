"""Mail: one recipient per message, one fixed Message-ID, every refusal sorted by its SMTP code.

Exactly-once is not possible over SMTP (RFC 1047); what is possible is never to lose one, to double
one only when a worker dies in the very moment of handing over, and to make copies recognisable.

Final is only what the server says about *this* message: its recipient or its content. A sender, a
password or a greeting that it does not like concerns every message alike; somebody will mend it, so
those are tried again.
"""

import contextlib
import smtplib
import time
from collections.abc import Iterator
from datetime import timedelta
from types import TracebackType
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email

from crm.channels import mail_slots
from crm.channels.base import Refused, Retry
from crm.channels.mail_message import message
from crm.channels.smtp import EmailBackend
from crm.models import Delivery, SuppressedAddress

CLOSING = 421
"""The server says goodbye: its connection is of no more use."""
A_TURN = timedelta(seconds=10)
"""How long other workers take for their batch, more or less."""
PASSING = frozenset({421, 422, 431, 432, 442, 447, 450, 451, 452})
"""A weakness of the server or of the way to it, over in minutes; other 4xx take longer."""


class MailChannel:
    """A connection to the mail server, kept for a batch of messages."""

    is_local = False

    def __init__(self) -> None:
        self._connection: BaseEmailBackend = get_connection()
        self._unreachable: Refused | None = None
        self._slot: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._forget_connection()
        if self._slot is not None:
            mail_slots.give_back(self._slot)
            self._slot = None

    def send(self, delivery: Delivery) -> None:
        """Hand one message to the mail server; it has `EMAIL_TIMEOUT` seconds for all of it, the
        twentieth part of which is ours to settle what came of it.

        A server that does not even answer is asked once per batch: the other messages of the batch
        are refused at once instead of waiting for the time-out one after the other.
        """
        address = _address(delivery)
        if self._unreachable:
            raise self._unreachable
        begun = time.monotonic()
        self._take_slot()
        with self._in_time(0.95 * settings.EMAIL_TIMEOUT - (time.monotonic() - begun)):
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

    def _take_slot(self) -> None:
        if self._slot is None:
            self._slot = mail_slots.take(patience=settings.EMAIL_TIMEOUT / 2)
        if self._slot is None:
            # Nobody's fault, so it counts as no try.
            self._unreachable = Refused(
                "mail_busy", "all connections to the mail server are in use", wait=A_TURN
            )
            raise self._unreachable

    @contextlib.contextmanager
    def _in_time(self, seconds: float) -> Iterator[None]:
        if isinstance(self._connection, EmailBackend):
            with self._connection.talk.within(seconds):
                yield
        else:
            yield

    def _open(self) -> None:
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
        with contextlib.suppress(OSError), self._in_time(settings.EMAIL_TIMEOUT):
            self._connection.close()
        self._connection = get_connection()


def _address(delivery: Delivery) -> str:
    address = delivery.colleague.email
    try:
        validate_email(address)
    except ValidationError as unsound:
        raise Refused("bad_address", repr(address), final=True) from unsound
    if SuppressedAddress.objects.standing().of(address).exists():
        raise Refused("suppressed", f"mails to {address} came back", final=True)
    return address


def _said(code: int, text: bytes | str, *, final: bool = False) -> Refused:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    retry = Retry.QUICK if code in PASSING else Retry.SLOW
    return Refused(f"smtp_{code}", words, final=final, retry=retry)


def _silent(failure: OSError) -> Refused:
    return Refused("unreachable", str(failure) or repr(failure), retry=Retry.QUICK)
