"""The mail of a delivery, as it goes over the line.

    mixed
    ├── alternative
    │   ├── plain text
    │   └── related
    │       ├── HTML
    │       └── pictures that the HTML shows (cid:)
    └── attachments

Where there are no attachments or no pictures, their level is left out.
"""

from email.encoders import encode_base64
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import translation

from crm import mail_html, return_path, unsubscribing
from crm.models import Delivery, DeliveryPart


class DeliveryMail(EmailMultiAlternatives):
    """A mail whose HTML may show pictures that travel with it."""

    def __init__(self, *args: object, pictures: list[DeliveryPart], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.pictures = pictures

    def message(self) -> Message:  # type: ignore[override]
        whole: Message = super().message()
        if self.pictures:
            _relate(whole, self.pictures)
        return whole


def _relate(whole: Message, pictures: list[DeliveryPart]) -> None:
    """Put the HTML and its pictures into one part."""
    for parent in [part for part in whole.walk() if part.is_multipart()]:
        children = parent.get_payload()
        assert isinstance(children, list)
        for place, child in enumerate(children):
            if child.get_content_type() == "text/html":
                related = MIMEMultipart("related", type="text/html")
                related.attach(child)
                for picture in pictures:
                    related.attach(_picture(picture))
                children[place] = related
                return


def _picture(part: DeliveryPart) -> MIMEBase:
    main, _slash, sub = part.content_type.partition("/")
    picture = MIMEBase(main, sub)
    picture.set_payload(bytes(part.content))
    encode_base64(picture)
    picture.add_header("Content-ID", f"<{part.content_id.strip('<>')}>")
    picture.add_header("Content-Disposition", "inline", filename=("utf-8", "", part.name))
    return picture


def message(
    delivery: Delivery, address: str, connection: BaseEmailBackend | None = None
) -> DeliveryMail:
    """The mail of a delivery to one address: plain text, HTML beside it, and what it carries."""
    link = f"{settings.PUBLIC_URL}{delivery.link}" if delivery.link else ""
    parts = list(delivery.parts.order_by("id"))
    sender = settings.DEFAULT_FROM_EMAIL
    mail = DeliveryMail(
        subject=_one_line(delivery.subject),
        body=f"{delivery.text}\n\n{link}\n" if link else delivery.text,
        # The envelope's sender, to whom returned mails go; readers see the header From.
        from_email=return_path.of(delivery.pk, address) or sender,
        to=[address],
        headers={
            "From": sender,
            "Message-ID": delivery.message_id,
            "X-CRM-Delivery": str(delivery.pk),
            "Auto-Submitted": "auto-generated",
            "List-Id": f"<{delivery.kind}.{urlsplit(settings.PUBLIC_URL).hostname}>",
            **unsubscribing.unsubscribe_headers(delivery.colleague, delivery.kind),
        },
        connection=connection,
        pictures=[part for part in parts if part.content_id],
    )
    mail.attach_alternative(delivery.html or _html(delivery, link), "text/html")
    for part in parts:
        if not part.content_id:
            mail.attach(_one_line(part.name), bytes(part.content), part.content_type)
    return mail


def _one_line(text: str) -> str:
    """A line break would begin another header."""
    return " ".join(text.split())


def _html(delivery: Delivery, link: str) -> str:
    with translation.override(delivery.colleague.language):
        return mail_html.page(
            "crm/mail/message.mjml",
            {"subject": delivery.subject, "text": delivery.text, "link": link},
        )
