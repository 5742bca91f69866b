"""The calibration report: bins that add up, intervals of what was won, and a plain sentence where it abstains."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from ledger.winrate import judgement, wilson
from ranking.chance import History
from ranking.learning import Outcome, Predicted, learn
from reports.calibration import bins_of, calibration_json, calibration_text
from tests.test_ranking_learning import simulated, taught


def test_bins_hold_every_bid_once_with_the_wilson_interval_of_those_won():
    learning = taught(simulated(4, 0.5))
    bins = bins_of(learning.predicted)
    assert sum(each.bids for each in bins) == learning.known == 200
    assert sum(each.won for each in bins) == learning.won
    for each in bins:
        members = [one for one in learning.predicted if each.low <= one.p < each.high]
        assert each.predicted == pytest.approx(sum(one.p for one in members) / len(members), abs=1e-6)
        assert each.observed == wilson(each.won, each.bids, judgement().z)
        assert each.observed.p == Decimal(each.won) / each.bids


def test_a_bin_whose_chances_did_not_come_true_is_told():
    """40 bids at 12 %: 4 won are as predicted, 20 are not."""
    told = []
    for won in (4, 20):
        (only,) = bins_of([Predicted(p=0.12, won=place < won) for place in range(40)])
        told.append(only.holds)
    assert told == [True, False]
    (few,) = bins_of([Predicted(p=0.12, won=True)] * 9)
    assert few.holds


def test_too_few_outcomes_abstain_in_words_and_in_json():
    outcomes = [Outcome(lift=1.0, won=False)] * 12
    learning = learn(outcomes, History(bids=15))
    assert calibration_text(learning) == (
        "Not enough outcomes to learn from: 12 of 30. The win chances use the curves as shipped.\n"
        "Only the base rate counts 3 decided bids that are too old or whose post is gone.\n"
    )
    data = calibration_json(learning)
    assert data["verdict"] == "too few"
    assert data["words"] == "not enough outcomes to learn from: 12 of 30"
    assert (data["bins"], data["found"]["exponent"], data["brier"]["in_use"]) == ([], None, None)
    assert data["in_use"] == {"exponent": 1.0, "scale": 1.0}
    json.dumps(data, allow_nan=False)


def test_text_and_json_agree():
    learning = taught(simulated(4, 0.5, bids=300))
    data, text = calibration_json(learning), calibration_text(learning)
    assert text.startswith("Learned from 300 decided bids of yours. The win chances use what was learned.\n")
    brier = data["brier"]
    assert f"base rate alone {brier['base_rate']:.4f} · curves as shipped {brier['as_shipped']:.4f}" in (
        " ".join(text.split())
    )
    assert f"{data['found']['exponent']:g} (90% interval" in text
    rows = [line.split() for line in text.splitlines() if line[:1].isdigit() and "%" in line]
    assert [int(row[3]) for row in rows] == [each["bids"] for each in data["bins"]]
    assert brier["in_use"] == brier["as_learned"] < brier["as_shipped"]
    assert all(line == line.rstrip() and len(line) <= 100 for line in text.splitlines())
    assert max(map(len, calibration_text(learning, width=60).splitlines())) <= 60
