"""Collecting the thorough trial reads the whole schema once more; only `--slow` asks for it."""

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    thorough = collection_path.name == "test_api_thoroughly.py"
    return True if thorough and not config.getoption("--slow") else None
