"""The page for the merchant fills one sheet of A4, however much was written on it."""

import os
import re
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from leads import proposal_sheet
from leads.models import Lead
from tests import factories
from tests.conftest import Cast
from tests.leads.proposal_desk import drafted, newest

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
LONG: dict[str, Any] = {
    "pain_words": "周一到周四晚上总有十来桌空着，厨师和服务员都在干等。" * 50,
    "title": "工作日晚餐满一百减二十" * 9,
    "next_steps": "\n".join(["请您看过方案，告诉我们哪里要改。" * 12] * 9),
    "uses_per_customer_month": 4,
    "uses_per_customer": 20,
    "uses_per_day": 100,
    "uses_in_total": 5_000,
}


@pytest.mark.parametrize("language", proposal_sheet.LANGUAGES)
@pytest.mark.parametrize("said", [{}, LONG], ids=["usual", "long"])
def test_it_is_one_sheet(
    said: dict[str, Any], language: str, cast: Cast, at: datetime, tmp_path: Path
) -> None:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}: name one in CHROMIUM")
    name = "上海浦江东岸老字号本帮菜馆（陆家嘴滨江大道旗舰店）" * (7 if said else 1)
    merchant = factories.MerchantFactory(name=name, unit=cast.xuhui, owner=cast.ann)
    lead: Lead = factories.LeadFactory(merchant=merchant, owner=cast.ann)
    proposal = drafted(lead, by=cast.ann, at=at, **said)
    page, paper = tmp_path / "page.html", tmp_path / "paper.pdf"
    page.write_text(proposal_sheet.written(proposal, newest(proposal), language=language))
    subprocess.run(
        [
            str(CHROMIUM),
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-pdf-header-footer",
            f"--user-data-dir={tmp_path / 'profile'}",
            f"--print-to-pdf={paper}",
            page.as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    printed = paper.read_bytes()
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1
    sizes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)", printed)
    assert [(round(float(wide)), round(float(high))) for wide, high in sizes] == [(595, 842)]
