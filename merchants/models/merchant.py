"""The merchant: a legal entity or a sole proprietor that cardholders buy from."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import TrigramSimilarity
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Row, RowQuerySet, User
from merchants.models import searching
from merchants.models.reference import CategoryGroup


class MerchantSource(models.TextChoices):
    FIELD = "field", _("Field visit")
    PUBLIC_REGISTRY = "public_registry", _("Public registry")
    REFERRAL = "referral", _("Referral")
    BRANCH = "branch", _("Branch")
    IMPORT = "import", _("Import")


class LegalForm(models.TextChoices):
    """Who stands behind the name: a company, or one person (个体工商户)."""

    LEGAL_ENTITY = "legal_entity", _("Legal entity")
    SOLE_PROPRIETOR = "sole_proprietor", _("Sole proprietor")


class LicenceStatus(models.TextChoices):
    """What the register of companies says of the licence."""

    UNKNOWN = "unknown", _("Not checked")
    OPEN = "open", pgettext_lazy("licence", "Open")
    CLOSED = "closed", _("Closed")
    LIQUIDATION = "liquidation", _("In liquidation")
    REVOKED = "revoked", _("Revoked")


class MerchantTier(models.TextChoices):
    """How much a merchant matters to the branch."""

    A = "a", "A"
    B = "b", "B"
    C = "c", "C"


def those_seen_by(user: User, *, of: str = "") -> Q:
    """The merchants that one sees who does not see everything, as a condition on their columns.

    `of` is the path from what points at them (`merchant__`): a list of all merchants of a branch
    would be read anew for every row.
    """
    scope = user.scope
    seen = Q(**{f"{of}owner": user})
    if scope.pool:
        seen |= Q(**{f"{of}owner": None, f"{of}unit__any_of": scope.pool})
    if scope.seen:
        seen |= Q(**{f"{of}unit__any_of": scope.seen})
    return seen


class MerchantQuerySet(RowQuerySet["Merchant"]):
    def visible_to(self, user: User) -> Self:
        """One's own merchants, the unowned ones of one's branch, and all below what one reads."""
        return self.all() if user.scope.sees_everything else self.filter(those_seen_by(user))

    def looked_after_by(self, user: User) -> Self:
        """One's own merchants, and all below what one reads: not the pool, into which a rep may
        look without reading what is settled there."""
        scope = user.scope
        if scope.sees_everything:
            return self.all()
        return self.filter(Q(owner=user) | Q(unit__any_of=scope.seen))

    def for_change(self) -> Self:
        """As everywhere, but without the search columns: they are long, and only registration
        writes them."""
        return super().for_change().defer("search_grams", "search_text")

    def with_credit_code(self, code: str) -> Self:
        return self.filter(credit_code=code)

    def called(self, normalised_name: str, division: str | None) -> Self:
        """Of this name, however it is written, in this district (or in none, as this one)."""
        return self.filter(normalised_name=normalised_name, division=division)

    def with_a_name_like(self, normalised_name: str) -> Self:
        """Of a name whose trigrams are mostly the same, each with its `similarity`.

        How much is mostly, `pg_trgm.similarity_threshold` says; the trigram index is used.
        """
        return self.filter(normalised_name__trigram_similar=normalised_name).annotate(
            similarity=TrigramSimilarity("normalised_name", normalised_name)
        )

    def matching(self, text: str) -> Self:
        """Found by part of the name, pinyin, initials, credit code, or the tail of a phone; in no
        particular order, for lists of what hangs on merchants."""
        looked_for = searching.wanted(text)
        if looked_for is None:
            return self.none()
        found = self.filter(looked_for.holds)
        if searching.may_be_a_phone(looked_for):
            # One IN over a union, because OR between two tables would read them both whole.
            by_phone = self._ids_by_phone(looked_for.text)
            return self.filter(pk__in=found.values("pk").union(by_phone))
        return found

    def best_first(self, text: str) -> list[Self]:
        """What the search box finds, in tiers, the best first: see `searching`."""
        return searching.tiers(self, text, self._ids_by_phone)

    def _ids_by_phone(self, tail: str) -> models.QuerySet[Any, Any]:
        from merchants.models.contact import Contact

        return Contact.objects.with_phone_tail(tail).values("merchant_id")


class Merchant(Row):
    """A merchant, owned by one rep at a time or by nobody (then it is in the branch's pool)."""

    name = models.CharField(_("name"), max_length=200)
    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    brand = models.CharField(_("brand"), max_length=100, blank=True)
    legal_form = models.CharField(
        _("legal form"), max_length=20, choices=LegalForm, default=LegalForm.LEGAL_ENTITY
    )
    credit_code = models.CharField(
        _("unified social credit code"),
        max_length=18,
        null=True,
        blank=True,
        db_collation="C",
    )
    credit_code_override = models.CharField(
        _("why this code is accepted"), max_length=300, blank=True
    )
    """Written by a branch manager or compliance, for a code that does not pass the check."""
    licence_status = models.CharField(
        _("licence status"), max_length=12, choices=LicenceStatus, default=LicenceStatus.UNKNOWN
    )
    licence_checked_on = models.DateField(_("licence checked on"), null=True, blank=True)
    licence_source = models.CharField(_("licence checked at"), max_length=100, blank=True)
    category = models.ForeignKey(
        "merchants.MerchantCategory",
        verbose_name=_("MCC"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    category_group = models.CharField(
        _("category group"), max_length=20, choices=CategoryGroup, blank=True
    )
    division = models.ForeignKey(
        "merchants.Division",
        verbose_name=_("district"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    source = models.CharField(
        _("source"), max_length=20, choices=MerchantSource, default=MerchantSource.FIELD
    )
    accessed_on = models.DateField(_("source read on"), null=True, blank=True)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("head of the chain"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="members",
        db_index=False,
    )
    tier = models.CharField(_("tier"), max_length=1, choices=MerchantTier, blank=True)
    monthly_turnover_fen = models.BigIntegerField(
        _("monthly turnover (fen)"), null=True, blank=True
    )
    unit = models.ForeignKey(
        "crm.OrgUnit",
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        related_name="merchants",
        db_index=False,
    )
    owner = models.ForeignKey(
        "crm.User",
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merchants",
        db_index=False,
    )

    # Written by registration, from the name; never typed. Compared by code points, whatever the
    # database's own collation is: in no other are beginnings found by an index.
    normalised_name = models.CharField(max_length=200, editable=False, db_collation="C")
    name_pinyin = models.CharField(_("pinyin"), max_length=400, editable=False, db_collation="C")
    name_initials = models.CharField(
        _("initials"), max_length=200, editable=False, db_collation="C"
    )
    search_grams = ArrayField(models.TextField(), editable=False, default=list)
    search_text = models.TextField(editable=False, default="")

    objects = MerchantQuerySet.as_manager()

    class Meta:
        verbose_name = _("merchant")
        verbose_name_plural = _("merchants")
        ordering = ["-created_at", "-id"]
        indexes = [
            # What is written waits in a list that every search reads through: keep it short.
            GinIndex(fields=["search_grams"], name="merchant_grams", gin_pending_list_limit=256),
            GinIndex(
                OpClass(F("search_text"), name="gin_trgm_ops"),
                name="merchant_text",
                gin_pending_list_limit=256,
            ),
            GinIndex(
                OpClass(F("normalised_name"), name="gin_trgm_ops"),
                name="merchant_similar_name",
                gin_pending_list_limit=256,
            ),
            models.Index(fields=["normalised_name", "division"], name="merchant_by_name"),
            models.Index(fields=["-created_at", "-id"], name="merchant_newest"),
            models.Index(fields=["owner", "-created_at", "-id"], name="merchant_of_owner"),
            models.Index(fields=["unit", "-created_at", "-id"], name="merchant_of_unit"),
            models.Index(fields=["name_pinyin", "id"], name="merchant_by_pinyin"),
            models.Index(
                fields=["parent"], name="merchant_of_chain", condition=Q(parent__isnull=False)
            ),
            models.Index(searching.SOUND, "id", name="merchant_by_sound"),
            models.Index("category", searching.SOUND, "id", name="merchant_of_category"),
        ]
        constraints = [
            models.UniqueConstraint(
                "credit_code",
                name="merchant_credit_code_once",
                violation_error_code="merchant_exists",
                violation_error_message=_("A merchant with this credit code exists already."),
            ),
            models.UniqueConstraint(
                "normalised_name",
                "division",
                name="merchant_name_once_per_district",
                condition=Q(credit_code=None),
                nulls_distinct=False,
                violation_error_code="merchant_exists",
                violation_error_message=_(
                    "A merchant of this name exists in this district already."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="merchant_has_a_name",
                violation_error_code="name_required",
                violation_error_message=_("A merchant needs a name."),
            ),
            models.CheckConstraint(
                condition=Q(credit_code=None)
                | Q(credit_code__startswith="92", legal_form=LegalForm.SOLE_PROPRIETOR)
                | (~Q(credit_code__startswith="92") & Q(legal_form=LegalForm.LEGAL_ENTITY)),
                name="merchant_legal_form_follows_code",
                violation_error_code="legal_form_differs",
                violation_error_message=_(
                    "A credit code that begins with 92 is a sole proprietor's, and no other is."
                ),
            ),
            models.CheckConstraint(
                condition=Q(licence_status=LicenceStatus.UNKNOWN)
                | (Q(licence_checked_on__isnull=False) & ~Q(licence_source="")),
                name="merchant_licence_was_checked_somewhere",
                violation_error_code="licence_details_required",
                violation_error_message=_("Say when and where the licence was checked."),
            ),
            models.CheckConstraint(
                condition=~Q(source=MerchantSource.PUBLIC_REGISTRY) | Q(accessed_on__isnull=False),
                name="merchant_public_source_has_a_day",
                violation_error_code="access_date_required",
                violation_error_message=_("Say on which day the public source was read."),
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("id")),
                name="merchant_is_not_its_own_head",
                violation_error_code="parent_cyclic",
                violation_error_message=_("A merchant cannot stand above itself in a chain."),
            ),
            models.CheckConstraint(
                condition=Q(monthly_turnover_fen=None) | Q(monthly_turnover_fen__range=(0, 10**13)),
                name="merchant_turnover_is_sound",
                violation_error_code="turnover_out_of_range",
                violation_error_message=_(
                    "The monthly turnover is between zero and 100 billion yuan."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name
