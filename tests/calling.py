"""Work told by calls, which no busy machine and no collection of garbage changes."""

import sys
from collections.abc import Callable
from typing import Any


def calls(work: Callable[[], object]) -> int:
    """How many functions, of Python and built in, `work` calls in this thread; what it raises is raised."""
    count = 0

    def told(frame: object, happens: str, what: Any) -> None:
        nonlocal count
        count += happens in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(told)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
