"""Routes that close a circle of waits are refused with the circle; those of the shipped networks are none."""

from dataclasses import replace

import pytest

from bankside.arch.noc.fabric.cubes import DATELINE, Lines, cube
from bankside.arch.noc.fabric.deadlock import check_deadlock_free, cycle, dependencies
from bankside.arch.noc.fabric.dragonfly import CLASSES, dragonfly
from bankside.arch.noc.fabric.fabric import NetworkError, VcClass
from bankside.arch.noc.fabric.trees import butterfly, fat_tree


@pytest.mark.parametrize(
    ("fabric", "vcs"),
    [
        (cube("mesh", [Lines(4)] * 2), 1),
        (cube("torus", [Lines(4, True)] * 2, draw_ties=True), 2),
        (cube("torus", [Lines(5, True)] * 3), 3),
        (cube("mixed", [Lines(5, True), Lines(3)]), 2),
        (butterfly(4, 3), 1),
        (fat_tree(4, 3), 1),
        (dragonfly(2), 2),
    ],
    ids=lambda each: getattr(each, "name", each),
)
def test_shipped_routes_are_free_of_deadlock(fabric, vcs):
    assert len(dependencies(fabric, vcs))
    check_deadlock_free(fabric, vcs)


def test_a_ring_without_a_dateline_is_refused_with_its_circle():
    ring = cube("ring", [Lines(6, True)])
    one = replace(ring, classes=tuple(VcClass(each.name) for each in DATELINE))
    with pytest.raises(NetworkError, match=r"0->1 .*1->2 .*2->3 .*3->4 .*4->5 .*5->0|0->5 .*5->4 .*4->3"):
        check_deadlock_free(one, 2)


def test_a_torus_with_one_channel_is_refused():
    with pytest.raises(
        NetworkError, match="with 1 virtual channels packets can wait for each other for ever"
    ):
        check_deadlock_free(cube("torus", [Lines(8, True)] * 2), 1)


def test_a_dragonfly_whose_classes_share_a_channel_is_refused():
    shared = replace(dragonfly(2), classes=(CLASSES[0], VcClass(CLASSES[1].name, 0)))
    with pytest.raises(NetworkError, match="before the global link"):
        check_deadlock_free(shared, 2)


def test_a_circle_is_found_among_other_waits():
    import numpy as np

    waits = np.array([[0, 1], [1, 2], [2, 3], [3, 1], [3, 4]])
    assert sorted(cycle(waits)) == [1, 2, 3]
    assert cycle(waits[:3]) == []
