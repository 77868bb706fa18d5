"""Places that are drawn: all of them, evenly, always alike; bursts of a run behind each other."""

import numpy as np

from bankside.arch.dram.channel.gather import gathered


def test_runs_lie_at_places_that_are_drawn_evenly() -> None:
    run, places, draws = 3, 16, 4000
    bursts = np.array([gathered(100, 7, run, places, k) for k in range(run * draws)]).reshape(draws, run)
    assert (np.diff(bursts, axis=1) == 1).all()
    place = (bursts[:, 0] - 100) / run
    assert set(place) == set(range(places))
    counts = np.bincount(place.astype(int))
    # of 4000 draws 250 each: chi squared of 15 degrees of freedom, 99.9 %
    assert ((counts - 250) ** 2 / 250).sum() < 37.7
    assert abs(np.corrcoef(place[:-1], place[1:])[0, 1]) < 0.05


def test_a_later_draw_goes_on_where_an_earlier_one_ends() -> None:
    one = [gathered(0, 0, 2, 1000, k) for k in range(20)]
    assert [gathered(0, 4, 2, 1000, k) for k in range(12)] == one[8:]
