"""The font of papers and charts that leave the house (`README.md`)."""

from pathlib import Path

REGULAR = Path(__file__).parent / "NotoSansSC-Regular.ttf"
