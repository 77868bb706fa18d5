"""The one look of all tables: no frame, a rule under the heading, cells that fold rather than disappear."""

from collections.abc import Collection, Sequence

from rich import box
from rich.table import Table


def grid(headings: Sequence[str], right: Collection[int] = (), title: str | None = None) -> Table:
    """An empty table with `headings`; columns whose index is in `right` hold figures and align right."""
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        title=title,
        title_justify="left",
        title_style="bold",
        show_edge=False,
        safe_box=True,
    )
    for index, heading in enumerate(headings):
        table.add_column(heading, justify="right" if index in right else "left", overflow="fold")
    return table
