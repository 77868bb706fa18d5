"""`bankside explain`: a saved result in sentences."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bankside.cli.options import refuse
from bankside.cli.output import STDOUT, console


def explain(
    result: Annotated[
        str, typer.Argument(help="Result saved with --json, or - for stdin.", metavar="RESULT.json")
    ],
) -> None:
    """Say why a run takes as long as it does, and what would help."""
    from rich.text import Text

    from bankside.report.explain import sentences

    out = console()
    for index, each in enumerate(read_results(result)):
        if index:
            out.print()
        for sentence in sentences(each):
            out.print(Text(sentence))


def read_results(target: str) -> list[dict[str, Any]]:
    """The results of a JSON file (one, or a list of them), found sound.

    Raises
    ------
    ConfigError
        When it is not JSON or holds something else.
    """
    from bankside.arch.spec import ConfigError
    from bankside.report.contract import faults
    from bankside.text_files import read_text

    text = sys.stdin.read() if target == STDOUT else read_text(Path(target))
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"{target}:{error.lineno}:{error.colno}"
        raise ConfigError([f"{place}: this is not JSON: {error.msg}."]) from None
    except (ValueError, RecursionError) as error:
        raise ConfigError([f"{target}: this is not JSON: {error}."]) from None
    results = data if isinstance(data, list) else [data]
    if not results:
        refuse(f"{target}: the list of results is empty.")
    found = [
        f"{target}{f' result {index + 1}' if len(results) > 1 else ''}: {sentence}"
        for index, each in enumerate(results)
        for sentence in faults(each)
    ]
    if found:
        raise ConfigError(found)
    return results
