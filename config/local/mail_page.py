"""The page on which the mails that the local catcher kept are read. Demo only."""

from pathlib import Path

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from config.local.mailbox import Mailbox, NoSuchMessage
from crm.admin.site import has_a_role, page, viewer


def show(request: HttpRequest, identifier: str = "") -> HttpResponse:
    """The list of mails, or one of them in a frame that may do nothing."""
    if not settings.MAILBOX:
        raise Http404
    if not has_a_role(viewer(request)):
        raise PermissionDenied
    mailbox = Mailbox(Path(settings.MAILBOX))
    try:
        mail = mailbox.message(identifier) if identifier else None
    except NoSuchMessage:
        raise Http404 from None
    mails = [] if mail else mailbox.messages()
    return page(request, "crm/mails.html", title=_("Mail catcher"), mail=mail, mails=mails)
