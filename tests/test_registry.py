"""The registry: one idiom for every family of which there is more to come."""

from types import SimpleNamespace

import pytest

import forecast as fc
from forecast.collapse.regimes import REGIMES
from forecast.consumption.alternatives import MEMBER_VARIANTS, ROUTES
from forecast.consumption.alternatives.baselines import BASELINES
from forecast.consumption.members import MEMBERS
from forecast.core.registry import Registry
from forecast.errors import InputError, UnknownNameError
from forecast.evaluate import EVALUATIONS
from forecast.evaluate.variants import VARIANTS
from forecast.plots import FIGURES
from forecast.production import ESTIMATORS
from forecast.replicate import ANALYSES
from forecast.report.sections import SECTIONS
from forecast.runs.events import DEFINITIONS

FAMILIES = (
    *(fc.RESOURCES, MEMBERS, MEMBER_VARIANTS, ROUTES, BASELINES, ESTIMATORS, REGIMES, DEFINITIONS),
    *(FIGURES, SECTIONS, ANALYSES, EVALUATIONS, VARIANTS),
)


def test_entries_keep_the_order_in_which_they_came():
    found = Registry("tide", [SimpleNamespace(name="neap"), SimpleNamespace(name="ebb")])
    spring = found.register(SimpleNamespace(name="spring"))
    assert list(found) == ["neap", "ebb", "spring"]
    assert len(found) == 3
    assert found["spring"] is spring
    assert found.get("flood") is None
    assert "flood" not in found


def test_a_second_entry_of_a_name_is_refused_and_the_same_one_again_is_not():
    found, neap = Registry("tide"), SimpleNamespace(name="neap")
    assert found.register(neap) is found.register(neap) is neap
    with pytest.raises(InputError, match="a second tide named 'neap'"):
        found.register(SimpleNamespace(name="neap"))
    assert found["neap"] is neap


def test_register_decorates_a_class():
    found = Registry("tide")

    @found.register
    class Neap:
        name = "neap"

    assert found["neap"] is Neap


def test_the_class_of_a_cell_that_is_run_again_takes_its_own_place():
    found = Registry("tide")

    def cell(name="Neap", module="__main__"):
        return type(name, (), {"name": "neap", "__module__": module})

    found.register(cell()())
    again = found.register(cell()())
    assert found["neap"] is again
    for other in (cell("Spring")(), cell(module="forecast.tides")(), cell()):
        with pytest.raises(InputError, match="a second tide"):
            Registry("tide", [cell("Other")()]).register(other)
    with pytest.raises(InputError, match="a second tide"):
        found.register(cell("Spring")())


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.kind)
def test_every_family_says_what_is_near_to_a_name_that_it_does_not_know(family):
    near = next(iter(family))
    with pytest.raises(UnknownNameError, match=f"the {family.kind} '{near}x', expected one of: .*{near}"):
        family[f"{near}x"]
