"""Mails for the eye: written in MJML, made into HTML that every mail program shows alike.

MJML says what a mail consists of; mrml turns it into the tables and conditional comments that
Outlook, QQ and Gmail need. A template goes through Django first, so that words are translated and
what people typed is escaped.
"""

import re
from collections.abc import Mapping
from typing import Any

import mrml
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language

_NO_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BETWEEN_TAGS = re.compile(r">\s*\n\s*<")
REPLACEMENT = "\ufffd"


def page(template: str, context: Mapping[str, Any]) -> str:
    """The HTML of a mail, in the active language.

    Nothing is fetched for it: an include from elsewhere is refused by mrml's own default.
    """
    always = {
        "language": get_language(),
        "my_notifications": f"{settings.PUBLIC_URL}{reverse('my-notifications')}",
    }
    written = render_to_string(template, {**always, **context})
    # What no XML may hold would end the mail; a name that was pasted with it must not.
    sound = _NO_CHARACTERS.sub(REPLACEMENT, written)
    html: str = mrml.to_html(sound).content
    return _BETWEEN_TAGS.sub("><", html)
