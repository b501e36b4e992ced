"""The questions of the needs interview and the usual capabilities: read by all, kept by leaders."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm.admin.base import RoomAdmin
from crm.admin.filters import choices_of
from crm.admin.site import viewer
from crm.models import User
from leads import policies
from leads.domain import questions
from leads.models import CapabilityTemplate, Cell, GridQuestion, QuestionSet


class _Wording(RoomAdmin):
    ordering: tuple[str, ...] = ("question_set", "position")

    def may_change(self, user: User, row: Any) -> bool:
        return policies.may_word_questions(user)

    @admin.display(description=_("text"))
    def text_shown(self, row: Any) -> str:
        text: str = row.text
        return text

    def changes(self, form: Any) -> dict[str, Any]:
        """What was changed in the form."""
        return {
            name: form.cleaned_data[name]
            for name in form.changed_data
            if name in self.change_fields
        }


@admin.register(GridQuestion)
class QuestionAdmin(_Wording):
    list_display = ("text_shown", "question_set", "cell", "position", "active")
    list_filter = (
        choices_of("question_set", _("kind of shop"), QuestionSet),
        choices_of("cell", _("cell of the grid"), Cell),
    )
    search_fields = ("text_en", "text_zh")
    ordering = ("question_set", "cell", "position")
    add_fields = ("question_set", "cell", "position", "text_en", "text_zh")
    change_fields = ("text_en", "text_zh", "active")
    shown_fields = ("question_set", "cell", "position", "version")

    def may_add(self, user: User) -> bool:
        return policies.may_word_questions(user)

    def write(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> GridQuestion:
        given = dict(form.cleaned_data)
        version = given.pop("read_version", None)
        me, at = viewer(request), self.now()
        if change:
            return questions.reword(row.pk, self.changes(form), by=me, at=at, version=version)
        return questions.write(row.pk, by=me, at=at, **given)


@admin.register(CapabilityTemplate)
class CapabilityAdmin(_Wording):
    list_display = ("text_shown", "question_set", "position", "covered", "active")
    list_filter = (choices_of("question_set", _("kind of shop"), QuestionSet),)
    search_fields = ("text_en", "text_zh")
    change_fields = ("text_en", "text_zh", "covered", "active")
    shown_fields = ("question_set", "position", "version")

    def write(
        self, request: HttpRequest, row: Any, form: Any, *, change: bool
    ) -> CapabilityTemplate:
        return questions.reword_capability(
            row.pk,
            self.changes(form),
            by=viewer(request),
            at=self.now(),
            version=form.cleaned_data.get("read_version"),
        )
