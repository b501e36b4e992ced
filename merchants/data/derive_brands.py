"""Derive ``brands.csv``: Chinese merchant brands, each with its MCC and category group.

Run it as ``python merchants/data/derive_brands.py PATH/TO/name-suggestion-index`` with the unpacked
npm package. The output depends on the package alone, so two runs write the same bytes.
"""

import csv
import json
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

OUTPUT = Path(__file__).with_name("brands.csv")
COLUMNS = (
    "name",
    "english_name",
    "tag",
    "cuisine",
    "mcc",
    "category_group",
    "wikidata",
)

# What a shop of each kind is to an acquirer (MCC) and to the card member (category group). The
# table is the list of what we want: a tag that is missing here is no merchant for a campaign
# (banks, cash machines, insurers, securities houses, post, parcel lockers, totems, charging piles,
# public bicycles, schools, generic ticket offices) or one that our rules exclude (lottery,
# tobacco, estate agents).
MERCHANT_KINDS: dict[str, tuple[str, str]] = {
    "amenity=bar": ("5813", "entertainment"),
    "amenity=cafe": ("5814", "dining"),
    "amenity=car_rental": ("7512", "travel"),
    "amenity=car_wash": ("7542", "travel"),
    "amenity=cinema": ("7832", "entertainment"),
    "amenity=fast_food": ("5814", "dining"),
    "amenity=fuel": ("5541", "travel"),
    "amenity=ice_cream": ("5814", "dining"),
    "amenity=internet_cafe": ("7994", "entertainment"),
    "amenity=karaoke_box": ("7929", "entertainment"),
    "amenity=language_school": ("8299", "lifestyle"),
    "amenity=pharmacy": ("5912", "lifestyle"),
    "amenity=pub": ("5813", "entertainment"),
    "amenity=restaurant": ("5812", "dining"),
    "leisure=amusement_arcade": ("7994", "entertainment"),
    "leisure=fitness_centre": ("7997", "entertainment"),
    "leisure=indoor_play": ("7999", "entertainment"),
    "leisure=sports_centre": ("7941", "entertainment"),
    "office=coworking": ("7399", "lifestyle"),
    "shop=alcohol": ("5921", "retail"),
    "shop=baby_goods": ("5641", "retail"),
    "shop=bakery": ("5462", "dining"),
    "shop=beauty": ("7298", "lifestyle"),
    "shop=bicycle": ("5940", "retail"),
    "shop=books": ("5942", "retail"),
    "shop=car": ("5511", "travel"),
    "shop=car_repair": ("7538", "travel"),
    "shop=chemist": ("5977", "lifestyle"),
    "shop=clothes": ("5651", "retail"),
    "shop=confectionery": ("5441", "retail"),
    "shop=convenience": ("5331", "retail"),
    "shop=cosmetics": ("5977", "lifestyle"),
    "shop=dairy": ("5451", "retail"),
    "shop=deli": ("5499", "retail"),
    "shop=department_store": ("5311", "retail"),
    "shop=doityourself": ("5200", "lifestyle"),
    "shop=dry_cleaning": ("7216", "lifestyle"),
    "shop=electronics": ("5732", "retail"),
    "shop=florist": ("5992", "lifestyle"),
    "shop=furniture": ("5712", "lifestyle"),
    "shop=greengrocer": ("5499", "retail"),
    "shop=hairdresser": ("7230", "lifestyle"),
    "shop=herbalist": ("5912", "lifestyle"),
    "shop=jewelry": ("5944", "retail"),
    "shop=kitchen": ("5719", "lifestyle"),
    "shop=laundry": ("7210", "lifestyle"),
    "shop=mall": ("5311", "retail"),
    "shop=mobile_phone": ("4812", "retail"),
    "shop=mobile_phone_accessories": ("5732", "retail"),
    "shop=nuts": ("5441", "retail"),
    "shop=optician": ("8043", "lifestyle"),
    "shop=pastry": ("5462", "dining"),
    "shop=pet": ("5995", "lifestyle"),
    "shop=photo": ("7221", "lifestyle"),
    "shop=shoes": ("5661", "retail"),
    "shop=sports": ("5941", "retail"),
    "shop=stationery": ("5943", "retail"),
    "shop=supermarket": ("5411", "retail"),
    "shop=tea": ("5499", "retail"),
    "shop=telecommunication": ("4814", "lifestyle"),
    "shop=toys": ("5945", "retail"),
    "shop=travel_agency": ("4722", "travel"),
    "shop=tyres": ("5532", "travel"),
    "shop=variety_store": ("5331", "retail"),
    "shop=watches": ("5944", "retail"),
    "shop=wholesale": ("5300", "retail"),
    "tourism=hotel": ("7011", "lodging"),
    "tourism=theme_park": ("7996", "entertainment"),
}

