from pathlib import Path

import pytest

from bankside.arch.spec import ConfigError
from bankside.text_files import read_csv, read_text


@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_the_byte_order_mark_make_no_difference(
    tmp_path: Path, mark: bytes, ends: bytes
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(mark + ends.join([b"a, b", b"", b'1,"two', b'lines"', b" ,", b"3,4"]))
    assert read_text(path) == 'a, b\n\n1,"two\nlines"\n ,\n3,4'
    assert read_csv(path) == [(1, ["a", "b"]), (3, ["1", "two\nlines"]), (6, ["3", "4"])]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"a\n\n\xff\n", ":3: the file is not UTF-8 text."),
        (b'a\n"b', ":2: this is not CSV: unexpected end of data."),
        (b"a\n" + b"x" * 200_000, ":2: this is not CSV: field larger than field limit (131072)."),
    ],
)
def test_the_line_of_a_fault_is_told(tmp_path: Path, data: bytes, sentence: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        read_csv(path)
    assert caught.value.errors == [f"{path}{sentence}"]


def test_what_is_no_file_is_a_sentence(tmp_path: Path) -> None:
    for path, told in ((tmp_path, "Is a directory"), (tmp_path / "none", "No such file or directory")):
        with pytest.raises(ConfigError) as caught:
            read_text(path)
        assert caught.value.errors == [f"{path}: the file cannot be read: {told}."]
    with pytest.raises(ConfigError, match="the file cannot be read: "):
        read_text(tmp_path / "a\0b")
