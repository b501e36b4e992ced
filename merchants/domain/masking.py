"""What everybody may read of a person: enough to tell people apart, not enough to reach them.

Source: JR/T 0171 for phones (138****8000); the family name alone for names.
"""

ERASED = "*"
"""What is shown instead of the name of somebody whose data were erased."""


def name(full_name: str) -> str:
    """`张三` → `张*`: the first character, however long the rest is."""
    plain = full_name.strip()
    return f"{plain[:1]}*"


def email(address: str) -> str:
    """`zhang.san@qq.com` → `z***@qq.com`."""
    if not address:
        return ""
    local, _at, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}"
