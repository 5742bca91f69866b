"""The kind of contract, from a source's word for it or from the period it pays for."""

from __future__ import annotations

from domain.pay import Pay
from domain.posts import ContractType
from pipelines.data import table
from pipelines.text import FIELD_LIMIT, clean_text, clip


def contract_type(text: str | None) -> ContractType | None:
    """Return the contract type a source's word names, ``None`` if it names none."""
    word = _word(text)
    for name, words in table("contracts")["types"].items():
        if word in words:
            return ContractType(name)
    return None


def is_open(text: str | None) -> bool:
    """Return whether a source's word is known to leave the contract type open ("contract", "freelance")."""
    return _word(text) in table("contracts")["open"]["words"]


def contract_type_of_pay(pay: Pay | None) -> ContractType | None:
    """Return the contract type that the period of ``pay`` implies, ``None`` where it implies none."""
    name = table("contracts")["from_pay"].get(pay.unit.value) if pay else None
    return ContractType(name) if name else None


def _word(text: str | None) -> str:
    words = clean_text(clip(text or "", FIELD_LIMIT), single_line=True).lower()
    return " ".join(words.replace("_", " ").replace("-", " ").split())
