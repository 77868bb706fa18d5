"""Where output goes: tables and JSON to stdout, progress to a terminal only, files whole or not at all."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bankside.files import refuse_unwritable, write_atomically

if TYPE_CHECKING:
    from rich.console import Console

STDOUT: Final = "-"
PLAIN_WIDTH: Final = 120
REDRAW_S: Final = 0.1


def console() -> "Console":
    """The console for tables: as wide as the terminal, or wide enough for five machines where there is
    none."""
    from rich.console import Console

    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        return Console(highlight=False, soft_wrap=False)
    return Console(highlight=False, width=PLAIN_WIDTH)


def to_json(data: Any) -> str:
    """JSON text with the order of keys as it is in `data`; infinities are refused, so that any reader reads
    it."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def check_target(target: str | None) -> None:
    """Refuse a file that could not be written, before anything is computed for it."""
    if target is not None and target != STDOUT:
        refuse_unwritable(Path(target))


def write(text: str | Iterable[str], target: str) -> None:
    """`text`, whole or in pieces, to stdout (`-`) or to a file."""
    if target == STDOUT:
        sys.stdout.writelines([text] if isinstance(text, str) else text)
    else:
        write_atomically(Path(target), text)


@contextmanager
def progress(total: int | None, what: str) -> Iterator[Callable[[object], None]]:
    """A progress bar on a terminal, nothing elsewhere; yields what to call after each step."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # no thread redraws the bar: workers of a sweep can then be copies of this process
    with Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        task, drawn_s = bar.add_task(what, total=total), 0.0

        def after(step: object) -> None:
            nonlocal drawn_s
            bar.advance(task)
            if (now_s := time.monotonic()) > drawn_s + REDRAW_S:
                drawn_s = now_s
                bar.refresh()

        yield after
