"""Returned mails as mail servers write them."""

from crm import return_path
from crm.models import Delivery

DOMAIN = "bounces.bank.test"


def dsn(
    delivery: Delivery,
    *,
    status: str = "5.1.1",
    action: str = "failed",
    said: str = "550 5.1.1 <ann@bank.test>: Recipient address rejected: User unknown",
    address: str = "",
    back_to: str = "",
) -> bytes:
    """A delivery status notification of RFC 3464, as Postfix writes it."""
    address = address or delivery.colleague.email
    back_to = back_to or return_path.of(delivery.pk, delivery.colleague.email)
    return f"""\
Return-Path: <>
Delivered-To: {back_to}
From: MAILER-DAEMON@mail.bank.test (Mail Delivery System)
To: {back_to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.bank.test
Arrival-Date: Wed, 18 Nov 2026 10:00:00 +0800

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--b
Content-Type: message/rfc822

From: crm@demo.test
To: {address}
Subject: hello
Message-ID: {delivery.message_id}

hello
--b--
""".replace("\n", "\r\n").encode()


def qmail(delivery: Delivery) -> bytes:
    """A report without any structure, as qmail writes it."""
    return f"""\
Return-Path: <>
To: {return_path.of(delivery.pk, delivery.colleague.email)}
From: MAILER-DAEMON@mx.bank.test
Subject: failure notice

Hi. This is the qmail-send program at mx.bank.test.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{delivery.colleague.email}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.
""".encode()


def holiday(delivery: Delivery) -> bytes:
    """An answer by a machine, which is no failure."""
    return f"""\
To: {return_path.of(delivery.pk, delivery.colleague.email)}
From: {delivery.colleague.email}
Subject: Out of office
Auto-Submitted: auto-replied

I am away until Monday.
""".encode()
