"""What a user installs works: wheel, sdist, wheel out of the sdist, editable install.

Nothing is fetched. Builds run without isolation, and the dependencies are those of the environment
that runs the test; only egovindex itself comes from the build under test.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.install

ROOT = Path(__file__).resolve().parents[1]

# What every installation must be able to do, from a folder that is not the checkout.
PROBE = """
import json
import egovindex
from egovindex import packaged
index = egovindex.load_index("un-egdi-2024")
weights = egovindex.load_weights("services-first", index="un-egdi-2024")
assert "un-egdi-2024" in egovindex.list_indices().index, egovindex.list_indices()
assert index is not None and weights is not None
print(json.dumps({
    "module": egovindex.__file__,
    "indicators": str(packaged.indicators_folder()),
    "weights": str(packaged.weights_folder()),
}))
"""


def run(*command: object, cwd: Path, **environment: str) -> str:
    """Run a command in ``cwd`` without the caller's Python settings; returns what it printed."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command} failed\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build(source: Path, kind: str, target: Path) -> Path:
    run(
        *(sys.executable, "-m", "build", f"--{kind}", "--no-isolation", "--outdir", target, source),
        cwd=target,
    )
    (artefact,) = target.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return artefact


def probe(python: Path | str, cwd: Path, **environment: str) -> dict[str, Path]:
    printed = run(python, "-c", PROBE, cwd=cwd, **environment)
    return {key: Path(value).resolve() for key, value in json.loads(printed).items()}


