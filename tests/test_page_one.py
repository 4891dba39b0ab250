"""Page one: its order, its length, and every number from the document or a stored result."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser

import pytest
from sampling import baseline, short_run

from forecast import evaluate
from forecast.core.wording import odds, percent_words, year_phrase, year_words
from forecast.evaluate.rounds.files import read
from forecast.evaluate.scenarios import stored_scenarios
from forecast.plots import FIGURES
from forecast.plots.style import quantity_words
from forecast.report import page_one, render, trust
from forecast.report.brief_background import judged_of
from forecast.report.brief_blocks import BriefTable, Bullets, Links, Paragraph, Quotation
from forecast.report.glossary import glossary, questions
from forecast.report.page_one import FILES, MOVERS, SCENARIOS, parts
from forecast.report.stored_for import stale_words, stored_for
from forecast.report.trust import UPDATES
from forecast.runs.headline import DOES_NOT_MEAN, question

EMPTY = dict.fromkeys(FIGURES, "<svg></svg>")
VOID = {"meta", "br", "hr", "input"}
MOST_WORDS = 3000
"""Visible words of the report without its appendix (count)."""


class Visible(HTMLParser):
    """Words that a reader sees before anything is opened, and the headings of page one."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words, self.headings, self._open = 0, [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        # What a phone alone folds is open on other screens.
        if tag not in VOID and ("class", "phone") not in attrs:
            self._open.append(tag)
        if tag in ("h1", "h2"):
            self.headings.append("")

    def handle_endtag(self, tag):
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data):
        if self._open and self._open[-1] in ("h1", "h2"):
            self.headings[-1] += data
        folded = "details" in self._open and "summary" not in self._open
        if not folded and not {"script", "style", "svg", "noscript", "title"} & set(self._open):
            self.words += len(data.split())


@pytest.fixture(scope="module")
def page() -> Visible:
    return Visible(render(baseline(), EMPTY))


def tables(part) -> list[BriefTable]:
    return [block for block in part.blocks if isinstance(block, BriefTable)]


def said(part) -> str:
    """Return the running text of a part."""
    found = []
    for block in part.blocks:
        if isinstance(block, Paragraph | Quotation):
            found.append(block.text)
        elif isinstance(block, Bullets):
            found += [f"{lead} {words}" for lead, words in block.items]
    return " ".join(found)


def test_the_page_is_short(page):
    assert 1000 < page.words <= MOST_WORDS


def test_page_one_comes_in_the_order_of_reading(page):
    asked = ["A question that can be checked"] if question(baseline().document) else []
    assert page.headings[: 8 + len(asked)] == [
        "When could AI outgrow the public text people write?",
        "What it means, and what it does not",
        "What would change it",
        "Four scenarios",
        "How far to trust it",
        *asked,
        "What others said",
        "Use this",
        "The answer, year by year",
    ]


def test_the_first_part_says_what_a_reader_must_know_before_quoting():
    run = baseline()
    first = parts(run)["headline"]
    assert first.blocks[0] == Quotation(run.document["sentence"])
    record = max(run.document["consumption"]["record"]["rows"], key=lambda row: row["log10_size"])
    published = max(stored_for("vintages", run.document).content["published"], key=lambda one: one["date"])
    text = said(first)
    assert f"{quantity_words(10 ** record['log10_size'])} tokens ({record['model']}, {int(record['year'])})" in text
    low, high = published["interval"]
    assert f"was {year_words(published['median'])} ({year_words(low)} to {year_words(high)})" in text
    moves = [one["moved_by_years"] for one in stored_for("vintages", run.document).content["vintages"]][-UPDATES:]
    later = sum(moved >= 0.05 for moved in moves)
    assert f"moved later at {later} of the last {UPDATES} half-years." in text


def test_it_means_and_does_not_mean_in_three_lines_each():
    run = baseline()
    means, not_means = [block.items for block in parts(run)["meaning"].blocks if isinstance(block, Bullets)]
    assert len(means) == len(not_means) == 3
    assert tuple(line for _, line in not_means) == DOES_NOT_MEAN
    left = 1 - run.document["exhaustion_year"]["probability_by"]["2030"]
    assert odds(left).of_a_crowd() in means[2][1]


def test_what_would_change_it_is_ranked_by_the_years_it_moves():
    run = baseline()
    (table,) = tables(parts(run)["movers"])
    moved = [float(row[1]) for row in table.rows]
    assert len(moved) == MOVERS
    assert moved == sorted(moved, reverse=True)
    inputs = {one["title"].lower(): one["tornado"] for one in stored_for("sensitivity", run.document).content["inputs"]}
    for name, years, shares in table.rows:
        ends = inputs[name.lower()]
        assert years == f"{abs(ends['high']['median'] - ends['low']['median']):.1f}"
        ordered = sorted(ends[end]["probability_by_2030"] for end in ("low", "high"))
        assert shares == " to ".join(map(percent_words, ordered))


def test_the_scenarios_have_their_stored_numbers():
    run = baseline()
    (table,) = tables(parts(run)["four"])
    rows = {one["name"]: one for one in stored_scenarios(run.document).content["scenarios"]}
    assert len(table.rows) == len(SCENARIOS) == 4
    for name, row in zip(SCENARIOS, table.rows, strict=True):
        year = rows[name]["exhaustion_year"]
        assert row == (
            rows[name]["title"],
            year_phrase(year["median"]),
            percent_words(year["probability_by"]["2030"]),
        )


