"""`bankside validate`: claims of the literature beside our values; exit code 1 when a gated one fails."""

from typing import Annotated

import typer

from bankside.cli.output import STDOUT, check_target, console, progress, to_json, write

CLAIM_FAILED = 1


def validate(
    units: Annotated[
        list[str] | None,
        typer.Argument(help="Units, sources or claims.yaml files to check; all when not given."),
    ] = None,
    json: Annotated[str | None, typer.Option("--json", help="Write JSON to a file, - for stdout.")] = None,
) -> None:
    """Hold the models against published numbers."""
    from bankside.validation.check import check
    from bankside.validation.claims import asked_for
    from bankside.validation.table import ClaimTable

    check_target(json)
    asked = asked_for(units or [])
    verdicts = []
    with progress(len(asked.claims), "checking claims") as done:
        for claim in asked.claims:
            verdicts.append(check(claim))
            done(claim)
    if json is not None:
        write(to_json([verdict.data() for verdict in verdicts]), json)
    if json != STDOUT:
        console().print(ClaimTable(verdicts, [each.sentence for each in asked.unmeasured]))
    if any(verdict.fails for verdict in verdicts):
        raise typer.Exit(CLAIM_FAILED)
