import subprocess
import sys


def test_a_command_looks_for_no_garbage_at_its_end() -> None:
    program = (
        "import atexit, gc, sys\n"
        "sys.argv = ['bankside', '--version']\n"
        "from bankside.cli import main\n"
        "before = gc.get_threshold()\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 0, gc.get_threshold() > before))\n"
        "main()\n"
    )
    told = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert told.splitlines()[-1] == "True True"
