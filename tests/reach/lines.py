"""Which lines inside functions of a folder are executed.

Lines of a module or a class body, and `def` lines, run on import and are not counted; nor are `raise` statements, which
no run that ends well executes, nor declarations, whose body is `...`. A function is traced until all its lines have
been met, or for `PATIENCE` lines without a new one until `renew`: loops then cost little, and what is counted did run.
"""

import ast
import sys
from collections.abc import Iterator
from inspect import CO_NEWLOCALS, CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any, Final

Trace = Any

PATIENCE: Final = 20_000


def functions(path: Path) -> Iterator[tuple[str, set[int]]]:
    """Qualified name and lines of every function of a file; comprehensions and lambdas belong to what they stand in."""
    text = path.read_text(encoding="utf-8")
    refusing = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and _is_ellipsis(node.value))
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    for code in _functions(compile(text, str(path), "exec")):
        if lines := all_lines(code) - {code.co_firstlineno} - refusing:
            yield code.co_qualname, lines


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _functions(code: CodeType) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            if not (each.co_flags & CO_OPTIMIZED and each.co_flags & CO_NEWLOCALS):
                yield from _functions(each)
            elif not each.co_name.startswith("<"):
                yield each


def all_lines(code: CodeType) -> set[int]:
    """Lines of a function and of what is defined in it."""
    lines = {line for _, _, line in code.co_lines() if line is not None}
    for each in code.co_consts:
        if isinstance(each, CodeType):
            lines |= all_lines(each)
    return lines


class Reach:
    """Notes the executed lines of the files below a folder while it is entered."""

    def __init__(self, folder: Path) -> None:
        self._prefix = str(folder.resolve()) + "/"
        self._left: dict[CodeType, set[int]] = {}
        self._patience: dict[CodeType, int] = {}
        self._before: Trace = None
        self.executed: dict[str, set[int]] = {}

    def __enter__(self) -> "Reach":
        self._before = sys.gettrace()
        sys.settrace(self._call)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        sys.settrace(self._before)

    def renew(self) -> None:
        """Trace again what has been traced in vain."""
        self._patience.clear()

    def _call(self, frame: FrameType, event: str, arg: object) -> Trace:
        code = frame.f_code
        left = self._left.get(code)
        if left is None:
            left = self._left[code] = self._new(code)
        return self._line if left and self._patience.get(code, PATIENCE) else None

    def _new(self, code: CodeType) -> set[int]:
        """Lines of a function that are not met yet; none of those that stand elsewhere."""
        if not str(Path(code.co_filename).resolve()).startswith(self._prefix):
            return set()
        return {line for _, _, line in code.co_lines() if line is not None}

    def _line(self, frame: FrameType, event: str, arg: object) -> Trace:
        code = frame.f_code
        left, patience = self._left[code], self._patience.get(code, PATIENCE)
        if frame.f_lineno in left:
            left.discard(frame.f_lineno)
            path = str(Path(code.co_filename).resolve())
            self.executed.setdefault(path, set()).add(frame.f_lineno)
            patience = PATIENCE
        self._patience[code] = patience - 1 if patience else 0
        frame.f_trace_lines = bool(left and patience)
        return self._line
