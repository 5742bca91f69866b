"""Patterns of what a post sets to tell people from programs: odd questions, and orders to programs."""

# ruff: noqa: RUF001 - posts hold typographic quotation marks and dashes, and so do the patterns that read them

from __future__ import annotations

from typing import Any

from proposals.requestwords import any_of, ignoring_case


def odd_patterns(table: dict[str, Any]) -> dict[str, Any]:
    """Return the patterns of small sums and of questions that nobody needs answered."""
    odd = table["odd"]
    number = r"(?:\d{1,4}|" + "|".join(table["sums"]["numbers"]) + ")"
    sign = any_of([*table["sums"]["signs"]])
    asked = (
        r"(?:what(?:['’]?s|\s+is)|(?:result|answer|sum|solution)\s+(?:of|to|for)|solve|calculate|compute"
        r"|how\s+much\s+is|check\s*:?)"
    )
    return {
        "sum_asked": ignoring_case(
            rf"(?:\b{asked}\s*:?\s*(?:the\s+sum\s+of\s+)?(?P<a>{number})\s*(?P<op>{sign})\s*(?P<b>{number})(?![\w%])"
            rf"|\bsum\s+of\s+(?P<g>{number})\s+(?P<op4>and)\s+(?P<h>{number})\b|\b(?:add|put|type|write|give)\s+(?P<i>{number})\s*(?P<op5>{sign})\s*(?P<j>{number})\s*(?:=|result|answer)"
            rf"|\b(?:problem|equation|sum|calculation)\b[^.\n]{{0,40}}?(?:\bis|:)\s*:?\s*\(?(?P<k>{number})\s*(?P<op6>{sign})\s*(?P<l>{number})\b"
            rf"|\bwhat\s+(?P<e>{number})\s*(?P<op3>{sign})\s*(?P<f>{number})\s+(?:is|equals|makes)\b"
            rf"|(?<![\w./-])(?P<c>{number})\s*(?P<op2>{sign})\s*(?P<d>{number})\s*=?\s*\?)"
        ),
        "odd_question": ignoring_case(any_of(odd["patterns"])),
        "odd_asked": ignoring_case(rf"\b{any_of(odd['asked'])}\b"),
        "odd_answer": ignoring_case(rf"\b{any_of(odd['answer'])}\b"),
        "trivia": ignoring_case(r"\b(?:what|who|which|how\s+many|where|when)\b"),
        "odd_order": ignoring_case(rf"\b{any_of(odd['order'])}"),
    }


def machine_patterns(table: dict[str, Any]) -> dict[str, Any]:
    """Return the patterns that find orders to programs which read the post."""
    machines = table["machines"]
    name, orders = any_of(machines["names"]), any_of(machines["orders"])
    nobody = rf"(?!\s*[/&-]?\s*(?:[\w-]+\s+){{0,3}}{any_of(machines['people'])}\b)(?![-/]\w)"
    return {
        "machine_if": ignoring_case(
            rf"\b(?:if|when|in\s+case|should)\b[^.?!\n]{{0,40}}?\b(?:(?:you(?:['’]?re|\s+are|\s+be|r)?|u\s+are|ur|this\s+is|it['’]?s|"
            rf"(?:written|generated|made|created|read|processed|answered)\s+(?:by|with|using))\s+(?:being\s+)?"
            rf"(?:an?\s+|the\s+|some\s+)?(?:(?!{any_of(machines['people_do'])}\b)\w+\s+)?{name}\b{nobody}"
            rf"|you\s+(?:are\s+|have\s+)?(?:using|used?)\s+{name}\s+(?:to|for)\s+(?:write|writing|generate|apply|reply|answer|draft)\b"
            rf"(?!\s+(?:code|copy|content|texts?|articles|scripts?|emails?)\b)"
            rf"|using\s+{name}(?=\s*,)"
            rf"|{name}{nobody}\s+(?:is\s+|has\s+|was\s+)?(?:wrote|written|writing|generat\w+|creat\w+|produc\w+|reads?|reading|process\w+)\s+"
            rf"(?:this|your|the\s+(?:proposal|application|response|reply|cover\s+letter|bid)))"
            rf"|\bas\s+an?\s+{name}\b{nobody}\W+(?:\w+\s+){{0,2}}?you\b"
            rf"|\b(?:{name}\s+(?:instructions?|prompts?|directives?)|(?:instructions?|notes?|messages?|prompts?)\s+(?:for|to)\s+(?:all\s+|any\s+)?{name}(?:\s+\w+)?)\s*:"
        ),
        "machine_call": ignoring_case(
            rf"^\W*(?:(?:note|message|instructions?|attention|notice|dear|hey|hello|all|any|to|for|important)\W+){{0,4}}"
            rf"{name}{nobody}(?:\s*[:,!-]\s*|\s+(?:reading|processing|reviewing|writing)[^.\n]{{0,40}}|\s+(?=please))"
            rf"(?=\s*(?:please\s+|must\s+|should\s+|you\s+must\s+|you\s+should\s+)?{orders}\b)"
        ),
        "machine_duty": ignoring_case(
            rf"^\W*(?:any\s+|all\s+)?{name}{nobody}\s+(?:must|should|need\s+to|have\s+to|please)\s+{orders}\b"
        ),
        "machine_orders": ignoring_case(rf"\b{orders}\b"),
        "override": ignoring_case(
            r"\b(?:ignore|disregard|forget|override)\s+(?:(?:all|any|the|your|my|every|of)\s+){0,3}"
            r"(?:previous|prior|above|earlier|preceding|other|foregoing|existing|system|past)\s+(?:\w+\s+)?"
            r"(?:instructions?|prompts?|directions?|context|rules|messages?|orders|commands?|requirements?|text|content)"
            r"|\b(?:ignore|disregard|forget)\s+everything\s+(?:above|before|else)|\b(?:reveal|print|show|output|repeat)\s+(?:me\s+)?your\s+(?:system\s+)?(?:prompts?|instructions)\b"
            r"|\bsystem\s+(?:override|instructions?)\s*:"
            r"|\b(?:system|developer)\s+prompt\s*:|</?(?:system|assistant|instructions?)>|\[/?INST\]|<\|im_start\|>"
        ),
        "order_start": ignoring_case(
            rf"^\W*(?:then\s+|and\s+|please\s+|you\s+must\s+|you\s+should\s+)*{orders}\b"
        ),
    }
