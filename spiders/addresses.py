"""Which addresses a fetch may connect to. ``ipaddress.is_global`` alone lets several private ones through."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052
_NEVER = tuple(
    map(
        ipaddress.ip_network,
        (
            "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
            "192.0.0.0/24",  # IETF protocol assignments, RFC 6890
            "192.88.99.0/24",  # 6to4 relays, RFC 7526
            "198.18.0.0/15",  # benchmarking, RFC 2544
            "fec0::/10",  # site-local, RFC 3879; Python 3.11 calls it global
            "::/96",  # IPv4-compatible, RFC 4291
            "64:ff9b:1::/48",  # NAT64 of one's own network, RFC 8215
            "2001::/23",  # IETF protocol assignments, Teredo among them
            "3fff::/20",  # documentation, RFC 9637
            "5f00::/16",  # segment routing, RFC 9602
        ),
    )
)


def is_public(address: str | Address) -> bool:
    """Return whether ``address`` is a public unicast address, with any IPv4 address inside judged too."""
    try:
        parsed = ipaddress.ip_address(str(address).partition("%")[0])
    except ValueError:
        return False
    inner = _inner(parsed)
    if inner is not None:
        return is_public(inner)
    return (
        parsed.is_global
        and not parsed.is_multicast
        and not any(parsed.version == network.version and parsed in network for network in _NEVER)
    )


def _inner(address: Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that ``address`` stands for: mapped, NAT64 or 6to4."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour


def endpoint(url: str) -> tuple[str, int] | None:
    """Return the host and port that ``url`` leads to, or ``None`` if it is no plain http or https URL.

    A URL that programs read differently (backslash, control character, user name) is none.
    """
    if "\\" in url or any(character <= " " or character == "\x7f" for character in url):
        return None
    try:
        parts: SplitResult = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return parts.hostname.lower().rstrip("."), port or _PORTS[parts.scheme]
