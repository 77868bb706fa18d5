"""Lines inside functions, and which of them ran."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from tests.reach.lines import Reach, functions

SOURCE = '''\
"""A module."""
LIMIT = 3


def clamp(value):
    if value > LIMIT:
        return LIMIT
    if value < 0:
        raise ValueError(
            value
        )
    return value


class Pair:
    size = 2

    def doubled(self):
        return [
            each * 2
            for each in (1, 2)
        ]


def never():
    return 0
'''


def test_lines_of_functions_are_counted_and_those_that_ran_noted(tmp_path: Path) -> None:
    path = tmp_path / "sample.py"
    path.write_text(SOURCE, encoding="utf-8")
    lines = dict(functions(path))
    assert lines == {"clamp": {6, 7, 8, 12}, "Pair.doubled": {19, 20, 21}, "never": {26}}
    spec = spec_from_file_location("sample", path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    with Reach(tmp_path) as reach:
        spec.loader.exec_module(module)
        ran = dict.fromkeys(lines, 0)
        module.clamp(1)
        module.Pair().doubled()
    module.never()
    executed = reach.executed[str(path.resolve())]
    for name, of in lines.items():
        ran[name] = len(of & executed)
    assert ran == {"clamp": 3, "Pair.doubled": 3, "never": 0}
    with Reach(tmp_path / "elsewhere") as other:
        module.clamp(5)
    assert other.executed == {}
