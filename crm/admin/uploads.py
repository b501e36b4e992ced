"""Lists that people bring through a form: kept as files and opened by a verb."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from crm.admin.forms import show
from crm.domain import files
from crm.errors import DomainError
from crm.models import StoredFile, User


def bring_list(
    request: HttpRequest,
    form: forms.Form,
    bring: Callable[[StoredFile, dict[str, Any]], str],
    *,
    by: User,
    at: datetime,
) -> HttpResponse | None:
    """Keep the list in the field `file` and let `bring` open it, which says where to go on; None
    while the form has something to ask or to show."""
    if request.method != "POST" or not form.is_valid():
        return None
    given = form.cleaned_data
    brought = given["file"]
    try:
        content = brought.read(files.LARGEST + 1)
        kept = files.keep(brought.name or "", content, kinds=files.LISTS, by=by, at=at)
        return redirect(bring(kept, given))
    except DomainError as refusal:
        show(form, refusal)
        return None
