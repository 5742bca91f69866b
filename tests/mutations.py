"""Seeded mutations of real bodies: the same seed gives the same bodies on every machine."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence

ENCODINGS = [
    b"utf-7", b"utf-16", b"utf-32", b"utf-8-sig", b"cp037", b"iso-8859-1", b"windows-1252", b"gb18030", b"shift_jis",
    b"punycode", b"undefined", b"idna", b"rot13", b"hex", b"unicode_escape", b"\xff\xfe", b"", b"x" * 300,
]  # fmt: skip
SPICES = [
    b"&#99999999999;", b"&#x110000;", b"&#0;", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<item>", b"</item>", b"<entry>",
    b"</channel>", b"<?xml version='1.0' encoding='utf-16'?>", b"\0", b"\xed\xa0\x80", b"\xff", b"\xfe\xff", b"&", b"<",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"xmlns:gml='http://www.opengis.net/gml'", b"\xe2\x80\xae", b"<content type='xhtml'>",
]  # fmt: skip
LONGEST = 20_000
_ENCODING = re.compile(rb"encoding=[\"'][^\"']*[\"']")


def mutations(bodies: Sequence[bytes], *, seed: int, count: int) -> Iterator[bytes]:
    """Yield ``count`` bodies, each one of ``bodies`` changed in one to four ways; at most 20,000 bytes long."""
    chance = random.Random(seed)
    for _ in range(count):
        body = chance.choice(bodies)[:LONGEST]
        for _ in range(chance.randint(1, 4)):
            body = chance.choice(WAYS)(body, chance, bodies)[:LONGEST]
        yield body


def _place(body: bytes, chance: random.Random) -> int:
    return chance.randrange(len(body) + 1)


def _flip(body: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    changed = bytearray(body)
    for _each in range(chance.randint(1, 8) if changed else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut(body: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    return body[: chance.randrange(len(body) // 2, len(body) + 1)]


def _remove(body: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    start = _place(body, chance)
    return body[:start] + body[start + chance.randint(1, 200) :]


def _splice(body: bytes, chance: random.Random, bodies: Sequence[bytes]) -> bytes:
    other = chance.choice(bodies)
    return body[: _place(body, chance)] + other[_place(other, chance) :]


def _repeat(body: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    start = _place(body, chance)
    end = start + chance.randint(1, 60)
    return body[:start] + body[start:end] * chance.choice([2, 3, 20, 200]) + body[end:]


def _spice(body: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    place = _place(body, chance)
    return body[:place] + chance.choice(SPICES) * chance.choice([1, 1, 1, 50]) + body[place:]


def _rename(body: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    name = b'encoding="' + chance.choice(ENCODINGS) + b'"'
    if _ENCODING.search(body):
        return _ENCODING.sub(lambda _found: name, body, count=1)
    return b'<?xml version="1.0" ' + name + b"?>" + body


def _recode(body: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    encoding = chance.choice(["utf-16", "utf-16-be", "utf-32", "utf-7", "utf-8-sig", "cp037"])
    return body.decode("latin-1").encode(encoding, "replace")


WAYS: list[Callable[[bytes, random.Random, Sequence[bytes]], bytes]] = [
    _flip,
    _cut,
    _remove,
    _splice,
    _repeat,
    _spice,
    _rename,
    _recode,
]
