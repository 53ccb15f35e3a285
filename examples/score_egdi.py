"""Score an index from a table to saved files, so that the same input gives the same bytes.

    python examples/score_egdi.py --out results
    python examples/score_egdi.py --out results --data my-table.csv --weights services-first

The folder gets the scores, ranks and contributions of every unit, the values learned from the data, the
merged index file, and a summary with the digests of both inputs. Nothing in it depends on when, where or
in which folder the script ran. It appears as a whole or not at all.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from pathlib import Path

import pandas as pd

import egovindex as ei


def main() -> int:
    options = read_options()
    if options.out.exists() and (not options.out.is_dir() or any(options.out.iterdir())):
        print(f"{options.out}: there is something already; name an empty or a new folder", file=sys.stderr)
        return 4
    try:
        files = score(options.index, options.data, options.weights)
        write_folder(options.out, files)
    except ei.EgovindexError as error:  # every fault, one per line
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{options.out}: cannot be written: {error.strerror or error}", file=sys.stderr)
        return 4
    print(f"wrote {', '.join(files)}")
    return 0


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="a new or empty folder")
    parser.add_argument("--data", type=Path, metavar="FILE", help="CSV, XLSX or Parquet (default: packaged sample)")
    parser.add_argument("--index", default="un-egdi-2024", help="packaged index or YAML file (%(default)s)")
    parser.add_argument("--weights", metavar="SET", help="packaged weight set or YAML file")
    return parser.parse_args()


def score(index_name: str, data_file: Path | None, weights: str | None) -> dict[str, str]:
    """Name and text of every file."""
    index = ei.load_index(index_name)
    if weights is not None:
        index = index.with_weights(weights)
    data = ei.sample(index) if data_file is None else ei.read_table(data_file)
    result = ei.compute(index, data)

    merged = index.to_yaml()
    summary = {
        "egovindex": ei.__version__,
        "index": index.id,
        "weights": index.weights,
        "rules": list(index.rules),
        "rows": len(data),
        "units_scored": int(result.scores[result.headline].notna().sum()),
        "sha256": {"data": sha256(as_csv(data)), "index.yaml": sha256(merged)},
    }
    return {
        "scores.csv": as_csv(result.scores.reset_index()),
        "ranks.csv": as_csv(result.ranks.reset_index()),
        "contributions.csv": as_csv(result.contributions().reset_index()),
        "learned.csv": as_csv(result.learned),
        "index.yaml": merged,
        "summary.json": json.dumps(summary, indent=2, sort_keys=True) + "\n",
    }


def as_csv(table: pd.DataFrame) -> str:
    """CSV whose numbers have the fewest digits, at most 17, that read back as the same number."""
    return table.to_csv(index=False, lineterminator="\n")


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def write_folder(out: Path, files: dict[str, str]) -> None:
    """Write beside the target, then give it its name."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as beside:
        folder = Path(beside) / "files"
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_bytes(text.encode("utf-8"))
        if out.exists():
            out.rmdir()  # empty, or this fails
        folder.rename(out)


if __name__ == "__main__":
    sys.exit(main())
