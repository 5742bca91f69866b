"""Which addresses may be connected to: everything that is not plainly public is refused."""

from __future__ import annotations

import ipaddress
import json
import socket
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.addresses import endpoint, is_public

HOSTILE = Path(__file__).parents[1] / ".." / "shared" / "hostile" / "own-cases.tar.gz"


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
        "192.0.0.192", "192.88.99.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "203.0.113.1",
        "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:100.64.0.1", "64:ff9b::7f00:1",
        "64:ff9b:1::1", "64:ff9b:1::808:808", "2002:7f00:1::", "2002:a9fe:a9fe::", "2001:0:7f00:1::",
        "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "3fff::1",
        "5f00::1", "100::1", "localhost", "",
    ],
)  # fmt: skip
def test_not_public(address):
    assert not is_public(address)


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_like_itself(address):
    expected = is_public(address)
    assert is_public(ipaddress.IPv6Address(f"::ffff:{address}")) is expected
    assert (
        is_public(ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) | int(address))) is expected
    )
    assert is_public(ipaddress.IPv6Address((0x2002 << 112) | (int(address) << 80))) is expected


@given(st.ip_addresses())
def test_nothing_private_is_ever_public(address):
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        assert not is_public(address)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Example.ORG/feed", ("example.org", 443)),
        ("http://example.org.:8080/", ("example.org", 8080)),
        ("http://[::1]/", ("::1", 80)),
        ("ftp://example.org/", None),
        ("https://user@example.org/", None),
        ("http://127.0.0.1\\@example.org/", None),
        ("http://example.org/a b", None),
        ("http://example.org\n/", None),
        ("http://example.org:99999/", None),
        ("http://[::1/", None),
        ("https:///feed", None),
        ("example.org", None),
    ],
)
def test_endpoint(url, expected):
    assert endpoint(url) == expected


@pytest.mark.skipif(not HOSTILE.exists(), reason="the collection of hostile addresses is not here")
def test_no_hostile_address_leads_anywhere():
    with tarfile.open(HOSTILE) as archive:
        member = next(name for name in archive.getnames() if name.endswith("ssrf-urls.json"))
        cases = json.load(archive.extractfile(member))
    assert len(cases["block"]) > 50
    for url in cases["block"]:
        place = endpoint(url)
        if place is None:
            continue
        try:
            answers = {answer[4][0] for answer in socket.getaddrinfo(place[0], None, type=socket.SOCK_STREAM)}
        except (OSError, UnicodeError):
            continue
        assert not all(is_public(address) for address in answers), url
