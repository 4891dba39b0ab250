"""Words for years, odds and percentages: right at the ends, in order, and one rule for every form of a date."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.core.wording import (
    FIVES,
    ODDS,
    WHOLE_POINTS,
    date_words,
    odds,
    odds_told,
    percent_words,
    tight,
    times_words,
    year_phrase,
    year_tenth,
    year_words,
)

SHARES = st.floats(0.0, 1.0)
YEARS = st.integers(20_180_000, 20_509_999).map(lambda digits: digits / 10_000)


@given(SHARES)
def test_the_words_are_within_three_points_of_the_number(share):
    assert abs(odds(share).share - share) <= 0.03


@given(SHARES, SHARES)
def test_larger_shares_never_have_smaller_words(one, other):
    low, high = sorted((one, other))
    assert odds(low).share <= odds(high).share


def test_every_fraction_says_itself_and_stands_in_order():
    assert [one.share for one in ODDS] == sorted({one.share for one in ODDS})
    assert len({one.words for one in ODDS}) == len(ODDS)
    numbers = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
               "ten": 10, "a hundred": 100, "half": 0.5}  # fmt: skip
    for one in ODDS:
        if " in " in one.words:
            above, below = (numbers.get(word) or int(word) for word in one.words.split(" in "))
            assert above / below == pytest.approx(one.share)


@pytest.mark.parametrize(
    ("share", "model", "crowd"),
    [
        (0.0, "sees almost no chance", "almost none"),
        (0.04, "gives about one-in-25 odds", "about one in 25"),
        (0.1, "gives about one-in-ten odds", "about one in ten"),
        (0.2, "gives about one-in-five odds", "about one in five"),
        (0.44, "puts it at slightly less than even odds", "slightly fewer than half"),
        (0.5, "gives about even odds", "about half"),
        (0.66, "gives about two-in-three odds", "about two in three"),
        (0.79, "gives about four-in-five odds", "about four in five"),
        (0.9, "gives about nine-in-ten odds", "about nine in ten"),
        (1.0, "calls it nearly certain", "nearly all"),
    ],
)
def test_odds_in_words(share, model, crowd):
    assert (odds(share).of_the_model(), odds(share).of_a_crowd()) == (model, crowd)


@given(SHARES, st.sampled_from([None, 0.0, 0.004, WHOLE_POINTS, 0.006, FIVES, 0.03, 0.2]))
def test_a_percentage_has_the_digits_that_its_error_allows_and_is_never_0_or_100(share, error):
    said = percent_words(share, error)
    number = int("".join(letter for letter in said if letter.isdigit()))
    step = 1 if error is None or error <= 0.005 else 5 if error <= 0.025 else 10
    assert said.endswith("%")
    assert " %" not in said
    assert number % step == 0
    assert 0 < number < 100
    assert abs(number - 100 * share) <= max(step / 2, 1) if said[0] not in "lm" else True
    assert said.startswith("about ") == (step > 1 and said[0] not in "lm")


@pytest.mark.parametrize(
    ("share", "error", "said"),
    [
        (0.79, None, "79%"),
        (0.79, 0.005, "79%"),
        (0.79, 0.0064, "about 80%"),
        (0.804, 0.0064, "about 80%"),
        (0.77, 0.0066, "about 75%"),
        (0.44, 0.03, "about 40%"),
        (0.03, 0.02, "about 5%"),
        (0.02, 0.02, "less than 5%"),
        (0.98, 0.03, "more than 90%"),
        (0.996, None, "more than 99%"),
    ],
)
def test_percentages_with_known_errors(share, error, said):
    assert percent_words(share, error) == said


@given(SHARES, st.sampled_from([None, 0.004, 0.006, 0.03]))
def test_odds_beside_a_percentage_are_those_of_the_number_printed(share, error):
    printed = percent_words(share, error)
    if printed[0] in "lm":
        return
    number = int("".join(letter for letter in printed if letter.isdigit())) / 100
    assert abs(odds_told(share, error).share - number) <= 0.03


@given(YEARS)
def test_every_form_of_a_date_names_the_same_calendar_year(year):
    assert year_phrase(year)[-4:] == year_words(year) == year_tenth(year)[:4]


@given(YEARS, YEARS)
def test_later_dates_have_later_words(one, other):
    place = {"ear": 0, "mid": 1, "lat": 2}
    low, high = sorted((one, other))
    said = [(int(year_phrase(year)[-4:]), place[year_phrase(year)[:3]]) for year in (low, high)]
    assert said == sorted(said)
    assert float(year_tenth(low)) <= float(year_tenth(high))


@pytest.mark.parametrize(
    ("year", "phrase", "table", "tenth"),
    [
        (2026.0, "early 2026", "2026", "2026.0"),
        (2026.3333, "early 2026", "2026", "2026.3"),
        (2028.4, "mid-2028", "2028", "2028.4"),
        (2028.5, "mid-2028", "2028", "2028.5"),
        (2033.9, "late 2033", "2033", "2033.9"),
        (2033.98, "late 2033", "2033", "2033.9"),
        (2050.9, "late 2050", "2050", "2050.9"),
        (2051.0, "after 2050", "after 2050", "after 2050"),
        (float("inf"), "after 2050", "after 2050", "after 2050"),
        (None, "after 2050", "after 2050", "after 2050"),
    ],
)
def test_years(year, phrase, table, tenth):
    assert (year_phrase(year), year_words(year), year_tenth(year)) == (phrase, table, tenth)


def test_dates_counts_and_spaces():
    assert date_words("2028-12-31") == "31 December 2028"
    assert [times_words(n) for n in (1.1, 2.2, 3.1, 10.4, 39.6)] == [
        "once", "twice", "three times", "ten times", "40 times",
    ]  # fmt: skip
    assert tight("66 % to 99\u00a0%, % of") == "66% to 99%, % of"