def install_apart(wheel: Path, folder: Path) -> Path:
    """Install a wheel alone, without its dependencies; returns the folder for PYTHONPATH."""
    site = folder / "site"
    run(
        *(sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"),
        *("--target", site, wheel),
        cwd=folder,
    )
    return site.resolve()


def shipped_files() -> set[str]:
    """What the checkout wants to ship, as paths inside the wheel."""
    return {
        f"egovindex/_data/{path.relative_to(ROOT).as_posix()}"
        for folder in ("indicators", "weights")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    return build(ROOT, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel_from_sdist(sdist, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (source,) = folder.iterdir()
    return build(source, "wheel", tmp_path_factory.mktemp("wheel_from_sdist"))


@pytest.mark.parametrize("which", ["wheel", "wheel_from_sdist"])
def test_a_wheel_works_away_from_the_checkout(which, request, tmp_path):
    site = install_apart(request.getfixturevalue(which), tmp_path)
    found = probe(sys.executable, tmp_path, PYTHONPATH=str(site))
    package = site / "egovindex"
    assert found["module"] == package / "__init__.py"
    assert found["indicators"] == package / "_data" / "indicators"
    assert found["weights"] == package / "_data" / "weights"


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_two_builds_are_the_same_bytes(wheel, wheel_from_sdist, sdist, tmp_path):
    """From the checkout, and out of the sdist; under another time zone and hash seed."""
    folders = [tmp_path / name for name in ("wheel", "sdist")]
    for folder in folders:
        folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Asia/Kathmandu")
        again, packed = build(ROOT, "wheel", folders[0]), build(ROOT, "sdist", folders[1])
    assert digest(again) == digest(wheel) == digest(wheel_from_sdist)
    assert digest(packed) == digest(sdist)


def test_the_version_is_written_once(wheel, sdist, wheel_from_sdist):
    """Without tags and without git: version.py says it, and every build and page agrees."""
    written = re.search(r'__version__ = "([^"]+)"', (ROOT / "src/egovindex/version.py").read_text("utf-8"))[1]
    assert {path.name.split("-")[1].removesuffix(".tar.gz") for path in (wheel, sdist, wheel_from_sdist)} == {written}
    release = re.match(r"\d+\.\d+\.\d+", written)[0]
    assert re.search(rf"^version: {re.escape(release)}$", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    assert f"## {release} " in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_what_is_released_is_well_formed(wheel, sdist, tmp_path):
    printed = run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist, cwd=tmp_path)
    assert printed.count("PASSED") == 2


# What each extra is for, in an environment that has nothing else.
ALONE = {
    "": "ei.compute('undp-hdi-2022', ei.sample('undp-hdi-2022'))",
    "cli": "from egovindex.cli.app import app",
    "excel": "ei.compute('undp-hdi-2022', ei.sample('undp-hdi-2022')).to_excel('a.xlsx'); ei.read_table('a.xlsx')",
    "parquet": "import pandas as pd; pd.DataFrame({'unit': ['A']}).to_parquet('a.parquet'); ei.read_table('a.parquet')",
    "testing": "import egovindex.testing",
    "plot": "ei.compute('undp-hdi-2022', ei.sample('undp-hdi-2022')).plot.ranking()",
    "dask": "import distributed, egovindex.sensitivity",
}
WITHOUT = {
    "typer": "cli", "openpyxl": "excel", "pyarrow": "parquet", "hypothesis": "testing", "matplotlib": "plot",
    "dask": "dask",
}  # fmt: skip


@pytest.mark.parametrize("extra", ALONE)
def test_each_extra_alone(extra, wheel, tmp_path):
    """Links to what the extra needs, and to nothing else, stand in for an environment of its own."""
    from tools.audit import needed

    site = install_apart(wheel, tmp_path)
    for name, found in needed("egovindex", (extra,) if extra else ()).items():
        tops = {file.parts[0] for file in found.files or () if file.parts[0] != ".." and name != "egovindex"}
        for top in tops - {"__pycache__"}:
            if not (site / top).exists():
                (site / top).symlink_to(found.locate_file(top))
    absent = sorted(
        module for module, of in WITHOUT.items() if of != extra and not (extra == "dask" and of == "parquet")
    )
    code = (
        f"import sys; sys.path.insert(0, {str(site)!r})\n"
        "import importlib.util, egovindex as ei\n"
        f"assert not [one for one in {absent!r} if importlib.util.find_spec(one)]\n{ALONE[extra]}"
    )
    run(sys.executable, "-I", "-S", "-c", code, cwd=tmp_path)


CONSUMER = """
import egovindex as ei

result: ei.IndexResult = ei.compute("undp-hdi-2022", ei.sample("undp-hdi-2022"))
wrong: int = ei.compute("undp-hdi-2022", ei.sample("undp-hdi-2022"))
"""


@pytest.mark.parametrize("typed", [True, False])
def test_types_reach_who_uses_the_wheel(typed, wheel, tmp_path):
    """In an environment of its own; without py.typed, mypy would take nothing from it."""
    home = tmp_path / "venv"
    venv.create(home, with_pip=False, symlinks=os.name != "nt")
    paths = sysconfig.get_paths(vars={"base": str(home), "platbase": str(home)}, scheme="venv")
    purelib, outer = Path(paths["purelib"]), sysconfig.get_paths()
    borrowed = sorted({outer["purelib"], outer["platlib"]})
    (purelib / "zz_borrowed.pth").write_text("\n".join(borrowed), encoding="utf-8")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(purelib)
    if not typed:
        (purelib / "egovindex" / "py.typed").unlink()
    (tmp_path / "consumer.py").write_text(CONSUMER, encoding="utf-8")
    python = Path(paths["scripts"]) / ("python.exe" if os.name == "nt" else "python")
    with pytest.raises(AssertionError) as told:
        run(sys.executable, "-m", "mypy", "--strict", "--python-executable", python, "consumer.py", cwd=tmp_path)
    found = [line for line in str(told.value).splitlines() if re.match(r"\s*consumer.py:\d+: error:", line)]
    expected = 'expression has type "IndexResult", variable has type "int"' if typed else "py.typed"
    assert len(found) == 1, str(told.value)
    assert expected in found[0]


@pytest.mark.parametrize("which", ["wheel", "wheel_from_sdist"])
def test_a_wheel_carries_every_file_and_nothing_else(which, request):
    with zipfile.ZipFile(request.getfixturevalue(which)) as archive:
        names = set(archive.namelist())
    assert shipped_files()
    assert {name for name in names if "/_data/" in name} == shipped_files()
    assert "egovindex/py.typed" in names
    # the plugin of pytest stands beside the package: see there
    assert {name.split("/")[0].split("-")[0] for name in names} == {"egovindex", "egovindex_pytest.py"}
    assert {"answers.csv", "expected.yaml"} < {name.rpartition("/")[2] for name in names if "/testing/region/" in name}


def test_a_wheel_without_its_data_is_noticed(wheel, tmp_path):
    """Negative control: an installation does not find the checkout's files in some other way."""
    bare = tmp_path / wheel.name
    with zipfile.ZipFile(wheel) as full, zipfile.ZipFile(bare, "w") as less:
        for name in full.namelist():
            if "/_data/" not in name:
                less.writestr(name, full.read(name))
    site = install_apart(bare, tmp_path)
    ask = "from egovindex.packaged import indicators_folder as folder; folder()"
    with pytest.raises(AssertionError, match="FileNotFoundError: The folder 'indicators'"):
        run(sys.executable, "-c", ask, cwd=tmp_path, PYTHONPATH=str(site))


def test_the_sdist_has_what_a_build_and_a_test_need(sdist):
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    data = {name.removeprefix("egovindex/_data/") for name in shipped_files()}
    assert data <= names
    assert {"pyproject.toml", "LICENSE", "README.md", "tests/test_install.py"} <= names


def test_an_editable_install_reads_the_checkout(tmp_path):
    """In an environment of its own, which borrows the dependencies of this one."""
    home, elsewhere = tmp_path / "venv", tmp_path / "elsewhere"
    elsewhere.mkdir()
    venv.create(home, with_pip=False, symlinks=os.name != "nt")
    paths = sysconfig.get_paths(vars={"base": str(home), "platbase": str(home)}, scheme="venv")
    outer = sysconfig.get_paths()
    borrowed = sorted({outer["purelib"], outer["platlib"]})
    # "zz": read after the line of the editable install, so that an outer egovindex comes second.
    (Path(paths["purelib"]) / "zz_borrowed.pth").write_text("\n".join(borrowed), encoding="utf-8")
    python = Path(paths["scripts"]) / ("python.exe" if os.name == "nt" else "python")
    run(
        *(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index"),
        *("--no-deps", "--no-build-isolation", "--ignore-installed", "--editable", ROOT),
        cwd=elsewhere,
    )

    found = probe(python, elsewhere)
    assert found["module"] == ROOT / "src" / "egovindex" / "__init__.py"
    assert found["indicators"] == ROOT / "indicators"
    assert found["weights"] == ROOT / "weights"
    assert "demo" in run(Path(paths["scripts"]) / "egovindex", "--help", cwd=elsewhere)