# The best Chinese name first: simplified, then Chinese of either script, then whatever stands on
# the sign, which counts only when it is written in Chinese characters.
NAME_KEYS = ("name:zh-Hans", "brand:zh-Hans", "name:zh", "brand:zh", "name", "brand")
ENGLISH_NAME_KEYS = ("name:en", "brand:en")
CHINESE_CHARACTER = re.compile("[\u3400-\u9fff]")

# Brands whose only Chinese name in the index is in traditional characters; on the mainland, the
# only market of this product, they trade under these.
SIMPLIFIED_NAMES: dict[str, str] = {
    "八方雲集": "八方云集",
    "添好運": "添好运",
    "神旺大飯店": "神旺大饭店",
    "許留山": "许留山",
    "誠品書店": "诚品书店",
}

# Entries that bear a merchant's tag but have no counter where a card could be used, or have a
# Japanese name only.
NOT_A_MERCHANT = frozenset({"国家管网", "栄寿司"})


class Brand(NamedTuple):
    """One row of ``brands.csv``: a chain under one of the kinds of shop that it runs."""

    name: str
    english_name: str
    tag: str
    cuisine: str
    mcc: str
    category_group: str
    wikidata: str


def first_tag(tags: dict[str, str], keys: tuple[str, ...]) -> str:
    """Return the first of these tags that the entry has, or nothing."""
    return next((tags[key] for key in keys if tags.get(key)), "")


def chinese_name(tags: dict[str, str]) -> str:
    """Return the name by which card members in China know the brand, or nothing."""
    written_in_chinese = {key: text for key, text in tags.items() if CHINESE_CHARACTER.search(text)}
    name = first_tag(written_in_chinese, NAME_KEYS).strip()
    return SIMPLIFIED_NAMES.get(name, name)


def brand_from(tag: str, entry: dict[str, Any]) -> Brand | None:
    """Return the brand in one entry of the index, or None when it is none of ours."""
    if "cn" not in entry["locationSet"].get("include", []):
        return None
    tags: dict[str, str] = entry["tags"]
    name = chinese_name(tags)
    if not name or name in NOT_A_MERCHANT:
        return None
    mcc, category_group = MERCHANT_KINDS[tag]
    return Brand(
        name=name,
        english_name=first_tag(tags, ENGLISH_NAME_KEYS),
        tag=tag,
        cuisine=tags.get("cuisine", ""),
        mcc=mcc,
        category_group=category_group,
        wikidata=tags.get("brand:wikidata", ""),
    )


def brands_in(package: Path) -> list[Brand]:
    """Return the brands of the package, in the order of tag and name, each once per tag."""
    with (package / "dist" / "json" / "nsi.json").open(encoding="utf-8") as index_file:
        index: dict[str, Any] = json.load(index_file)["nsi"]
    found: dict[tuple[str, str], Brand] = {}
    for path, category in index.items():
        tree, _, kind = path.partition("/")
        tag = kind.replace("/", "=", 1)
        if tree != "brands" or tag not in MERCHANT_KINDS:
            continue
        # The index is sorted by its own names; its identifiers make the choice among two
        # entries with one Chinese name stable.
        for entry in sorted(category["items"], key=lambda item: str(item["id"])):
            brand = brand_from(tag, entry)
            if brand is not None:
                found.setdefault((brand.tag, brand.name), brand)
    return [found[key] for key in sorted(found)]


def main() -> int:
    """Write ``brands.csv`` and say how many brands it holds."""
    if len(sys.argv) != 2:
        print(
            f"usage: python {sys.argv[0]} PATH/TO/name-suggestion-index",
            file=sys.stderr,
        )
        return 2
    brands = brands_in(Path(sys.argv[1]))
    with OUTPUT.open("w", encoding="utf-8", newline="") as output_file:
        writer = csv.writer(output_file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(brands)
    distinct_names = len({brand.name for brand in brands})
    print(f"{len(brands)} rows, {distinct_names} distinct names in {OUTPUT.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
