import math
import random
from statistics import mean

import pytest

from analysis.judge.intervals import difference, quantile, seeds_needed, within


@pytest.mark.parametrize(
    ("level", "freedom", "expected"),
    [
        (0.95, 1, 12.7062),
        (0.95, 2, 4.3027),
        (0.95, 3, 3.1824),
        (0.95, 4, 2.7764),
        (0.95, 9, 2.2622),
        (0.95, 30, 2.0423),
        (0.90, 5, 2.0150),
        (0.99, 2, 9.9248),
        (0.99, 7, 3.4995),
    ],
)
def test_quantiles_are_those_of_printed_tables(level, freedom, expected):
    assert quantile(level, freedom) == pytest.approx(expected, abs=5e-5)


def test_one_degree_of_freedom_is_cauchy_and_many_are_normal():
    assert within(1.0, 1) == pytest.approx(0.5)
    assert within(1.7, 1) == pytest.approx(2 / math.pi * math.atan(1.7))
    assert within(1.7, 20_000) == pytest.approx(math.erf(1.7 / math.sqrt(2)), abs=1e-4)


def test_the_same_seeds_are_paired():
    found = difference({0: 10.0, 1: 20.0, 2: 33.0}, {0: 9.0, 1: 18.0, 2: 30.0}, step=0.01)
    # differences 1, 2, 3: mean 2, standard deviation 1
    half = 4.3027 / math.sqrt(3)
    assert found.paired and found.seeds == (3, 3)
    assert (found.mean, found.means) == (2.0, (21.0, 19.0))
    assert found.low == pytest.approx(2 - half, abs=1e-4)
    assert found.high == pytest.approx(2 + half, abs=1e-4)


def test_other_seeds_are_two_separate_samples():
    found = difference({0: 10.0, 1: 12.0, 2: 14.0}, {3: 1.0, 4: 2.0, 5: 3.0}, step=0.01)
    # variances 4 and 1, each over 3; Welch: (5/3)**2 / ((4/3)**2 / 2 + (1/3)**2 / 2) = 2.94 -> 2
    half = 4.3027 * math.sqrt(5 / 3)
    assert not found.paired
    assert (found.low, found.high) == pytest.approx((10 - half, 10 + half), abs=1e-3)


@pytest.mark.parametrize("second", [{0: 1.0}, {1: 1.0}], ids=["the same seed", "another seed"])
def test_one_seed_makes_no_interval(second):
    found = difference({0: 5.0}, second, step=0.1)
    assert found.few
    assert (found.mean, found.low, found.high) == (4.0, None, None)
    assert difference({0: 5.0, 1: 7.0}, second, step=0.1).few


def test_seeds_that_agree_exactly_are_as_sure_as_rounding_lets_them_be():
    found = difference({0: 5.0, 1: 6.0, 2: 7.0}, {0: 5.0, 1: 6.0, 2: 7.0}, step=0.6)
    half = 4.3027 * math.sqrt(2 * 0.6**2 / 12 / 3)
    assert (found.mean, found.low, found.high) == pytest.approx((0.0, -half, half), abs=1e-4)


def test_a_higher_confidence_is_wider():
    values = {0: 1.0, 1: 2.0, 2: 4.0}, {0: 0.0, 1: 2.0, 2: 1.0}
    usual, sure = (difference(*values, step=0.1, level=level) for level in (0.95, 0.99))
    ratio = (sure.high - sure.mean) / (usual.high - usual.mean)
    assert ratio == pytest.approx(9.9248 / 4.3027, abs=1e-3)


def test_a_nominal_share_of_intervals_holds_the_truth():
    number = random.SystemRandom().randrange(10**6)
    print(f"seed {number}")
    draw = random.Random(number)
    held = []
    for _ in range(2000):
        first = {seed: draw.gauss(3.0, 1.0) for seed in range(3)}
        second = {seed: draw.gauss(0.0, 2.0) for seed in range(3)}
        found = difference(first, second, step=1e-9)
        held.append(found.low <= 3.0 <= found.high)
    assert mean(held) == pytest.approx(0.95, abs=0.03)


def test_how_many_seeds_would_decide():
    found = difference({0: 1.0, 1: 2.0, 2: 6.0}, {0: 0.0, 1: 0.0, 2: 0.0}, step=0.01)
    assert found.low < 0 < found.high
    needed = seeds_needed(found)
    spread = math.sqrt(7.0)
    halves = {n: quantile(0.95, n - 1) * spread / math.sqrt(n) for n in (needed - 1, needed)}
    assert halves[needed] < found.mean <= halves[needed - 1]


def test_nothing_says_how_many_seeds_would_decide_on_no_difference():
    same = difference({0: 1.0, 1: 3.0}, {0: 3.0, 1: 1.0}, step=0.01)
    apart = difference({0: 1.0, 1: 3.0}, {2: 3.0, 3: 2.0}, step=0.01)
    assert seeds_needed(same) is None
    assert seeds_needed(apart) is None
    assert seeds_needed(difference({0: 1.0}, {0: 2.0}, step=0.01)) is None
