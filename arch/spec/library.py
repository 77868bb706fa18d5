"""Where configurations are: the package's own by bare name, the user's by path."""

import os
from pathlib import Path

from bankside.arch.spec.errors import ConfigError, clip, suggestion
from bankside.arch.spec.foreign import suffixes

# beside the folder `arch`, both in a checkout and in an installed package
CONFIGS = Path(__file__).parents[2] / "configs"
SUFFIXES = (".yaml", ".yml", ".json")


def names(kind: str) -> list[str]:
    """Sorted names of the configurations of `kind` ("machines", "devices", ...) in the package."""
    folder = CONFIGS / kind
    if not folder.is_dir():
        return []
    return sorted({path.stem for path in folder.iterdir() if path.suffix in SUFFIXES})


def is_path(reference: str) -> bool:
    """Whether `reference` is a file's path rather than a bare name."""
    separators = {"/", os.sep, os.altsep or "/"}
    return reference.endswith((*SUFFIXES, *suffixes())) or any(
        separator in reference for separator in separators
    )


def is_file(path: Path) -> bool:
    """Whether there is a regular file at `path`, whatever a path it is."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether there is a folder at `path`, whatever a path it is."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def path_of(name_or_path: str | Path, kind: str) -> Path:
    """The file of a shipped name, or of a path given by the user.

    Raises
    ------
    ConfigError
        When there is no such name or file.
    """
    reference = str(name_or_path)
    if isinstance(name_or_path, Path) or is_path(reference):
        path = Path(reference)
        if not is_file(path):
            what = "it is a folder, not a file" if is_folder(path) else "there is no such file"
            raise ConfigError(f"{clip(reference, 200)}: {what}.")
        return path
    known = names(kind)
    if reference in known:
        return next(
            path for suffix in SUFFIXES if (path := CONFIGS / kind / f"{reference}{suffix}").is_file()
        )
    near = suggestion(reference, known, label=f"shipped {kind}")
    raise ConfigError(f"There is no '{clip(reference)}' among the {kind}{near}")


def shown(path: Path) -> str:
    """How a file is called in messages: shipped ones from `configs` on, others as the user wrote them."""
    try:
        return f"configs/{path.relative_to(CONFIGS).as_posix()}"
    except ValueError:
        return str(path)
