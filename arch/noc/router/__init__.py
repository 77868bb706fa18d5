"""Input-queued virtual-channel routers, flit by flit."""
