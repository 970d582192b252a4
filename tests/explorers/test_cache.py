"""The cost and cache view: its counters against products counted in running code."""

from __future__ import annotations

import pytest

from backproplab.explorers.models.cache import Cache
from tests.backproplab.counting import (
    counted_backward,
    counted_central_differences,
    counted_forward,
    counted_forward_caching,
)

SIZES = ([2, 2, 1], [3, 4, 2], [4, 3, 5, 2], [3, 1, 1, 2], [5, 1])


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_totals_are_what_running_code_multiplies(sizes):
    state = Cache(sizes).state()
    forward = counted_forward(sizes)
    steps = state["runs"]["cache"]
    assert steps[-1]["products"] == forward + counted_backward(sizes)
    assert steps[-1]["one_by_one"] == counted_forward_caching(sizes)
    assert [count for _, count in state["prices"]] == [
        forward,
        counted_backward(sizes),
        counted_forward_caching(sizes),
        counted_central_differences(sizes),
    ]


def test_the_net_of_lesson_11():
    state = Cache([100] + [50] * 5 + [1]).state()
    cached, again = state["runs"]["cache"], state["runs"]["recompute"]
    assert max(step["numbers"] for step in cached) == 250
    assert max(step["numbers"] for step in again) == 100
    assert cached[-1]["products"] == 15_050 + 25_350
    assert again[-1]["products"] == 15_050 + 25_350 + 50_000


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_forward_keeps_and_backward_spends(sizes):
    steps = Cache(sizes).state()["runs"]["cache"]
    L = len(sizes) - 1
    assert [step["phase"] for step in steps] == (
        ["start"] + ["forward"] * L + ["backward"] * L
    )
    numbers = [step["numbers"] for step in steps]
    assert numbers[: L + 1] == sorted(numbers[: L + 1])
    assert numbers[L:] == sorted(numbers[L:], reverse=True)
    assert numbers[L] == sum(sizes[1:-1]) and numbers[-1] == 0
    products = [step["products"] for step in steps]
    assert products == sorted(products)


@pytest.mark.parametrize("sizes", [[3], [3, 0, 1], [2.5, 1], [1] * 40, "ab"])
def test_sizes_that_are_none(sizes):
    with pytest.raises(ValueError, match="sizes are|at most"):
        Cache(sizes)


def test_the_bill_names_what_the_prices_list():
    state = Cache([4, 6, 6, 6, 1]).state()
    prices = dict(state["prices"])
    forward, backward = prices["forward pass"], prices["backward, with the cache"]
    last = {name: run[-1] for name, run in state["runs"].items()}
    again = last["recompute"]["products"] - forward - backward
    bill = f"{forward} forward + {backward} backward"
    assert last["cache"]["says"].startswith(f"{bill} = {forward + backward} products")
    assert last["recompute"]["says"].startswith(f"{bill} + {again} computed again = ")
    for step in last.values():
        alone = f"{prices['each weight by itself']:,} in the place of the {backward}."
        assert step["says"].endswith(alone)
