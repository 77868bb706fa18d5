"""`python -m bankside`."""

from bankside.cli import main

main()
