import itertools

from bankside.experiment.grid_points import BUILT_AT_ONCE, Point, Settings, Workshop, combinations, expand


def test_every_combination_machines_outermost() -> None:
    points = list(
        expand("gemv", {"m": [1, 2], "k": [3]}, ["a", "b"], ["s=1"], {"x.y": ["p", "q"]}, Settings(stacks=2))
    )
    assert [(point.machine, point.overrides, point.options) for point in points] == [
        (machine, ("s=1", f"x.y={value}"), (("m", m), ("k", 3)))
        for machine in ("a", "b")
        for value in ("p", "q")
        for m in (1, 2)
    ]
    assert {point.settings.stacks for point in points} == {2}


def test_without_axes_there_is_one_point() -> None:
    assert list(expand("gemv", {}, ["a"])) == [Point("gemv", (), "a")]


def test_a_heading_names_what_varies() -> None:
    _, point = expand("gemv", {"m": [1, 2], "k": [3]}, ["a"], vary={"cores.pe.tap": ["hbm.bank"]})
    assert point.label(with_options=False) == "a\ntap=hbm.bank"
    assert point.label(with_options=True) == "a\ntap=hbm.bank\nm=2"


def test_points_are_made_one_by_one() -> None:
    axes = {name: range(100_000) for name in ("m", "k", "batch")}
    assert combinations(axes.values()) == 10**15
    points = expand("gemv", axes, ["a"])
    assert [dict(point.options)["batch"] for point in itertools.islice(points, 3)] == [0, 1, 2]


def test_a_workshop_builds_a_kernel_once_and_keeps_some() -> None:
    workshop = Workshop()
    points = list(expand("gemv", {"m": range(1, BUILT_AT_ONCE + 2), "k": [8]}, ["a"]))
    kernels = list(map(workshop.kernel, points))
    assert workshop.kernel(points[-1]) is kernels[-1]
    assert workshop.kernel(points[0]) == kernels[0]
    assert workshop.kernel(points[0]) is not kernels[0]
