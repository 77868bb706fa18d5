"""No circle of imports anywhere, and who may import whom."""

from tests.house.sources import MODULES, imports


def reached(start: str) -> set[str]:
    """All modules that a module imports, through others too."""
    found, ahead = set[str](), [start]
    while ahead:
        for name in imports(ahead.pop()) - found:
            found.add(name)
            ahead.append(name)
    return found


def test_8_no_modules_import_each_other_in_a_circle() -> None:
    graph = {name: imports(name) for name in MODULES}
    while leaves := [name for name, needs in graph.items() if not needs & graph.keys()]:
        for name in leaves:
            del graph[name]
    circle = {name: sorted(needs & graph.keys()) for name, needs in graph.items()}
    assert circle == {}


def test_the_graph_knows_of_deferred_imports_and_of_those_for_types() -> None:
    assert "bankside.kernels.run.simulate" in imports("bankside.experiment.grid_points")
    assert "bankside.arch.dram.device.device" in imports("bankside.cli.show")
    assert "bankside.arch.spec.base" in imports("bankside.arch.spec")


def test_what_is_reported_stands_on_what_happened_not_on_how_it_was_lowered() -> None:
    for name in ("bankside.kernels.run.document", *(m for m in MODULES if m.startswith("bankside.report"))):
        below = ("bankside.kernels.lower", "bankside.kernels.mapping")
        assert {module for module in reached(name) if module.startswith(below)} == set(), name
