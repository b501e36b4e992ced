"""What phones need to know of merchants beforehand."""

from crm import meta
from merchants.models import BankProduct, CategoryGroup, LawfulBasis, MerchantSource

meta.enumeration("bank_product", BankProduct)
meta.enumeration("category_group", CategoryGroup)
meta.enumeration("lawful_basis", LawfulBasis)
meta.enumeration("merchant_source", MerchantSource)
