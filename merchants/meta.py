"""What phones need to know of merchants beforehand."""

from crm import meta
from merchants.models import CategoryGroup, DuplicateKind, LawfulBasis, MerchantSource

meta.enumeration("category_group", CategoryGroup)
meta.enumeration("duplicate_kind", DuplicateKind)
meta.enumeration("lawful_basis", LawfulBasis)
meta.enumeration("merchant_source", MerchantSource)
