"""A feed that was cut is told from one that is whole, however odd, at whatever byte it was cut."""

from __future__ import annotations

import time

import pytest

from spiders.torn import is_torn

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>
<item><title>A</title><description><![CDATA[<item> and </item> in a text]]></description></item>
<item rdf:about="x"><title>B</title></item></channel></rss>"""
ATOM = (
    b'\xef\xbb\xbf<atom:feed xmlns:atom="x"><atom:entry><atom:title>A</atom:title></atom:entry></atom:feed>\n'
)
RDF = b"<rdf:RDF><channel><items><rdf:Seq/></items></channel><item><title>A</title></item></rdf:RDF>"


@pytest.mark.parametrize("whole", [RSS, ATOM, RDF], ids=["RSS", "Atom", "RDF"])
def test_cut_before_the_end_of_its_last_entry_it_is_torn(whole):
    end = max(whole.rfind(b"</item>"), whole.rfind(b"</atom:entry>"))
    inside = whole.rindex(b"<title") if whole is not ATOM else whole.rindex(b"<atom:title")
    assert not is_torn(whole)
    assert all(is_torn(whole[:cut]) for cut in range(inside, end + 5))
    assert is_torn(whole[: whole.index(b"<title")] if whole is RSS else whole[:end])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"jobs": [{"text": "<item>',
        b"<error>come back later</error>",
        b"<!doctype html><p>We moved!",
        b"<rss version='2.0'><channel><title>x</title></channel></rss>",
        b"<rss><channel><item/></channel></rss>",
        b"<rss><channel><item><title>A</title></item></channel></rss><!-- <item> is what an entry is called -->",
        b"<rss><channel><item><title>A<item><title>B</channel></rss>",  # wrong, but not for having been cut
        RSS.decode().encode("utf-16"),
    ],
)
def test_what_is_whole_or_no_feed_is_not_torn(body):
    assert not is_torn(body)


@pytest.mark.parametrize("piece", [b"<item", b"<item ", b"<item>", b"<item <", b"<a:", b"</", b"<item x='"])
def test_looking_takes_time_in_proportion(piece):
    begun = time.monotonic()
    is_torn(b"<" + piece * (3_000_000 // len(piece)))
    assert time.monotonic() - begun < 3
