"""What phones need to know of merchants beforehand."""

from crm import meta
from crm.domain.sheets import FileFormat
from crm.models import JobPhase, JobState
from merchants.models import CategoryGroup, ImportMode, LawfulBasis, MerchantSource, RowOutcome

meta.enumeration("category_group", CategoryGroup)
meta.enumeration("import_mode", ImportMode)
meta.enumeration("import_row_outcome", RowOutcome)
meta.enumeration("file_format", FileFormat)
meta.enumeration("job_phase", JobPhase)
meta.enumeration("job_state", JobState)
meta.enumeration("lawful_basis", LawfulBasis)
meta.enumeration("merchant_source", MerchantSource)
