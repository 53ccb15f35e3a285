"""What a user installs works: wheel, sdist, wheel out of the sdist, editable install.

Nothing is fetched. Builds run without isolation, and the dependencies are those of the environment
that runs the test; only egovindex itself comes from the build under test.
"""

from __future__ import annotations

import json
import os
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


@pytest.mark.parametrize("which", ["wheel", "wheel_from_sdist"])
def test_a_wheel_carries_every_file_and_nothing_else(which, request):
    with zipfile.ZipFile(request.getfixturevalue(which)) as archive:
        names = set(archive.namelist())
    assert shipped_files()
    assert {name for name in names if "/_data/" in name} == shipped_files()
    assert "egovindex/py.typed" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"egovindex"}


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
