"""Finds the literal in what follows an order: quoted, in capitals, a code, or a bare word."""

# ruff: noqa: RUF001 - posts hold typographic quotation marks and dashes, and so do the patterns that read them

from __future__ import annotations

import re
from enum import IntEnum
from itertools import takewhile

from proposals.askwords import AskWords

_QUOTED = re.compile(
    r"\s*(?:[\"“”„«](?P<double>[^\"“”„«»\n]{1,120})[\"“”»]"
    r"|[‘'´`’](?P<single>(?:[^'‘’´`\n]|(?<=\w)['’](?=\w)){1,120})['’´`](?!\w)"
    r"|(?P<mark>\*{1,2}|_{2})(?P<marked>[^*_\n]{1,80})(?P=mark)|\((?P<round>[^()\n]{1,40})\)"
    r"|[\[<](?P<square>[^\[\]<>\n]{1,60})[\]>])"
)
_AND = re.compile(r"\s*(?:,|and|&|or|as\s+well\s+as)\s*(?:the\s+(?:word|phrase)s?\s+)?(?=[\"“”«])")
_EMOJI = re.compile(
    r"\s*(?:an?\s+|the\s+)?(?P<emoji>[\U0001F000-\U0001FAFF\u2600-\u27BF][\uFE0F\u200D\U0001F000-\U0001FAFF]*)"
)
_TOKEN = re.compile(r"\s*(?P<token>[^\s,;:()\"“”]+)(?P<end>[,;:()\"“”]?)")
_CODE = re.compile(r"(?:#?(?=[\w#-]*\d)[\w#-]{2,20}|[@#]\w[\w.-]{1,30}|\w{2,30}\.[a-z]{2,6})")
_LATER = re.compile(r"^[^\"“”\n]{3,90}[:;)]\s*[\"“](?P<text>[^\"“”\n]{1,120})[\"”]")
_THIS = re.compile(r"\s*(?:this|the\s+following)\b", re.IGNORECASE)
_SHORT = 5
_COLON = re.compile(r"\s*[:=]\s*")
_TRIM = ' \t.,;:-–—*_"“”'


class Bare(IntEnum):
    """How much a literal may do without quotation marks and without "the word"."""

    NEVER = 0
    CODE = 1  # capitals or a code: "add M2OP7 to your bid or it will be ignored"
    WORD = 2  # one odd word: "start your proposal with ocr"
    PHRASE = 3  # several, where the post says that it checks who read it


def literals_after(rest: str, words: AskWords, bare: Bare) -> list[str]:
    """Return the literals at the beginning of ``rest``, several when quoted ones are joined by "and"."""
    first = first_literal(rest, words, bare)
    if first is None:
        return []
    found, place = [first], rest.find(first) + len(first)
    joined = _AND.match(rest, min(len(rest), place + 1))
    while joined:
        quoted = _QUOTED.match(rest, joined.end())
        if not quoted:
            break
        found.append(_clean(_inner(quoted)))
        joined = _AND.match(rest, quoted.end())
    return [literal for literal in found if literal]


def first_literal(rest: str, words: AskWords, bare: Bare) -> str | None:
    """Return the literal at the beginning of ``rest``, or ``None``."""
    rest = rest.lstrip(" -–—")
    strong = words.lead_strong.match(rest)
    weak = None if strong else words.lead_weak.match(rest)
    lead = strong or weak
    after = rest[lead.end() :] if lead else rest
    quoted = _QUOTED.match(after)
    if quoted and (lead or bare or quoted["round"] is None):
        return _clean(_inner(quoted)) or None
    later = _quoted_later(rest) if _THIS.match(rest) else None
    emoji = _EMOJI.match(after)
    if later or emoji:
        return later or (emoji and emoji["emoji"])
    clause = _announced(rest, after, words) if bare >= Bare.WORD else None
    return clause or _named(after, words, bare, strong=bool(strong), weak=bool(weak))


