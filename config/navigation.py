"""The admin's sidebar (filled in by the admin rooms)."""

from typing import Any

SIDEBAR: dict[str, Any] = {
    "show_search": True,
    "show_all_applications": False,
    "navigation": [],
}
