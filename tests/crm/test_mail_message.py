"""The mail of a delivery, taken apart again by the standard library."""

import email
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest

from crm import return_path
from crm.channels.mail_message import message
from crm.models import Delivery, DeliveryPart
from tests import factories

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def delivered(**values: Any) -> Delivery:
    person = factories.UserFactory(email="ann@bank.test", full_name="安")
    row: Delivery = factories.DeliveryFactory(recipient=person, **values)
    return row


def read(row: Delivery) -> EmailMessage:
    """The mail as a reader's program gets it."""
    content = message(row, row.colleague.email).message().as_bytes(linesep="\r\n")
    parsed = email.message_from_bytes(content, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    assert not [part.defects for part in parsed.walk() if part.defects]
    return parsed


def tree(part: Any) -> Any:
    if part.is_multipart():
        return {part.get_content_type(): [tree(one) for one in part.iter_parts()]}
    return part.get_content_type()


def chart(row: Delivery) -> DeliveryPart:
    return DeliveryPart.objects.create(
        delivery=row, name="漏斗.png", content_type="image/png", content_id="funnel", content=PNG
    )


def sheet(row: Delivery) -> DeliveryPart:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return DeliveryPart.objects.create(
        delivery=row, name="周报 2026-W47.xlsx", content_type=kind, content=b"PK\x03\x04sheet"
    )


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PLAIN = {"multipart/alternative": ["text/plain", "text/html"]}
PICTURED = {
    "multipart/alternative": ["text/plain", {"multipart/related": ["text/html", "image/png"]}]
}


@pytest.mark.parametrize(
    ("carries", "expected"),
    [
        pytest.param([], PLAIN, id="text"),
        pytest.param([chart], PICTURED, id="picture"),
        pytest.param([sheet], {"multipart/mixed": [PLAIN, XLSX]}, id="attachment"),
        pytest.param([chart, sheet], {"multipart/mixed": [PICTURED, XLSX]}, id="both"),
        pytest.param([sheet, chart], {"multipart/mixed": [PICTURED, XLSX]}, id="other-order"),
    ],
)
def test_a_mail_has_the_tree_that_mail_programs_expect(carries: Any, expected: Any) -> None:
    row = delivered(html='<p>跟进</p><img src="cid:funnel">')
    for part in carries:
        part(row)
    assert tree(read(row)) == expected


def test_pictures_and_attachments_arrive_as_they_were_with_their_names() -> None:
    row = delivered(html='<img src="cid:funnel">')
    chart(row), sheet(row)
    parts = {part.get_content_type(): part for part in read(row).walk()}
    picture, attached = parts["image/png"], parts[XLSX]
    assert picture.get_content() == PNG
    assert (picture["Content-ID"], picture.get_content_disposition()) == ("<funnel>", "inline")
    assert picture.get_filename() == "漏斗.png"
    assert attached.get_content() == b"PK\x03\x04sheet"
    assert attached.get_content_disposition() == "attachment"
    assert attached.get_filename() == "周报 2026-W47.xlsx"
    assert parts["multipart/related"].get_param("type") == "text/html"


def test_a_mail_says_what_it_is_and_that_a_machine_wrote_it() -> None:
    row = delivered(subject="跟进提醒\r\nBcc: other@bank.test", link="/admin/today/")
    mail = read(row)
    assert mail["Message-ID"] == row.message_id
    assert mail["X-CRM-Delivery"] == str(row.pk)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "<follow_up_due.127.0.0.1>"
    assert mail["Subject"] == "跟进提醒 Bcc: other@bank.test"
    assert mail["Bcc"] is None
    assert (mail["To"], mail["From"]) == ("ann@bank.test", "crm@demo.test")
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines()[-1].endswith("/admin/today/")


def test_a_reader_can_switch_this_kind_of_mail_off_from_the_mail_program() -> None:
    mail = read(delivered(kind="follow_up_due"))
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = mail["List-Unsubscribe"].strip()
    assert address.startswith("<http")
    assert address.endswith(">")
    assert "/unsubscribe/" in address
    assert " " not in address, "a long address is not folded in its middle"


def test_the_foot_of_a_mail_leads_to_where_its_reader_chooses() -> None:
    html = read(delivered(kind="follow_up_due")).get_body(("html",))
    assert html is not None
    assert 'href="http://127.0.0.1:8000/admin/my-notifications/"' in html.get_content()


def test_every_try_of_a_mail_is_alike_and_a_revision_is_another_mail() -> None:
    row = delivered()
    first = read(row)["Message-ID"]
    row.attempts = 4
    assert read(row)["Message-ID"] == first
    row.revision = 2
    assert read(row)["Message-ID"] != first


def test_returned_mails_have_an_address_of_their_own_and_readers_see_the_usual_sender(
    settings: Any,
) -> None:
    settings.BOUNCE_DOMAIN = "bounces.bank.test"
    row = delivered()
    mail = message(row, row.colleague.email)
    assert mail.from_email == return_path.of(row.pk, "ann@bank.test")
    assert mail.from_email.startswith(f"bounce+{row.pk.hex}.")
    assert mail.from_email.endswith("@bounces.bank.test")
    assert len(mail.from_email.partition("@")[0]) <= 64, "RFC 5321: the longest local part"
    assert mail.recipients() == ["ann@bank.test"]
    assert read(row)["From"] == "crm@demo.test"


def test_without_a_domain_for_them_returned_mails_go_to_the_sender() -> None:
    row = delivered()
    assert message(row, row.colleague.email).from_email == "crm@demo.test"
