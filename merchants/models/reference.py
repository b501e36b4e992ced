"""Reference data: merchant category codes (ISO 18245) and divisions (GB/T 2260)."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class CategoryGroup(models.TextChoices):
    """The scenarios of card marketing: 餐 娱 百货 行 住 生活."""

    DINING = "dining", _("Dining")
    ENTERTAINMENT = "entertainment", _("Entertainment")
    RETAIL = "retail", _("Retail")
    TRAVEL = "travel", _("Travel")
    LODGING = "lodging", _("Lodging")
    LIFESTYLE = "lifestyle", _("Lifestyle")


class MerchantCategory(models.Model):
    """A merchant category code, with its Chinese label."""

    code = models.CharField(_("MCC"), max_length=4, primary_key=True)
    label_en = models.CharField(_("English label"), max_length=200)
    label_zh = models.CharField(_("Chinese label"), max_length=200)
    category_group = models.CharField(_("category group"), max_length=20, choices=CategoryGroup)
    prohibited = models.BooleanField(_("prohibited"), default=False)

    class Meta:
        verbose_name = _("merchant category")
        verbose_name_plural = _("merchant categories")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"

    @property
    def label(self) -> str:
        return self.label_en if get_language() == "en" else self.label_zh


class Division(models.Model):
    """An administrative division of China that is valid today."""

    code = models.CharField(_("division code"), max_length=6, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    full_name = models.CharField(_("full name"), max_length=120)
    level = models.PositiveSmallIntegerField(_("level"))

    class Meta:
        verbose_name = _("division")
        verbose_name_plural = _("divisions")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.full_name