def _announced(rest: str, after: str, words: AskWords) -> str | None:
    """Return the clause after a colon: "with: I read it all", "the phrase: I read it all"."""
    colon = _COLON.match(rest)
    if colon:
        quoted = _QUOTED.match(rest, colon.end())
        return _clean(_inner(quoted)) if quoted else _bare_run(rest[colon.end() :], words, longest=8)
    return _bare_run(after, words, longest=8) if words.announced.match(rest) else None


def _named(after: str, words: AskWords, bare: Bare, *, strong: bool, weak: bool) -> str | None:
    """Return the literal without quotation marks after "the word", after a weaker noun, or after neither."""
    if strong:
        return _quoted_later(after) or _bare_run(after, words, longest=5)
    if weak:
        return _unannounced(after, words, max(bare, Bare.CODE)) or (_quoted_later(after) if bare else None)
    return _unannounced(after, words, bare) if bare else None


def _quoted_later(text: str) -> str | None:
    """Return the quotation further on: 'this phrase in your letter: "X"'."""
    match = _LATER.search(text)
    return _clean(match["text"]) or None if match else None


def looks_like_literal(line: str, words: AskWords) -> bool:
    """Return whether a whole line can be the literal that the line before it announced."""
    return (
        bool(line.strip()) and len(line) <= words.max_literal // 2 and not line.rstrip().endswith((":", "?"))
    )


def _inner(match: re.Match[str]) -> str:
    return next(part for name, part in match.groupdict().items() if part and name != "mark")


def _clean(text: str) -> str:
    clean = " ".join(text.split()).strip(_TRIM).strip()
    return clean[1:-1] if len(clean) > 1 and clean[0] in "'‘" and clean[-1] in "'’" else clean


def _tokens(text: str, longest: int, words: AskWords) -> list[str]:
    """Return up to ``longest`` words up to a stop word or the end of the clause; empty if it goes on."""
    found: list[str] = []
    place = 0
    while match := _TOKEN.match(text, place):
        token = match["token"]
        shouted = token.isupper() and bool(found) and found[-1].isupper() and not text.isupper()
        stops = token.casefold().strip(".!") in words.stops and not shouted
        if stops or token in {"-", "–", "—", "|"}:
            return found
        found.append(token)
        if len(found) > longest:
            return []
        if match["end"] or token.endswith((".", "!", "?")):
            return found
        place = match.end()
    return found


def _bare_run(text: str, words: AskWords, longest: int) -> str | None:
    """Return the words after "the word": one, or several when they are capitalised or the clause is short."""
    tokens = _tokens(text, longest, words)
    if not tokens:
        head = _TOKEN.match(text)
        capital = head and head["token"].isupper() and not text.isupper()
        tokens = [head["token"]] if head and capital else []
    literal = _clean(" ".join(tokens))
    if not literal or _is_content(tokens[0], words):
        return None
    return literal


def _unannounced(text: str, words: AskWords, bare: Bare) -> str | None:
    """Return a literal without quotation or announcement: a code, capitals, or odd words."""
    tokens = _tokens(text, 6, words) or [match["token"] for match in [_TOKEN.match(text)] if match]
    if not tokens or _is_content(tokens[0], words):
        return None
    if _CODE.fullmatch(_clean(tokens[0])):
        return _clean(tokens[0])
    capitals = [] if _is_shouted(text) else _leading_capitals(tokens)
    if capitals and (bare > Bare.CODE or all(token.isupper() and len(token) > 1 for token in capitals)):
        return _clean(" ".join(capitals)) or None
    if bare <= Bare.CODE:
        return None
    whole = _tokens(text, 3 if bare is Bare.PHRASE else 1, words)
    if any(_is_content(token, words) for token in whole):
        return None
    return _clean(" ".join(whole)) or None


def _is_shouted(text: str) -> bool:
    """Return whether capitals tell nothing in ``text``, because all of it is in capitals."""
    return text.isupper() and len(text.split()) > _SHORT


def _is_content(token: str, words: AskWords) -> bool:
    head = token.casefold().strip(".!,")
    return head in words.content_heads or head.removesuffix("s") in words.content_heads


def _leading_capitals(tokens: list[str]) -> list[str]:
    """Return the tokens up to the first that begins with a small letter."""
    return list(takewhile(lambda token: not token[0].islower(), tokens))
