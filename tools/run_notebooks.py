"""Run every notebook from top to bottom and write the executed copies.

python tools/run_notebooks.py notebooks build/notebooks

Each notebook runs in an empty folder of its own: what it needs, the library must bring along.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


def main(source: Path, target: Path) -> int:
    notebooks = sorted(source.glob("*.md"))
    if not notebooks:
        print(f"No notebook (*.md) in {source}.", file=sys.stderr)
        return 1
    target.mkdir(parents=True, exist_ok=True)
    failed = []
    for path in notebooks:
        start = time.monotonic()
        fault = run(path, target / f"{path.stem}.ipynb")
        print(f"{path.name}: {'failed' if fault else 'ran'} in {time.monotonic() - start:.1f} s")
        if fault:
            failed.append(path.name)
            print(fault, file=sys.stderr)
    if failed:
        print(f"Failed: {', '.join(failed)}.", file=sys.stderr)
    return len(failed) > 0


def run(path: Path, target: Path) -> str | None:
    """Execute one notebook; returns the text of its error, or None."""
    notebook = jupytext.read(path, fmt="md:myst")
    if not any(cell.cell_type == "code" for cell in notebook.cells):
        return "It has no code cell. A cell begins with ```{code-cell}."
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            kernel_name="python3",
            timeout=300,
            resources={"metadata": {"path": folder}},
        )
        try:
            client.execute()
        except CellExecutionError as error:
            return str(error)
        finally:
            nbformat.write(notebook, target)
    return None


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
