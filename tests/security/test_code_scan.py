"""What the source may not do: run text as code, unpickle, start a shell, log."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[2] / "src" / "egovindex"
MODULES = {"pickle", "dill", "cloudpickle", "shelve", "marshal", "joblib", "subprocess", "socket", "urllib", "http"}
MODULES |= {"requests", "logging", "ctypes", "multiprocessing", "webbrowser"}
CALLS = {"eval", "exec", "compile", "__import__", "input", "breakpoint"}
METHODS = {
    "system", "popen", "read_pickle", "to_pickle", "extractall", "mktemp", "unsafe_load", "full_load", "load_all",
}  # fmt: skip

# Between the processes of one run, of bytes that the run itself has made: see docs/security.md.
MAY_IMPORT = {
    ("sensitivity/executors.py", "pickle"),
    ("kernels/quiet.py", "ctypes"),  # empties the buffers of the C library around a solver
    ("beside.py", "ctypes"),  # exchanges the names of two folders in one step
    ("responses/formsprint/joins.py", "urllib"),  # urllib.parse: no network
}


def faults(text: str, place: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(text)):
        names = []
        if isinstance(node, ast.Import):
            names = [name.name.partition(".")[0] for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [(node.module or "").partition(".")[0]]
        names = [name for name in names if (place, name) not in MAY_IMPORT]
        found += [f"{place}:{node.lineno} imports {name}" for name in names if name in MODULES]
        if isinstance(node, ast.Call):
            found += [f"{place}:{node.lineno} {told}" for told in _faults_of_call(node)]
    return found


def _faults_of_call(call: ast.Call) -> list[str]:
    words = {word.arg: word.value for word in call.keywords}
    told = []
    if isinstance(call.func, ast.Name) and call.func.id in CALLS:
        told.append(f"calls {call.func.id}")
    if isinstance(call.func, ast.Attribute):
        owner = call.func.value.id if isinstance(call.func.value, ast.Name) else ""
        if call.func.attr in METHODS:
            told.append(f"calls {call.func.attr}")
        if owner == "yaml" and call.func.attr in {"load", "safe_load", "compose"}:
            told.append("reads YAML with aliases and tags")
        if owner == "np" and call.func.attr == "load" and ast.unparse(words.get("allow_pickle", call)) != "False":
            told.append("np.load without allow_pickle=False")
        if owner == "np" and call.func.attr == "fromfile":
            told.append("np.fromfile")
    if "shell" in words:
        told.append("asks for a shell")
    return told


def test_the_source_does_none_of_it():
    assert [
        one for path in SRC.rglob("*.py") for one in faults(path.read_text("utf-8"), str(path.relative_to(SRC)))
    ] == []


@pytest.mark.parametrize(
    "line",
    [
        "import pickle", "from dill import loads", "eval('1')", "exec(x)", "np.load(f)", "np.load(f, allow_pickle=1)",
        "yaml.load(x)", "pd.read_pickle(f)", "os.system('x')", "run(x, shell=True)", "a.extractall()", "import logging",
    ],
)  # fmt: skip
def test_the_scan_sees(line):
    assert faults(line, "x.py")


def test_pickle_stays_where_it_is_allowed():
    """One module imports it, and unpacks only what ``_outside`` has packed."""
    text = (SRC / "sensitivity" / "executors.py").read_text("utf-8")
    assert text.count("pickle.loads(") == text.count("pickle.dumps(") == 1


def test_the_list_of_versions_has_no_hosts_and_no_paths():
    from tools.audit import constraint_faults

    assert constraint_faults((SRC.parents[1] / "constraints.txt").read_text("utf-8")) == []
    for line in (
        "a @ file:///x/a.whl",
        "--index-url https://x.example/simple",
        "a==1 --hash=x",
        "-e .",
        "# from /home/x",
    ):
        assert constraint_faults(line), line


def test_what_is_needed_has_a_permissive_licence():
    from tools.audit import COPYLEFT, PERMISSIVE, licence_faults, needed

    assert {"numpy", "pandas", "scipy", "pydantic"} <= set(needed("egovindex", ()))
    assert licence_faults() == []
    assert COPYLEFT.search("GNU General Public License v3 (GPLv3)")
    assert not PERMISSIVE.search("Proprietary")
