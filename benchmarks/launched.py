"""Run `python benchmarks/launched.py COMMAND ...`: CPU seconds and peak memory [bytes] of a command, which is silent.

A process begins with the peak memory of the one that starts it, so that one has to be small: this file imports little.
"""

import os
import resource
import sys

if __name__ == "__main__":
    null = os.open(os.devnull, os.O_WRONLY)
    silent = [(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
    os.waitpid(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent), 0)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)  # noqa: T201
