"""Files, folders and functions that can be read at once."""

import ast
from collections import Counter

from tests.house.sources import MODULES, ROOT, tree

MOST_LINES = 400
MOST_MODULES = 20
MOST_ARGUMENTS = 8
MOST_OF_A_KERNEL = 12

COMMANDS = "bankside.cli."
"""Parameters of commands are the options that users see."""


def decorators(function: ast.FunctionDef | ast.Lambda) -> set[str]:
    return {
        ast.unparse(each).split("(")[0].split(".")[-1] for each in getattr(function, "decorator_list", [])
    }


def many(module: str, most: int, jitted: bool) -> list[str]:
    """Functions of a module, jitted ones or the others, with more than `most` arguments."""
    found = []
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            of = node.args
            every = [*of.posonlyargs, *of.args, *of.kwonlyargs]
            count = len([each for each in every if each.arg not in ("self", "cls")])
            if count > most and any("kernel" in each for each in decorators(node)) is jitted:
                found.append(f"{module}.{getattr(node, 'name', 'lambda')}: {count}")
    return found


def test_8_no_function_takes_more_than_it_can_be_read_with() -> None:
    modules = [name for name in MODULES if not name.startswith(COMMANDS)]
    assert [found for name in modules for found in many(name, MOST_ARGUMENTS, jitted=False)] == []


def test_8_no_kernel_takes_more_than_it_can_be_read_with() -> None:
    assert [found for name in MODULES for found in many(name, MOST_OF_A_KERNEL, jitted=True)] == []


def test_8_no_folder_has_more_modules_than_can_be_overlooked() -> None:
    count = Counter(path.parent for path in MODULES.values() if path.name != "__init__.py")
    assert {str(at.relative_to(ROOT)): n for at, n in count.items() if n > MOST_MODULES} == {}


def test_no_file_is_longer_than_one_concept() -> None:
    files = [*MODULES.values(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in files
    }
    assert {path: n for path, n in lines.items() if n > MOST_LINES} == {}
