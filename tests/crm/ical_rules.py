"""A strict reader of iCalendar: RFC 5545 as far as a feed of events needs it.

Written apart from the library that writes the feed, so that the two can disagree.
"""

import re
from dataclasses import dataclass, field

_LINE = re.compile(
    r"(?P<name>[A-Za-z0-9-]+)"
    r"(?P<parameters>(?:;[A-Za-z0-9-]+=(?:\"[^\"\x00-\x08\x0a-\x1f]*\"|[^\";:,\x00-\x1f]*)"
    r"(?:,(?:\"[^\"]*\"|[^\";:,]*))*)*)"
    r":(?P<value>[^\x00-\x08\x0a-\x1f\x7f]*)"
)
_UTC = re.compile(r"\d{8}T\d{6}Z")
_LOCAL = re.compile(r"\d{8}T\d{6}")
_DAY = re.compile(r"\d{8}")
_OFFSET = re.compile(r"[+-]\d{4}(\d{2})?")
_ESCAPES = re.compile(r"\\(.)")


@dataclass
class Property:
    name: str
    parameters: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        """A TEXT value, unescaped."""
        assert not re.search(r"(?<!\\)[,;]", self.value.replace("\\\\", "")), self.value
        return _ESCAPES.sub(lambda one: {"n": "\n", "N": "\n"}.get(one[1], one[1]), self.value)


@dataclass
class Component:
    name: str
    properties: list[Property] = field(default_factory=list)
    inside: list["Component"] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        return [one for one in self.properties if one.name == name]

    def one(self, name: str) -> Property:
        (found,) = self.all(name)
        return found

    def parts(self, name: str) -> list["Component"]:
        return [one for one in self.inside if one.name == name]


def read(content: bytes) -> Component:
    """The calendar. Fails with an AssertionError on anything that the RFC does not allow."""
    calendar = _nested(_unfolded(content))
    assert calendar.name == "VCALENDAR"
    assert calendar.one("VERSION").value == "2.0"
    assert calendar.one("PRODID").value
    assert len(calendar.all("CALSCALE")) <= 1
    assert len(calendar.all("METHOD")) <= 1
    zones = {_zone(one) for one in calendar.parts("VTIMEZONE")}
    assert len(zones) == len(calendar.parts("VTIMEZONE"))
    uids = [_event(one, zones) for one in calendar.parts("VEVENT")]
    assert len(uids) == len(set(uids))
    assert {one.name for one in calendar.inside} <= {"VTIMEZONE", "VEVENT"}
    return calendar


def _unfolded(content: bytes) -> list[str]:
    assert content.endswith(b"\r\n"), "the last line ends, too"
    assert b"\n" not in content.replace(b"\r\n", b""), "every line ends with CRLF"
    assert b"\r" not in content.replace(b"\r\n", b"")
    physical = content.removesuffix(b"\r\n").split(b"\r\n")
    assert all(physical), "no empty lines"
    for line in physical:
        assert len(line) <= 75, f"{len(line)} octets: {line!r}"
        line.decode("utf-8")  # No character is cut in two.
    logical: list[bytes] = []
    for line in physical:
        if line[:1] in (b" ", b"\t"):
            logical[-1] += line[1:]
        else:
            logical.append(line)
    return [line.decode("utf-8") for line in logical]


def _property(line: str) -> Property:
    found = _LINE.fullmatch(line)
    assert found, line
    parameters = {
        name.upper(): value.strip('"')
        for name, _equals, value in (
            part.partition("=") for part in found["parameters"].split(";") if part
        )
    }
    return Property(found["name"].upper(), parameters, found["value"])


def _nested(lines: list[str]) -> Component:
    top = Component("")
    standing = [top]
    for line in lines:
        one = _property(line)
        if one.name == "BEGIN":
            component = Component(one.value)
            standing[-1].inside.append(component)
            standing.append(component)
        elif one.name == "END":
            assert standing.pop().name == one.value
        else:
            assert len(standing) > 1, "a property outside of everything"
            assert not standing[-1].inside, "properties stand before what is inside"
            standing[-1].properties.append(one)
    assert standing == [top]
    (calendar,) = top.inside
    return calendar


def _zone(zone: Component) -> str:
    assert zone.inside, "a zone has rules"
    for rule in zone.inside:
        assert rule.name in ("STANDARD", "DAYLIGHT")
        assert _LOCAL.fullmatch(rule.one("DTSTART").value)
        assert _OFFSET.fullmatch(rule.one("TZOFFSETFROM").value)
        assert _OFFSET.fullmatch(rule.one("TZOFFSETTO").value)
    return zone.one("TZID").value


def _event(event: Component, zones: set[str]) -> str:
    assert _UTC.fullmatch(event.one("DTSTAMP").value)
    assert event.one("SEQUENCE").value.isdigit()
    for name in ("SUMMARY", "URL", "CLASS", "TRANSP", "LAST-MODIFIED"):
        assert event.one(name).value
    for name in ("DESCRIPTION", "LOCATION"):
        assert len(event.all(name)) <= 1
    assert len(event.all("DTEND")) + len(event.all("DURATION")) == 1
    for name in ("DTSTART", "DTEND"):
        for moment in event.all(name):
            if moment.parameters.get("VALUE") == "DATE":
                assert _DAY.fullmatch(moment.value)
            elif zone := moment.parameters.get("TZID"):
                assert _LOCAL.fullmatch(moment.value)
                assert zone in zones, f"{zone} is not described"
            else:
                assert _UTC.fullmatch(moment.value)
    uid = event.one("UID").value
    assert uid
    return uid
