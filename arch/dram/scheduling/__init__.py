"""Inside the queued controllers.

`frfcfs` (first-ready, as Ramulator) runs over `queues` with `admission`, `picks`, `turns`, `steps`, `two_part` and
`serve`; `per_bank` (as DRAMsim3) over `banked` with `bank_wants`, `bank_turns` and `bank_serve`. Both share `charge`
(causes), `due` (refreshes) and `request_check`. `arch.dram.controller` is the way in.
"""
