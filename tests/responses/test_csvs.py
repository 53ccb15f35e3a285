"""CSV files are read as text, and refused where they can be read in two ways."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egovindex.errors import DataError
from egovindex.responses.csvs import first_row, read_cells
from tests.responses.tables_of_forms import refused


def written(tmp_path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = tmp_path / "a.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def cells(path: Path, **named):
    return [list(row) for row in read_cells(path, **named).table.itertuples(index=False)]


def test_text_stays_as_written(tmp_path):
    path = written(tmp_path, 'a,b\nNO,NA\nnull,1e5\n007,\n" x ","two\r\nlines, ""q"""\nمرحبا,🏛️\n')
    found = [["NO", "NA"], ["null", "1e5"], ["007", None], [" x ", 'two\r\nlines, "q"'], ["مرحبا", "🏛️"]]
    assert cells(path) == found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path, encoding, end):
    path = written(tmp_path, end.join(["h1,h2", "ä,1", "", "ö,2"]), encoding)
    found = read_cells(path)
    assert found.headings == ("h1", "h2")
    assert found.table.to_numpy().tolist() == [["ä", "1"], ["ö", "2"]]
    assert found.rows.tolist() == [2, 4]


@pytest.mark.parametrize(("separator", "word"), [(",", "comma"), (";", "semicolon"), ("\t", "tab")])
def test_separators_are_told(tmp_path, separator, word):
    path = written(tmp_path, f'"a, b; or\tc"{separator}d\n1{separator}2\n')
    found = read_cells(path)
    assert found.headings == ("a, b; or\tc", "d")
    assert found.notes == {"separator": word}


def test_a_separator_that_is_not_certain(tmp_path):
    path = written(tmp_path, "a;b,c\n1;2,3\n")
    assert "semicolon" in str(refused("separator_unclear", read_cells, path))
    assert read_cells(path, ";").headings == ("a", "b,c")


def test_rows_of_another_length_are_all_told(tmp_path):
    path = written(tmp_path, 'a,b\n"x\ny",1\n1\n2,3\n4,5,6\n')
    error = refused("cells_missing", read_cells, path)
    assert "line 4: 1, line 6: 3" in str(error)
    assert error.faults[0].line == 4


@pytest.mark.parametrize(
    ("content", "check", "line"),
    [
        (b"", "empty_file", None),
        (b" \n \n", "empty_file", None),
        (b"\xef\xbb\xbf", "empty_file", None),
        (b"a,b\n1,\xff\n", "not_utf8", 2),
        (b"\xff\xfea\x00,", "not_utf8", None),
        (b"a,\xe4\n1,2\n", "not_utf8", 1),
        (b"a,b\n1,x\x00\n", "nul", 2),
        (b'a,b\n1,"x\n2,y\n', "quote_not_closed", 2),
        (b'a,b\n1,5" pipe"\n', "stray_quote", 2),
        (b'a,b\n1,"x"y\n', "stray_quote", 2),
        (b",\n1,2\n", "no_headings", 1),
        (b"\na,b\n", "no_headings", 1),
        (b"ilse@lakes.example,b\n", "no_headings", None),
    ],
)
def test_bad_files_have_names(tmp_path, content, check, line):
    error = refused(check, read_cells, written(tmp_path, content))
    assert error.faults[0].line == line
    assert "lakes" not in str(error)


def test_a_file_that_is_too_large(tmp_path):
    path = written(tmp_path, "a,b\n" + "1,2\n" * 1000)
    assert "1,000" in str(refused("file_too_large", read_cells, path, most=1000))


def test_lines_are_those_of_the_file(tmp_path):
    found = read_cells(written(tmp_path, 'a,b\n1,"x\n\ny"\n\n2,z\n3,w'))
    assert found.rows.tolist() == [2, 4, 5]
    assert found.lines.tolist() == [2, 6, 7]


def test_headings_only(tmp_path):
    assert cells(written(tmp_path, "a,b")) == []
    assert cells(written(tmp_path, "a,b\n")) == []
    assert cells(written(tmp_path, "a\n1\n2")) == [["1"], ["2"]]
    assert first_row(written(tmp_path, "a,b\n1,2")) == ("a", "b")


def test_which_cells_begin_with_an_apostrophe(tmp_path):
    found = read_cells(written(tmp_path, "'a,b\n'1,2\n\n\"'3\",\"x'\"\n,'"))
    assert found.apostrophes.tolist() == [[True, False], [True, False], [False, True]]


TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=6) | st.text(
    "\",;\t\r\n '=a", max_size=6
)


@given(st.lists(st.lists(TEXT, min_size=2, max_size=2), max_size=6), st.sampled_from(["\n", "\r\n"]))
def test_any_text_survives(tmp_path_factory, rows, end):
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([["h", "k"], *rows])
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(stream.getvalue().encode())
    found = read_cells(path)
    assert found.table.to_numpy().tolist() == [[text or None for text in row] for row in rows]
    assert found.apostrophes.tolist() == [[text.startswith("'") for text in row] for row in rows]
    assert len(found.rows) == len(rows)


@given(st.text("ab,\"\n\r'", max_size=12))
def test_any_content_is_read_as_python_reads_it_or_refused(tmp_path_factory, content):
    """What is not refused is read as the standard library reads it."""
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(f"h,k\n{content}".encode())
    try:
        found = read_cells(path)
    except DataError as error:
        checks = {fault.check for fault in error.faults}
    else:
        checks = set()
        plain = [row for row in csv.reader(io.StringIO(f"h,k\n{content}", newline=""), strict=True) if row]
        assert found.table.to_numpy().tolist() == [[text or None for text in row] for row in plain[1:]]
    assert checks <= {"cells_missing", "stray_quote", "quote_not_closed"}
