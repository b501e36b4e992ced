"""Twenty kinds of mistakes that people make in lists, and what each of them is told."""

from pathlib import Path

from crm.domain.sheets import FileFormat
from merchants.domain import sample_lists

EXPECTED: dict[str, tuple[str, str]] = {
    "no name": ("name", "name_required"),
    "a name without a letter": ("name", "name_required"),
    "a name that is too long": ("name", "too_long"),
    "half a credit code": ("credit_code", "credit_code_length"),
    "a credit code with the letter O": ("credit_code", "credit_code_characters"),
    "a wrong check digit": ("credit_code", "credit_code_check_digit"),
    "a category that does not exist": ("mcc", "mcc_unknown"),
    "a category that is prohibited": ("mcc", "mcc_prohibited"),
    "a district that does not exist": ("division", "division_unknown"),
    "a source that is no word of ours": ("source", "source_unknown"),
    "a phone nobody can dial": ("contact_phone", "phone_invalid"),
    "a person without a lawful basis": ("lawful_basis", "lawful_basis_required"),
    "a lawful basis that does not exist": ("lawful_basis", "lawful_basis_unknown"),
    "a contract with an employee": ("lawful_basis", "contract_needs_sole_proprietor"),
    "a phone of nobody": ("contact_name", "contact_needs_name"),
    "an address of no outlet": ("outlet_name", "outlet_needs_name"),
    "a formula": ("name", "cell_not_a_value"),
    "a cell that is too long": ("address", "cell_too_long"),
    "more cells than columns": ("", "too_many_cells"),
    "an outlet name that is too long": ("outlet_name", "too_long"),
}
"""The column and the code, by the mistake."""


def file(name: str, count: int, broken: int) -> bytes:
    """The demo file: `list.csv` in UTF-8, `list.gb.csv` in GB18030, or `list.xlsx`."""
    if name.endswith(".xlsx"):
        return sample_lists.written(FileFormat.XLSX, count=count, broken=broken)
    content = sample_lists.written(FileFormat.CSV, count=count, broken=broken)
    return content.decode("utf-8-sig").encode("gb18030") if ".gb." in name else content


def expected(count: int, broken: int) -> list[tuple[int, str, str]]:
    """Row, column and code of every broken row, as the spreadsheet numbers them."""
    return [
        (number, *EXPECTED[mistake])
        for number, (_row, mistake) in enumerate(sample_lists.rows(count, broken), 2)
        if mistake
    ]


def write(folder: Path, name: str, count: int, broken: int) -> Path:
    path = folder / name
    path.write_bytes(file(name, count, broken))
    return path
