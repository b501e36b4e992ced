"""Merchant names in the form in which they are compared and searched.

One shop is written 海底捞火锅(人民广场店) by one clerk and 海底捞火锅（人民广场店） by the
next, and its contract says 海底捞火锅有限公司. Both search and the check for duplicates work on
what is left when such differences are taken away.
"""

import re
import unicodedata

# What a company register appends to a name, the longest first. 集团 and 分公司 say how a business
# is organised, not which it is.
COMPANY_SUFFIXES = (
    "股份有限责任公司",
    "有限责任公司",
    "股份有限公司",
    "有限合伙企业",
    "个体工商户",
    "普通合伙",
    "有限合伙",
    "有限公司",
    "合伙企业",
    "股份公司",
    "总公司",
    "分公司",
    "子公司",
    "公司",
    "集团",
)
LATIN_COMPANY_SUFFIXES = ("company limited", "co ltd", "inc", "llc", "ltd", "corp")

CHINESE_SUFFIX = re.compile(f"(?:{'|'.join(COMPANY_SUFFIXES)})+$")
LATIN_SUFFIX = re.compile(rf"\s+(?:{'|'.join(LATIN_COMPANY_SUFFIXES)})$")

# A branch stands after its company, 海底捞有限公司上海分公司, or in brackets after it. Forms of
# company that never are part of a brand may therefore go wherever they stand.
INNER_SUFFIX = re.compile("股份有限责任公司|有限责任公司|股份有限公司|有限公司")


def normalised(name: str) -> str:
    """Return the name without what clerks write differently: width, case, blanks, punctuation.

    Company suffixes go as well. The name of a branch stays, in brackets or not, because two
    branches of one brand are two shops.
    """
    text = unicodedata.normalize("NFKC", name).lower()
    spaced = "".join(letter if _counts(letter) else " " for letter in text).strip()
    # Punctuation ends a word, so the suffix of "abc co., ltd." is looked for before blanks go.
    shortened = LATIN_SUFFIX.sub("", " ".join(spaced.split())).replace(" ", "")
    shortened = INNER_SUFFIX.sub("", shortened)
    shortened = CHINESE_SUFFIX.sub("", shortened)
    # A name made of nothing but a suffix is still the name that somebody wrote down.
    return shortened or spaced.replace(" ", "")


def grams(text: str) -> list[str]:
    """List the distinct single characters and pairs of neighbours in the normalised text.

    They go into an array column with a GIN index, so a search for two Chinese characters, too
    short for the trigrams of the database, needs no walk through all merchants. A search asks for
    rows that hold all grams of its own text and then looks at the text itself.
    """
    plain = normalised(text)
    pairs = (plain[start : start + 2] for start in range(len(plain) - 1))
    return sorted({*plain, *pairs})


def _counts(letter: str) -> bool:
    """Tell letters, digits and the marks that belong to letters from blanks and punctuation."""
    return unicodedata.category(letter)[0] in "LNM"
