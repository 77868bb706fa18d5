import os
from pathlib import Path

import pytest

from bankside.arch.spec import ConfigError
from bankside.arch.spec.files import MAX_BYTES, read_file


def refusal_of(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        read_file(path, [])
    return str(caught.value).replace(str(path), "F")


def test_byte_order_mark_is_tolerated(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: \xc2\xb5\n")
    assert read_file(path, []).plain() == {"a": "µ"}


def test_json_may_be_indented_with_tabs(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{\n\t"a":\t1,\n\t"b": "x\\ty"\n}\n')
    assert read_file(path, []).plain() == {"a": 1, "b": "x\ty"}


def test_size_is_limited(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\n" + b"#" * (MAX_BYTES - 5))
    assert read_file(path, []).plain() == {"a": 1}
    path.write_bytes(b"a: 1\n" + b"#" * (MAX_BYTES - 4))
    assert refusal_of(path) == "F: the file is larger than 1 MiB."


def test_only_utf8_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\nb: \xff\n")
    assert refusal_of(path) == "F:2:1: the file is not UTF-8 text."


def test_unreadable_files(tmp_path: Path) -> None:
    assert refusal_of(tmp_path) == "F: the file cannot be read: Is a directory."
    assert refusal_of(tmp_path / "no.yaml") == "F: the file cannot be read: No such file or directory."


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_forbidden_files(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1")
    path.chmod(0)
    assert refusal_of(path) == "F: the file cannot be read: Permission denied."


def test_a_tree_is_kept_by_what_the_file_says(tmp_path: Path) -> None:
    path, complaints = tmp_path / "one.yaml", []
    for text in ("a: 1\na: 2\n", "a: 3\n", "a: 1\na: 2\n"):
        path.write_text(text)
        first, again = (read_file(path, complaints).plain() for _ in range(2))
        assert first == again == {"a": int(text[3])}
    assert len(complaints) == 4
