"""A seed brings the same storm again."""

from tests.faults.storm.controls import plan_for
from tests.faults.storm.plan import BLOWS, HARMS, Plan
from tests.faults.storm.sabotages import SABOTAGES


def test_the_same_seed_brings_the_same_harm_at_the_same_moments():
    assert Plan(seed=5, seconds=300).forecast() == Plan(seed=5, seconds=300).forecast()
    assert Plan(seed=5, seconds=300).forecast() != Plan(seed=6, seconds=300).forecast()


def test_every_harm_that_is_wanted_comes_before_any_comes_twice():
    blows = Plan(seconds=300).forecast()
    assert {blow.harm for blow in blows[: len(BLOWS)]} == set(BLOWS)
    assert {blow.harm for blow in Plan(seconds=60, harms=("kill",)).forecast()} == {"kill"}


def test_every_control_is_harmed_by_what_there_is():
    assert all(set(plan_for(name).harms) <= set(HARMS) for name in SABOTAGES)
