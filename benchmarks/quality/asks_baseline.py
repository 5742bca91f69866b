"""The regular expressions that people write to read what a post asks, to measure beside."""

# ruff: noqa: RUF001 - posts hold typographic quotation marks, and so do the expressions

from __future__ import annotations

import re

from benchmarks.quality.asks_scores import Found

_QUOTE = "[\"'“”‘’*]"
_OPENER = re.compile(
    r"(?:start|begin) (?:your )?(?:proposal|application|cover letter|bid|reply|response|message) with "
    rf"(?:the (?:word|phrase) )?(?:{_QUOTE}(?P<quoted>[^\"“”*\n]{{1,60}}?){_QUOTE}|(?P<bare>\w+))",
    re.IGNORECASE,
)
_INCLUDE = re.compile(
    r"(?:include|mention|add|write|use|type|put) (?:the )?(?:word|phrase|code) "
    rf"(?:{_QUOTE}(?P<quoted>[^\"“”*\n]{{1,60}}?){_QUOTE}|(?P<bare>\w+))",
    re.IGNORECASE,
)
_MACHINE = re.compile(
    r"if you(?: are|['’]re) an? (?:ai|llm|language model|bot)\b"
    r"|ignore (?:all )?(?:previous|prior) instructions",
    re.IGNORECASE,
)
_ASKING = re.compile(r"\b(?:please|send|share|include|attach|provide|submit)\b", re.IGNORECASE)
_THINGS = {
    "portfolio": r"portfolio|samples?|examples?|previous work|past work|past projects",
    "code": r"github|code sample",
    "video": r"loom|video",
    "rate": r"\brates?\b|quote|\bcost|price|budget",
    "availability": r"availab",
    "timeline": r"timeline|timeframe|deadline",
    "time zone": r"time ?zone",
    "location": r"location",
    "resume": r"resume|\bcv\b",
    "references": r"references|testimonials",
    "experience": r"experience",
    "approach": r"approach",
    "introduction": r"cover letter|introduc",
}
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_ORDERS = {
    "ai": r"(?:no|don['’]t use|do not use) (?:ai|chatgpt)|ai[- ]generated",
    "copy": r"copy[- /]?paste|generic",
    "agency": r"no agenc",
    "apply": r"(?:do not|don['’]t) (?:apply|bid)|only apply",
    "contact": r"outside (?:of )?upwork",
}


def plain_reading(text: str) -> Found:
    """Return what the expressions find, sentence by sentence."""
    found = Found()
    for match in _SENTENCE.finditer(text):
        sentence = match[0].strip()
        for kind, pattern in (("opener", _OPENER), ("include", _INCLUDE)):
            marker = pattern.search(sentence)
            if marker:
                found.markers.append((kind, marker["quoted"] or marker["bare"], sentence))
        if _MACHINE.search(sentence):
            found.machines.append(sentence)
        if sentence.endswith("?"):
            found.questions.append(sentence)
        if _ASKING.search(sentence):
            found.things += [
                (kind, sentence)
                for kind, words in _THINGS.items()
                if re.search(words, sentence, re.IGNORECASE)
            ]
        found.prohibitions += [
            (kind, sentence) for kind, words in _ORDERS.items() if re.search(words, sentence, re.IGNORECASE)
        ]
        if re.search(r"\b(?:short|brief|concise)\b", sentence, re.IGNORECASE):
            found.formats.append(("short", sentence))
    return found
