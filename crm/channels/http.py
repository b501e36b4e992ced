"""The one way in which we call other systems over HTTP: robots in chats, and webhooks.

Colleagues and administrators type in where we call, so an address may lead anywhere: to a machine
inside the bank, or to this one. Therefore the name is resolved first, every answer must be a public
address, and the connection goes to the very address that was checked, so that a name cannot point
elsewhere a moment later. Nobody is followed to another place (redirects), no proxy is taken from
the environment, and whoever answers slowly, endlessly or never costs ten seconds at most.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

import certifi
from django.conf import settings

from crm.channels.base import Refused

CONNECT_SECONDS = 5.0
READ_SECONDS = 5.0
TOTAL_SECONDS = 10.0
"""From the first look at the name to the last byte of the answer."""
ANSWER_BYTES = 65_536
"""What is longer is cut: no answer that matters to us is."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
type Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Answer:
    """What the other side said. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Place:
    """A web address, taken apart and found sound; nothing was looked up yet."""

    host: str
    port: int
    path: str
    """With the query."""
    is_secure: bool


def place(url: str) -> Place:
    """Take an address apart. Raises Refused (final) with the code `bad_url` or `not_https`."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise Refused("bad_url", "The address has characters that no address has.", final=True)
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as unsound:
        raise Refused("bad_url", str(unsound), final=True) from unsound
    if parts.scheme not in ("http", "https") or not host or len(host) > 253 or "%" in host:
        raise Refused("bad_url", "The address must begin with https:// and a host.", final=True)
    if "@" in parts.netloc:
        raise Refused("bad_url", "The address must not hold a name and password.", final=True)
    is_secure = parts.scheme == "https"
    if not is_secure and host not in settings.OUTGOING_PLAIN_HOSTS:
        raise Refused("not_https", f"{host} is called through https only.", final=True)
    if port == 0:
        raise Refused("bad_url", "There is no port 0.", final=True)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(host, port or (443 if is_secure else 80), path, is_secure)


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Post a body and return what was answered, whatever its status, except a redirect.

    Raises Refused: `bad_url` and `not_https` and `address_inside` (final); `unresolved`,
    `unreachable`, `bad_certificate`, `timed_out`, `no_http`, `redirected` (worth another try).
    """
    end = time.monotonic() + TOTAL_SECONDS
    whither = place(url)
    connection = _secured(whither, line_to(whither.host, whither.port, end), end)
    try:
        with _cut_at(connection.watch, end) as was_cut:
            try:
                connection.request("POST", whither.path, body=body, headers=dict(headers))
                response = connection.getresponse()
                text = response.read(ANSWER_BYTES)
            except (http.client.HTTPException, OSError) as broken:
                if was_cut.is_set() or isinstance(broken, TimeoutError):
                    raise _late(whither.host) from broken
                code = "unreachable" if isinstance(broken, OSError) else "no_http"
                raise Refused(code, str(broken) or repr(broken)) from broken
        if was_cut.is_set():  # What came until then is a piece of an answer.
            raise _late(whither.host)
    finally:
        connection.close()
    if 300 <= response.status < 400:
        raise Refused("redirected", f"{response.status}: {whither.host} sends us elsewhere.")
    return Answer(
        response.status,
        {name.lower(): value for name, value in response.getheaders()},
        text.decode("utf-8", "replace"),
    )


def _late(host: str) -> Refused:
    return Refused("timed_out", f"{host} did not answer in time.")


# --- where to -------------------------------------------------------------------------------------


def _resolved(host: str, port: int, end: float) -> list[str]:
    """Every address of the host, all of them public. Raises Refused.

    Looking a name up knows no time-out, so it is done beside us and left behind if it takes long.
    """
    found: list[str] = []
    failed: list[OSError] = []

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(row[4][0]) for row in rows))
        except (OSError, UnicodeError) as failure:
            failed.append(failure if isinstance(failure, OSError) else OSError(str(failure)))

    looking = threading.Thread(target=look_up, daemon=True)
    looking.start()
    looking.join(min(CONNECT_SECONDS, end - time.monotonic()))
    if failed or not found:
        why = str(failed[0]) if failed else "the name was not resolved in time"
        raise Refused("unresolved", f"{host}: {why}")
    addresses = list(found)
    if host not in settings.OUTGOING_INSIDE_HOSTS:
        for address in addresses:
            if not is_public(address):
                raise Refused(
                    "address_inside",
                    f"{host} leads to {address}, which is not a public address.",
                    final=True,
                )
    return addresses


def is_public(address: str) -> bool:
    """Whether it is an address on the open internet, also when it is wrapped into another one."""
    try:
        one: Address = ipaddress.ip_address(address)
    except ValueError:
        return False
    inner = _unwrapped(one)
    if inner.version == 6 and inner.is_site_local:
        return False  # fec0::/10: given up as an address of one's own, and still routed inside.
    return inner.is_global and not (inner.is_multicast or inner.is_reserved)


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for (mapped, 6to4, NAT64), or itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


# --- the connection -------------------------------------------------------------------------------


class _Connection(http.client.HTTPConnection):
    """A connection that is made already, to the address that was checked."""

    def __init__(self, host: str, port: int, made: socket.socket, watch: socket.socket) -> None:
        super().__init__(host, port)
        self.sock = made
        self.watch = watch

    def connect(self) -> None:
        raise OSError("the connection was closed by the other side")

    def close(self) -> None:
        super().close()
        self.watch.close()


def line_to(host: str, port: int, end: float) -> socket.socket:
    """A line to one of the host's addresses, all of them checked, tried in their order.

    Raises Refused: `unresolved`, `address_inside` (final), `unreachable`, `timed_out`.
    """
    last: OSError = OSError("no address")
    for address in _resolved(host, port, end):
        left = end - time.monotonic()
        if left <= 0:
            break
        try:
            made = socket.create_connection((address, port), min(CONNECT_SECONDS, left))
        except OSError as failure:
            last = failure
            continue
        made.settimeout(READ_SECONDS)
        return made
    if isinstance(last, TimeoutError) or time.monotonic() >= end:
        raise _late(host) from last
    raise Refused("unreachable", f"{host}: {last}") from last


def _secured(whither: Place, raw: socket.socket, end: float) -> _Connection:
    """The connection with TLS around it, checked against the host's name. Raises Refused."""
    watch = raw.dup()
    made = raw
    try:
        if whither.is_secure:
            with _cut_at(watch, end):
                made = _tls(settings.OUTGOING_CA_FILE).wrap_socket(
                    raw, server_hostname=whither.host
                )
    except ssl.SSLCertVerificationError as unknown:
        watch.close()
        raw.close()
        raise Refused("bad_certificate", f"{whither.host}: {unknown.verify_message}") from unknown
    except (OSError, ValueError) as failure:
        watch.close()
        raw.close()
        if isinstance(failure, TimeoutError) or time.monotonic() >= end:
            raise _late(whither.host) from failure
        raise Refused("unreachable", f"{whither.host}: {failure}") from failure
    connection = _Connection(whither.host, whither.port, made, watch)
    connection.default_port = 443 if whither.is_secure else 80  # Named in `Host` if it is another.
    return connection


@cache
def _tls(own_authority: str) -> ssl.SSLContext:
    """Whom we believe: this machine's authorities, the usual ones, and the bank's own."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    if own_authority:
        context.load_verify_locations(own_authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@contextlib.contextmanager
def _cut_at(watch: socket.socket, end: float) -> Iterator[threading.Event]:
    """Cut the line when the time is up: a time-out alone starts anew with every byte that drips.

    Yields what tells whether it was cut.
    """
    was_cut = threading.Event()

    def cut() -> None:
        was_cut.set()
        with contextlib.suppress(OSError):
            watch.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, end - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield was_cut
    finally:
        timer.cancel()
