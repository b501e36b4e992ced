"""What phones need to know of merchants beforehand."""

from crm import meta
from merchants.models import CategoryGroup, ImportMode, LawfulBasis, MerchantSource, RowOutcome

meta.enumeration("category_group", CategoryGroup)
meta.enumeration("import_mode", ImportMode)
meta.enumeration("import_row_outcome", RowOutcome)
meta.enumeration("lawful_basis", LawfulBasis)
meta.enumeration("merchant_source", MerchantSource)
