"""People who work in the product, and the roles they hold at nodes of the organisation."""

from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from crm.models.base import Row, RowQuerySet

if TYPE_CHECKING:
    from crm.scope import Scope


class Role(models.TextChoices):
    """What a person may do at a node, and therefore below it."""

    REP = "rep", _("Field rep")
    TEAM_LEAD = "team_lead", _("Team lead")
    BRANCH_MANAGER = "branch_manager", _("Branch manager")
    PLANNER = "planner", _("Campaign planner")
    FINANCE = "finance", _("Finance")
    COMPLIANCE = "compliance", _("Compliance")
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("Administrator")


class UserQuerySet(RowQuerySet["User"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def signing_in_as(self, name: str) -> Self:
        """The person behind an e-mail address (any case) or an employee number."""
        name = name.strip()
        return self.filter(
            Q(email__iexact=name) if "@" in name else Q(employee_number=name.upper())
        )

    def visible_to(self, user: "User") -> Self:
        """Oneself, and everybody who works below a node that one oversees."""
        scope = user.scope
        return self.filter(
            Q(pk=user.pk)
            | Q(pk__in=Membership.objects.filter(unit__any_of=scope.seen).values("user"))
        )

    def holding(self, *roles: Role) -> Self:
        """People who hold one of the roles somewhere."""
        return self.filter(memberships__role__in=roles).distinct()


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    use_in_migrations = False

    def create_user(self, email: str, password: str | None = None, **values: Any) -> "User":
        user: User = self.model(email=email.strip().lower(), **values)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **values: Any) -> "User":
        values |= {"is_staff": True, "is_superuser": True}
        return self.create_user(email, password, **values)


class Language(models.TextChoices):
    CHINESE = "zh-hans", "简体中文"
    ENGLISH = "en", "English"


class User(Row, AbstractBaseUser, PermissionsMixin):
    """A colleague. Signs in by e-mail or employee number; has one full name, family name first."""

    email = models.EmailField(_("e-mail"), unique=True)
    employee_number = models.CharField(
        _("employee number"), max_length=32, null=True, blank=True, default=None
    )
    full_name = models.CharField(_("full name"), max_length=100)
    language = models.CharField(
        _("language"), max_length=8, choices=Language, default=Language.CHINESE
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(
        _("may use the admin"),
        default=True,
        help_text=_("People who only use a phone need not."),
    )

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = _("colleague")
        verbose_name_plural = _("colleagues")
        ordering = ["full_name", "id"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once_in_any_case",
                violation_error_code="email_taken",
                violation_error_message=_("A colleague with this e-mail address exists."),
            ),
            models.UniqueConstraint(
                "employee_number",
                name="user_employee_number_once",
                violation_error_code="employee_number_taken",
                violation_error_message=_("A colleague with this employee number exists."),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name

    @property
    def scope(self) -> "Scope":
        """Which nodes this person works at and oversees; read once per loaded user."""
        if not hasattr(self, "_scope"):
            from crm.scope import Scope

            self._scope = Scope.of(self)
        return self._scope


class MembershipQuerySet(RowQuerySet["Membership"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)


class Membership(Row):
    """One person holds one role at one node of the organisation."""

    user = models.ForeignKey(
        User,
        verbose_name=_("colleague"),
        on_delete=models.CASCADE,
        related_name="memberships",
    )
    unit = models.ForeignKey(
        "crm.OrgUnit",
        verbose_name=_("unit"),
        on_delete=models.PROTECT,
        related_name="memberships",
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                "user",
                "unit",
                "role",
                name="membership_once",
                violation_error_code="membership_exists",
                violation_error_message=_("This colleague holds this role there already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.unit}"
