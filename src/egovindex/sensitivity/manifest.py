"""What is needed to draw again: the manifest of the result, the doubt, the seed, the options."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from egovindex.keep.manifest import Manifest, sha256
from egovindex.shown import Shown
from egovindex.streams import CHUNK

if TYPE_CHECKING:
    from egovindex.sensitivity.doubt import Doubt
    from egovindex.sensitivity.draws import Draws
    from egovindex.sensitivity.sobolresult import Sobol
    from egovindex.sensitivity.study import Study

__all__ = ["RunManifest", "manifest_of_draws", "manifest_of_sobol"]


@dataclass(frozen=True)
class RunManifest(Shown):
    """What is needed to run draws again: no time, no place, no person.

    Parameters
    ----------
    result
        The manifest of the index without any draw.
    doubt, doubt_sha256
        The doubt as a file has it, and the digest of that text and of the weight sets that it names.
    laws
        Factor and law of each thing that varied.
    node, n, failed
        The node that was looked at, the number of draws or points, and how many failed.
    rng, chunk
        Seed, and the number of draws that share its streams.
    learn, precision
        As they were asked for.
    design
        Digest of settings that were given in place of being drawn.
    options
        What else decides the numbers, such as the estimator of sensitivity indices.
    """

    result: Manifest
    doubt: str
    doubt_sha256: str
    laws: tuple[tuple[str, str], ...]
    node: str
    n: int
    failed: int
    rng: int
    chunk: int
    learn: str
    precision: str
    design: str | None = None
    options: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return "\n".join([repr(self.result), *(f"{name:<13} {value}" for name, value in self._lines())])

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{name}</th><td>{html.escape(value)}</td></tr>" for name, value in self._lines())
        return f"{self.result._repr_html_()}<table>{rows}</table>"

    def _lines(self) -> list[tuple[str, str]]:
        return [
            ("draws", f"{self.n} of {self.node}, {self.failed} failed"),
            ("seed", f"{self.rng}, in chunks of {self.chunk}"),
            ("learn", self.learn),
            ("precision", self.precision),
            ("doubt", self.doubt_sha256),
            *((f"  {name}", law) for name, law in self.laws),
            *([("design", self.design)] if self.design else []),
            *self.options,
        ]


def digest_of(doubt: Doubt, study: Study) -> str:
    """What makes a doubt this one and no other: its text, and what it names elsewhere, such as a file of weights."""
    said = [doubt.to_yaml(), *(factor.content for factor in study.factors)]
    return sha256(json.dumps(said, sort_keys=True).encode("utf-8"))


def manifest_of_draws(draws: Draws) -> RunManifest:
    """The manifest of draws."""
    study, source = draws.job.study, draws.job.source
    return _manifest(draws, study, draws.n, draws.tally.failures, source.entropy, design=source.digest)


def manifest_of_sobol(found: Sobol) -> RunManifest:
    """The manifest of sensitivity indices."""
    groups = "; ".join(f"{name}: {', '.join(members)}" for name, members in found.groups.items())
    options = (("target", found.target.name), ("estimator", found.estimator), ("groups", groups))
    points = len({point for point, _, _ in found.failed})
    return _manifest(found, found.study, found.n, points, found.rng, options=options)


def _manifest(run: Any, study: Any, n: int, failed: int, rng: int, **more: Any) -> RunManifest:
    doubt = run.doubt.to_yaml()
    return RunManifest(
        result=run.result.manifest,
        doubt=doubt,
        doubt_sha256=digest_of(run.doubt, study),
        laws=tuple(study.laws.items()),
        node=study.node,
        n=n,
        failed=failed,
        rng=rng,
        chunk=CHUNK,
        learn=study.learn,
        precision=study.precision,
        **more,
    )
