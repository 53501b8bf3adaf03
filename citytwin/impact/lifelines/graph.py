"""When each node of a graph of needs goes dark: pure numbers, no places and no hazard.

A node is dark from the time at which it fails by itself, or at which it has been without one of its
needs for as long as its own supply lasts. A need is gone when all of its alternatives are dark. Of
all times that agree with this, the latest are meant: nothing is dark without a cause, not even nodes
that need each other in a ring. They are found in one pass in the order of time, as Knuth (1977,
Inf. Process. Lett. 6, doi:10.1016/0020-0190(77)90002-3) generalises Dijkstra's shortest paths.
Nothing is repaired.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

#: Needs of a node: all of them must work; one of the nodes in each is enough.
Needs = Sequence[Sequence[int]]


@dataclass(frozen=True)
class Dark:
    """When a node is dark, and why.

    Attributes
    ----------
    time
        Seconds after the start; infinite if never.
    need
        Number of the need without which it is; −1 where it failed by itself, or is not dark.
    cause
        The node whose failure took that need away last; −1 likewise.
    """

    time: float
    need: int = -1
    cause: int = -1


def cascade(fails: Sequence[float], needs: Sequence[Needs], backup: Sequence[float]) -> list[Dark]:
    """When each node is dark.

    Parameters
    ----------
    fails
        (n,) when each fails by itself [s]; infinite if never.
    needs
        (n,) what each needs, as numbers of nodes.
    backup
        (n,) how long each goes on without what it needs [s], not below 0.

    Returns
    -------
    (n,) in the order of the nodes. The times do not depend on that order. Of two causes at one time the
    node's own failure is named; of two needs that go at one time, either.
    """
    left = [[len(set(entry)) for entry in entries] for entries in needs]
    wanted: list[list[tuple[int, int]]] = [[] for _ in fails]
    for node, entries in enumerate(needs):
        for number, entry in enumerate(entries):
            for other in set(entry):
                wanted[other].append((node, number))
    found = [Dark(inf)] * len(fails)
    queue = [(time, -1, node, -1) for node, time in enumerate(fails) if time < inf]
    heapq.heapify(queue)
    settled = [False] * len(fails)
    while queue:
        time, number, node, cause = heapq.heappop(queue)
        if settled[node]:
            continue
        settled[node], found[node] = True, Dark(time, number, cause)
        for user, entry_number in wanted[node]:
            left[user][entry_number] -= 1
            if left[user][entry_number] == 0 and not settled[user]:
                heapq.heappush(queue, (time + backup[user], entry_number, user, node))
    return found


def root(found: Sequence[Dark], node: int) -> int:
    """The node whose own failure is behind that of a dark node: itself, or the first of its causes."""
    while found[node].cause >= 0:
        node = found[node].cause
    return node
