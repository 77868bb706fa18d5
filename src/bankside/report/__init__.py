"""Results as people read them. Everything here works on the dictionary of `bankside/result/1` alone."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bankside.report.comparison import Comparison

PLAIN_WIDTH = 120  # characters, where no terminal says otherwise


def render(results: Sequence[dict[str, Any]], labels: Sequence[str] = ()) -> "Comparison":
    """A comparison that any rich console prints (for one result: its summary)."""
    from bankside.report.comparison import Comparison

    return Comparison(results, labels)


def to_text(results: Sequence[dict[str, Any]], labels: Sequence[str] = (), width: int = PLAIN_WIDTH) -> str:
    """The comparison as plain characters without any control code."""
    from rich.console import Console

    out = io.StringIO()
    Console(file=out, width=width, force_terminal=False, color_system=None).print(render(results, labels))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def to_html(results: Sequence[dict[str, Any]], labels: Sequence[str] = ()) -> str:
    """The comparison as one `<pre>` element with inline styles, for a notebook; all text is escaped."""
    from rich.console import Console

    console = Console(
        file=io.StringIO(),
        width=PLAIN_WIDTH,
        record=True,
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    console.print(render(results, labels))
    return console.export_html(
        inline_styles=True,
        code_format='<pre style="line-height:1.25;font-family:Menlo,Consolas,monospace">{code}</pre>',
    )
