"""Laws of a graph of needs: what holds whatever the graph."""

from math import inf, isfinite
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from citytwin.impact.lifelines.graph import Dark, Needs, cascade, root

_TIMES = st.one_of(st.just(inf), st.floats(0.0, 1e6))


@st.composite
def graphs(draw: Any) -> tuple[list[float], list[Needs], list[float]]:
    """Failures, needs (rings and all), own supplies."""
    count = draw(st.integers(1, 10))
    entry = st.lists(st.integers(0, count - 1), min_size=1, max_size=3)
    return (
        draw(st.lists(_TIMES, min_size=count, max_size=count)),
        draw(st.lists(st.lists(entry, max_size=3), min_size=count, max_size=count)),
        draw(st.lists(st.floats(0.0, 1e5), min_size=count, max_size=count)),
    )


def lost(found: list[Dark], entries: Needs) -> float:
    """When a node is first without one of its needs."""
    return min((max(found[other].time for other in entry) for entry in entries), default=inf)


@settings(deadline=None)
@given(graphs())
def test_every_time_agrees_with_what_it_says(graph: Any) -> None:
    fails, needs, backup = graph
    found = cascade(fails, needs, backup)
    for node, dark in enumerate(found):
        assert dark.time == min(fails[node], lost(found, needs[node]) + backup[node])


@settings(deadline=None)
@given(graphs())
def test_nothing_is_dark_without_a_failure_behind_it(graph: Any) -> None:
    fails, needs, backup = graph
    found = cascade(fails, needs, backup)
    for node, dark in enumerate(found):
        if isfinite(dark.time):
            first = root(found, node)
            assert found[first].time == fails[first] <= dark.time
    quiet = cascade([inf] * len(fails), needs, backup)
    assert all(dark.time == inf for dark in quiet)


@settings(deadline=None)
@given(graphs(), st.data())
def test_an_earlier_failure_or_less_supply_helps_nobody(graph: Any, data: st.DataObject) -> None:
    fails, needs, backup = graph
    node = data.draw(st.integers(0, len(fails) - 1))
    worse = [*fails]
    worse[node] = data.draw(st.floats(0.0, 1e6).map(lambda time: min(time, fails[node])))
    less = [*backup]
    less[node] = backup[node] / 2.0
    before = cascade(fails, needs, backup)
    after = cascade(worse, needs, less)
    assert all(new.time <= old.time for new, old in zip(after, before, strict=True))


@settings(deadline=None)
@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_the_nodes_does_not_matter(graph: Any, random: Any) -> None:
    fails, needs, backup = graph
    order = list(range(len(fails)))
    random.shuffle(order)
    where = {node: at for at, node in enumerate(order)}
    turned = [[[where[other] for other in entry] for entry in needs[node]] for node in order]
    found = cascade([fails[n] for n in order], turned, [backup[n] for n in order])
    plain = cascade(fails, needs, backup)
    assert [found[where[node]].time for node in range(len(fails))] == [d.time for d in plain]


@settings(deadline=None)
@given(graphs())
def test_an_alternative_only_helps(graph: Any) -> None:
    fails, needs, backup = graph
    more = [[[*entry, len(fails)] for entry in entries] for entries in needs]
    found = cascade([*fails, inf], [*more, []], [*backup, 0.0])
    assert [dark.time for dark in found[:-1]] == list(fails)