def test_trust_is_told_from_stored_results():
    run = baseline()
    text = said(parts(run)["trust"])
    backtest = stored_for("backtest", run.document).content["summary"]["combination"]
    histories = stored_for("histories", run.document).content["coverage"]["held_out"]
    assert (
        f"{100 * backtest['coverage']['0.8']:.0f} times in 100 on published records, looking back ({backtest['n']} "
        in text
    )
    assert f"{100 * histories['0.8']:.0f} times on histories" in text
    assert "worth 6 to 23 independent ones" in text
    (unseen,) = (
        row
        for row in stored_for("worlds", run.document).content["halves"]
        if (row["half"], row["who"], row["horizon"]) == ("held_out", "mixture", "all")
    )
    assert f"{100 * unseen['coverage']['0.8'][0]:.0f} times on simulated worlds" in text
    judged, acting = judged_of(run.document)
    assert 0 < judged < acting
    assert f"{judged} of the {acting} numbers behind the answer rest at least partly on judgement" in text
    driven = run.document["diagnostics"]["prior_driven"]
    assert not driven or f"{len(driven)} of the growth models' own are hardly moved by the data" in text


def test_the_question_says_what_its_rivals_give():
    (own,) = [q for q in read("2026H2")["questions"] if q["name"] == "any_run_above_100T_2028"]
    asked = {"sentence": "A question.", "probability": own["us"]["probability"], "round": "2026H2"}
    document = {**baseline().document, "headline": {**baseline().document["headline"], "checkable": asked}}
    (line,) = page_one._question(document)
    low, high = (percent_words(f(one["probability"] for one in own["rivals"].values())) for f in (min, max))
    assert line.text == f"A question. Simple rules that it competes with give {low} to {high}."
    document["headline"]["checkable"] = {**asked, "round": "a round that is not there"}
    assert page_one._question(document)[0].text == "A question."


def test_nobody_is_quoted_whose_own_words_were_not_found():
    claims = {
        page_one._with_year(one["claimant"], one["date"][:4]): one
        for one in stored_for("claims", baseline().document).content["claims"]
    }
    (table,) = tables(parts(baseline())["others"])
    shown = [claims[row[0]] for row in table.rows if row[0] in claims]
    assert shown
    assert not any(one["not_to_be_cited"] for one in shown)


def test_every_published_answer_has_odds_or_says_that_it_has_none_and_no_name_says_its_year_twice():
    (table,) = tables(parts(baseline())["others"])
    rows = {who: (years, odds_here) for who, years, odds_here in table.rows}
    assert rows["Epoch 2022, all language data"] == ("2032 (2028 to 2039)", "none: another stock")
    same = [odds_here for years, odds_here in rows.values() if years in ("2028 (2026 to 2032)", "2026 to 2032")]
    assert len(same) == 2, "Epoch's answer, and who repeats it"
    assert same[0] == same[1]
    assert same[0].endswith("%")
    assert all(odds_here for _, odds_here in rows.values())
    assert "Stanford AI Index 2025" in rows
    assert not [who for who in rows if len(re.findall(r"20\d\d", who)) > 1]


def test_those_who_are_not_beaten_are_named(monkeypatch):
    run = baseline()
    found = stored_for("backtest", run.document)
    pairs = [{**pair, "interval_0.9": [0.4, 0.9]} for pair in found.content["pairs"]]
    better = dataclasses.replace(found, content={**found.content, "pairs": pairs})
    assert "not shown to be better than" in said(parts(run)["trust"])
    monkeypatch.setattr(trust, "stored_for", lambda name, _: better if name == "backtest" else None)
    text = said(parts(run)["trust"])
    assert "not shown" not in text
    assert "better than every simple rule" in text


def test_a_table_of_the_users_own_has_no_stored_blocks():
    own = parts(baseline(models="mine.csv"))
    assert set(own) <= {"headline", "meaning", "trust", "question", "use"}
    assert "Epoch AI's answer" not in said(own["headline"])
    assert "Past tests." not in said(own["trust"])
    assert "Track record. Nothing is stored for this forecast." in said(own["trust"])


def test_a_stale_result_says_so_and_what_to_run(monkeypatch):
    run = baseline()
    real = stored_for
    for stale in (True, False):

        def kept(name, document, stale=stale):
            found = real(name, document)
            return found and dataclasses.replace(found, changed=("the seed",) if stale else ())

        for module in (page_one, trust):
            monkeypatch.setattr(module, "stored_for", kept)
        for name, part in parts(run).items():
            if name in ("movers", "trust", "others"):
                assert ("Stale (" in said(part) and "make evaluate" in said(part)) == stale, name
    assert stale_words(None) == ""


def test_no_part_may_be_quoted_where_the_diagnostics_say_fail():
    found = parts(short_run())
    assert "meaning" not in found
    assert "must not be quoted" in said(found["headline"])
    assert not any(isinstance(block, Quotation) for block in found["use"].blocks)


def test_the_files_to_take_along_are_linked():
    (links,) = [block for block in parts(baseline())["use"].blocks if isinstance(block, Links)]
    assert links.items == FILES
    assert f'<a href="{FILES[0][0]}">' in render(baseline(), EMPTY)


def test_a_dozen_words_are_explained_and_questions_answered():
    run = baseline()
    (words,) = glossary(run.document).blocks
    assert len(words.items) == 12
    (answers,) = questions(run.document).blocks
    assert len(answers.items) >= 5
    assert all(asked.endswith("?") for asked, _ in answers.items)
    already = run.document["exhaustion_year"]["probability_already"]
    assert odds(already).of_a_crowd() in " ".join(words for _, words in answers.items).lower()


def test_every_name_of_a_stored_result_is_one_that_is_stored():
    for name in ("sensitivity", "disclosures", "vintages", "claims", "backtest", "worlds", "histories"):
        assert evaluate.stored(name).name == name
