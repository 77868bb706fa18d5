"""The package's own sources, each once and by the name it is imported under."""

import ast
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
FOLDERS: Final = ("arch", "kernels", "validation")
FACE: Final = ROOT / "src" / "bankside"


def _name(path: Path) -> str:
    folder = FACE.parent if path.is_relative_to(FACE) else ROOT
    parts = path.relative_to(folder).with_suffix("").parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return ".".join(parts if folder != ROOT else ("bankside", *parts))


def _files() -> list[Path]:
    face = [path for path in FACE.rglob("*.py") if path.relative_to(FACE).parts[0] not in FOLDERS]
    return sorted([*face, *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))])


MODULES: Final = {_name(path): path for path in _files()}


def tree(name: str) -> ast.Module:
    """A module's syntax; not kept, as the trees of all would be most of what a process holds."""
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


@cache
def imports(name: str) -> set[str]:
    """Modules of the package that a module imports itself, wherever the statement stands: inside functions and for type
    checking too."""
    found: set[str] = set()
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            members = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            found |= {member for member in members.values() if member in MODULES}
            if any(member not in MODULES for member in members.values()):
                found.add(node.module)
    return (found & MODULES.keys()) - {name}
