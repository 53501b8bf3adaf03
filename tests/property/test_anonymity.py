"""People in groups of at least k: what is told gives nobody away."""

from itertools import product

import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citytwin.export.anonymity import Groups, grouped

RESOLUTION = 10
MIDDLE = h3.latlng_to_cell(37.76, -122.44, RESOLUTION)
#: Cells near one another, in several parents, and one far away.
PLACES = np.array(
    [*sorted(h3.grid_disk(MIDDLE, 4))[::5], h3.latlng_to_cell(31.2, 121.5, RESOLUTION)], np.uint64
)
PEOPLE = st.one_of(st.just(0.0), st.integers(1, 40).map(float), st.floats(0.01, 30.0))
THINGS = st.lists(
    st.tuples(PEOPLE, st.integers(0, len(PLACES) - 1), st.floats(0.0, 500.0)),
    min_size=1, max_size=8,
)  # fmt: skip
LEAST = st.integers(2, 25)


def told(
    things: list[tuple[float, int, float]], least: int
) -> tuple[Groups, np.ndarray, np.ndarray]:
    people, place, weight = (np.array(column) for column in zip(*things, strict=True))
    groups = grouped(people, PLACES[place], RESOLUTION, least)
    return groups, people, groups.spread(weight)


@given(THINGS, LEAST)
def test_every_group_has_k_people(things: list[tuple[float, int, float]], least: int) -> None:
    groups, people, _ = told(things, least)
    assert (groups.totals >= least - 1e-6).all()
    assert ((groups.of >= 0) == (people > 0.0)).all()
    for number, total in enumerate(groups.totals):
        assert total == pytest.approx(people[groups.of == number].sum())


@given(THINGS, LEAST)
def test_the_sum_is_kept_or_nothing_is_told(
    things: list[tuple[float, int, float]], least: int
) -> None:
    _, people, published = told(things, least)
    if people.sum() >= least or people.sum() == 0.0:
        assert published.sum() == pytest.approx(people.sum())
        assert (published[people == 0.0] == 0.0).all()
    elif people.sum() < least - 1e-6:
        assert np.isnan(published[people > 0.0]).all()


@given(THINGS, LEAST)
def test_inside_a_group_only_what_everybody_sees_matters(
    things: list[tuple[float, int, float]], least: int
) -> None:
    groups, _, published = told(things, least)
    weight = np.array([thing[2] for thing in things])
    for number in range(groups.totals.size):
        mine = groups.of == number
        if weight[mine].sum() > 0.0:
            share = weight[mine] / weight[mine].sum()
        else:
            share = np.full(mine.sum(), 1.0 / mine.sum())
        assert published[mine] == pytest.approx(groups.totals[number] * share)


@settings(max_examples=60)
@given(THINGS, LEAST)
def test_no_sum_or_difference_is_of_fewer(
    things: list[tuple[float, int, float]], least: int
) -> None:
    """Whoever knows every published number and the total can work out no set of fewer than k people.

    A published number is a sum of what is hidden: the rows of a matrix. A set is given away if the sum
    over it is a combination of rows.
    """
    groups, people, _ = told(things, least)
    if not groups.totals.size:
        return
    rows = [(groups.of == number).astype(float) for number in range(groups.totals.size)]
    known = np.array([*rows, (people > 0.0).astype(float)])
    rank = np.linalg.matrix_rank(known)
    lived_in = np.flatnonzero(people > 0.0)
    for chosen in product((0.0, 1.0), repeat=lived_in.size):
        target = np.zeros(people.size)
        target[lived_in] = chosen
        if 0.0 < people @ target < least - 1e-6:
            assert np.linalg.matrix_rank(np.vstack([known, target])) > rank


@given(THINGS, LEAST, st.randoms(use_true_random=False))
def test_the_order_of_things_does_not_matter(
    things: list[tuple[float, int, float]], least: int, random: object
) -> None:
    _, _, published = told(things, least)
    order = list(range(len(things)))
    random.shuffle(order)  # type: ignore[attr-defined]
    _, _, again = told([things[at] for at in order], least)
    np.testing.assert_allclose(again, published[order])


@given(THINGS, LEAST, st.floats(0.1, 9.0))
def test_people_who_may_not_be_told_apart_join_a_group(
    things: list[tuple[float, int, float]], least: int, more: float
) -> None:
    people, place, weight = (np.array(column) for column in zip(*things, strict=True))
    groups = grouped(people, PLACES[place], RESOLUTION, least, more)
    assert (groups.totals >= least - 1e-6).all()
    if groups.totals.size:
        assert groups.spread(weight).sum() == pytest.approx(people.sum() + more)


def test_neighbours_are_put_together_before_those_far_away() -> None:
    children = np.array(sorted(h3.cell_to_children(h3.cell_to_parent(MIDDLE, 9), 10)), np.uint64)
    far = PLACES[-1]
    cells = np.array([children[0], children[1], far, children[2]], np.uint64)
    groups = grouped(np.array([6.0, 5.0, 3.0, 50.0]), cells, 10, 10)
    assert groups.of[0] == groups.of[1] != groups.of[3]
    # The three far away are too few, and join the smallest group.
    assert groups.of[2] == groups.of[0]
    assert sorted(groups.totals) == [14.0, 50.0]
    assert groups.spread(np.array([1.0, 1.0, 5.0, 2.0])).tolist() == [2.0, 2.0, 10.0, 50.0]
