"""The event vocabulary of memories, networks and links: what a run counts, in which unit. What units of cores count
they name themselves. Energy is counts times a table, outside the kernels."""

from typing import Final, NamedTuple


class Event(NamedTuple):
    """One countable thing: its name in results and the unit of one count."""

    name: str
    unit: str


EVENTS: Final = (
    Event("activate", "bank row activation"),
    Event("column_read", "column burst read at one bank"),
    Event("column_write", "column burst written at one bank"),
    Event("refresh", "all-bank refresh of one channel"),
    Event("refresh_bank", "refresh of one bank"),
    Event("mode_switch", "entry or exit of PIM mode of one channel"),
    Event("bytes_bank", "byte moved between cell array and bank edge"),
    Event("bytes_bank_group", "byte moved between bank edge and bank group"),
    Event("bytes_vault", "byte moved between bank group and vault edge (TSV or bond)"),
    Event("bytes_base", "byte moved between vault edge and a node of the base die"),
    Event("bytes_board", "byte moved between the stack and a device on the board"),
    Event("bytes_host", "byte moved to or from the host"),
    Event("page_read", "flash page read"),
    Event("page_program", "flash page programmed"),
    Event("noc_byte_hop", "byte over one hop of an on-die network"),
    Event("link_byte", "byte over an off-die link"),
    Event("served_byte", "byte that a cluster of cores takes from what the cores of a die share"),
    Event("delivered_byte", "byte of these at one of the cores"),
)

N_EVENT: Final = len(EVENTS)

(
    ACTIVATE,
    COLUMN_READ,
    COLUMN_WRITE,
    REFRESH,
    REFRESH_BANK,
    MODE_SWITCH,
    BYTES_BANK,
    BYTES_BANK_GROUP,
    BYTES_VAULT,
    BYTES_BASE,
    BYTES_BOARD,
    BYTES_HOST,
    PAGE_READ,
    PAGE_PROGRAM,
    NOC_BYTE_HOP,
    LINK_BYTE,
    SERVED_BYTE,
    DELIVERED_BYTE,
) = range(N_EVENT)
