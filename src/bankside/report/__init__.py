"""Results as people read them. What shows results works on the dictionary of `bankside/result/1` alone."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bankside.report.comparison import Comparison

PLAIN_WIDTH = 120  # characters, where no terminal says otherwise
NOT_BY_ITSELF = False  # in a notebook rich would show what it prints at once, and the notebook once more


def render(results: Sequence[dict[str, Any]], labels: Sequence[str] = ()) -> "Comparison":
    """A comparison that any rich console prints (for one result: its summary)."""
    from bankside.report.comparison import Comparison

    return Comparison(results, labels)


def to_text(results: Sequence[dict[str, Any]], labels: Sequence[str] = (), width: int = PLAIN_WIDTH) -> str:
    """The comparison as plain characters without any control code."""
    from rich.console import Console

    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=False, force_jupyter=NOT_BY_ITSELF, color_system=None
    )
    console.print(render(results, labels))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def to_html(results: Sequence[dict[str, Any]], labels: Sequence[str] = ()) -> str:
    """The comparison for a notebook; see `html_of`."""
    return html_of(render(results, labels))


def html_of(renderable: Any) -> str:
    """What rich prints, as one `<pre>` element with inline styles, for a notebook; all text is escaped."""
    from rich.console import Console

    console = Console(
        file=io.StringIO(),
        width=PLAIN_WIDTH,
        record=True,
        force_terminal=True,
        force_jupyter=NOT_BY_ITSELF,
        color_system="truecolor",
        legacy_windows=False,
    )
    console.print(renderable)
    return console.export_html(
        inline_styles=True,
        code_format='<pre style="line-height:1.25;font-family:Menlo,Consolas,monospace">{code}</pre>',
    )
