"""The figure of what the mixture learns from histories."""

import pytest

from forecast.consumption.members import DEFAULT_MEMBERS
from forecast.plots.learning import learning, learning_text

LAWS = [
    {"median": median, "sd_log": sd, "crps": 0.42 + (median - 0.9) ** 2 + 0.01 * sd, "standard_error": 0.004}
    for sd in (0.3, 0.6, 0.9)
    for median in (0.7, 0.9, 1.1)
]


def content(needed):
    return {
        "laws": LAWS,
        "law": {"chosen": {"median": 0.9, "sd_log": 0.6}},
        "weights": {
            "learned": dict.fromkeys(DEFAULT_MEMBERS, 0.25),
            "interval_0.9": dict.fromkeys(DEFAULT_MEMBERS, (0.1, 0.4)),
            "needed": needed,
        },
    }


@pytest.mark.parametrize(("needed", "words"), [(False, "equal weights will do"), (True, "other weights would help")])
def test_the_title_says_what_was_chosen(needed, words):
    ax = learning(content(needed))
    assert ax.get_title(loc="left") == f"Histories go on at 0.9 times the pace expected; {words}"
    assert words in learning_text(content(needed))
    assert "CRPS 0.426 with median 0.9 and spread 0.6" in learning_text(content(needed))


def test_laws_of_a_spread_share_a_line_and_the_chosen_one_is_ringed():
    left, right = learning(content(False)).child_axes
    by_label = {line.get_label(): line for line in left.lines}
    assert by_label["spread 0.3"].get_xdata().tolist() == [0.7, 0.9, 1.1]
    assert by_label["spread 0.9"].get_ydata().tolist() == pytest.approx([0.469, 0.429, 0.469])
    ring = left.containers[0].lines[0]
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == pytest.approx((0.9, 0.426))
    shown = [text.get_text() for text in right.texts]
    assert len(shown) == len(DEFAULT_MEMBERS)
    assert all(text.endswith(" 0.25") for text in shown)
