"""Roles of audited corpora: records, maxima of half-years and runners-up by tokens of human text."""

from __future__ import annotations

import pandas as pd

from forecast.ingest import load_models, load_table
from forecast.ingest.roles import roles


def test_the_shipped_roles_are_those_that_sizes_give():
    audit = load_table("record_audit").set_index("model")
    found = pd.Series(roles(load_models(), audit.reset_index()))
    assert found.to_dict() == audit.loc[found.index, "role"].to_dict()
    assert found["MAI-Thinking-1"] == "record"
    assert found["DeepSeek-V4.1-Flash"] == "half_year_maximum", "33.5 of 45 trillion tokens are human text: no record"
    assert found["MoE-Multi"] == "record", "the first row"


def test_a_larger_row_takes_the_role_and_a_row_that_does_not_count_has_none():
    models, audit = load_models(), load_table("record_audit")
    place = audit.index[audit["model"] == "LFM2.5-2.6B"][0]
    before = roles(models, audit)
    audit.loc[place, "tokens_seen"] = 9e13
    after = roles(models, audit)
    assert (before["LFM2.5-2.6B"], after["LFM2.5-2.6B"]) == ("runner_up", "record")
    assert after["DeepSeek-V4.1-Flash"] == "runner_up"
    assert "GPT-5" not in after
