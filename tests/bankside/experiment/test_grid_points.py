from bankside.experiment.grid_points import Point, Settings, expand


def test_every_combination_machines_outermost() -> None:
    points = expand(
        "gemv", {"m": [1, 2], "k": [3]}, ["a", "b"], ["s=1"], {"x.y": ["p", "q"]}, Settings(stacks=2)
    )
    assert [(point.machine, point.overrides, point.options) for point in points] == [
        (machine, ("s=1", f"x.y={value}"), (("m", m), ("k", 3)))
        for machine in ("a", "b")
        for value in ("p", "q")
        for m in (1, 2)
    ]
    assert {point.settings.stacks for point in points} == {2}


def test_without_axes_there_is_one_point() -> None:
    assert expand("gemv", {}, ["a"]) == [Point("gemv", (), "a")]


def test_a_heading_names_what_varies() -> None:
    point = expand("gemv", {"m": [1, 2], "k": [3]}, ["a"], vary={"cores.pe.tap": ["hbm.bank"]})[1]
    assert point.label(with_options=False) == "a\ntap=hbm.bank"
    assert point.label(with_options=True) == "a\ntap=hbm.bank\nm=2"
