"""The index as users hold it: frozen, printable, varied by copies."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egovindex.errors import did_you_mean, listed
from egovindex.instrument import Instrument, items_frame
from egovindex.shown import Shown
from egovindex.spec import values
from egovindex.spec.tree import Tree, effective, resolve, rules_in_force

if TYPE_CHECKING:
    import pandas as pd

    from egovindex.plan import Plan
    from egovindex.spec.model import IndexFile, Record, WeightSet
    from egovindex.spec.strictyaml import Origin

__all__ = ["Index"]


@dataclass(frozen=True, eq=False, repr=False)
class Index(Shown):
    """The whole recipe of an index: indicators, points, nodes, steps, classes, weights.

    Made by :func:`egovindex.load_index` or :meth:`from_frame`. It never changes; ``with_``, ``with_weights``,
    ``with_rules`` and ``with_points`` return changed copies, checked like a file. Two indices are equal when their
    merged files are.

    Parameters
    ----------
    file
        The merged file as a model.
    origins
        File and line of each value.
    history
        What was laid over the file: ``("weights", "equal")``, ``("rules", "graded")``, ...
    folder
        Where the file stands; label files are looked for there.
    words
        Labels of classes and of categories that :meth:`with_labels` brought, by their path.
    """

    file: IndexFile
    origins: Mapping[tuple[str | int, ...], Origin] = field(default_factory=dict)
    history: tuple[tuple[str, str], ...] = ()
    folder: Path | None = None
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Name of the index."""
        return self.file.index

    @property
    def title(self) -> str:
        """Name for people."""
        return self.file.title or self.file.index

    @cached_property
    def tree(self) -> Tree:
        """The index as it acts: defaults taken in, rules laid over, edges in one form."""
        return resolve(self.file)

    @property
    def headline(self) -> str:
        """The node the ranking is about: the first that is nobody's child."""
        return self.tree.headline

    @property
    def rules(self) -> tuple[str, ...]:
        """Names of the scoring rules in force, the lowest layer first."""
        return rules_in_force(self.file)

    @property
    def weights(self) -> str:
        """Name of the weight set laid over the file, or the file's own."""
        return next((name for kind, name in reversed(self.history) if kind == "weights"), "as in the file")

    @property
    def points(self) -> str:
        """What was set by :meth:`with_points`, or that nothing was."""
        return ", ".join(told for kind, told in self.history if kind == "points") or "as in the file"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Index) and self.file == other.file

    def __hash__(self) -> int:
        return hash(self.file)

    @cached_property
    def items(self) -> pd.DataFrame:
        """The questions of the instruments that the index names, one row each.

        Returns
        -------
        DataFrame
            Columns ``instrument, item, number, section, label, kind, answers, required, evidence, same_as``; no row
            where the index names no instrument.

        Examples
        --------
        >>> import egovindex as ei
        >>> len(ei.load_index("un-egdi-2024").items)
        0
        """
        return items_frame(self.file.instrument)

    # --- variation
    def _varied(self, file: IndexFile, origins: Mapping[Any, Origin], history: tuple[str, str]) -> Index:
        return replace(self, file=file, origins=origins, history=(*self.history, history))

    def document(self) -> dict[str, Any]:
        """The merged file as plain data: maps, lists, text, and ``None`` for ``~``.

        Examples
        --------
        >>> import egovindex as ei
        >>> ei.load_index("un-egdi-parts-2024").document()["nodes"]["EGDI"]["of"]
        ['osi', 'tii', 'hci']
        """
        from egovindex.spec.vary import plain_document

        return plain_document(self.file)

    def with_(self, **keys: Any) -> Index:
        """A copy with a few lines laid over the file, in the words of the file.

        Parameters
        ----------
        **keys
            Keys of an index file. Records merge by id, and inside a record each key is replaced whole;
            ``None`` removes what is there, as ``~`` does in a file. An instrument may be given as
            :func:`load_instrument` gives it.

        Returns
        -------
        Index

        Raises
        ------
        SpecError
            The changed file has a fault.

        Examples
        --------
        >>> import egovindex as ei
        >>> index = ei.load_index("un-egdi-parts-2024")
        >>> index.with_(nodes={"EGDI": {"aggregate": "geometric"}}).tree.branches["EGDI"].aggregate
        'geometric'
        """
        from egovindex.spec.vary import changed

        keys = {key: value.named() if isinstance(value, Instrument) else value for key, value in keys.items()}
        return self._varied(*changed(self.file, self.origins, keys), ("with_", ", ".join(keys)))

    def with_weights(self, weights: str | Path | WeightSet | Mapping[str, Any]) -> Index:
        """A copy with other weights.

        Parameters
        ----------
        weights
            Name of a packaged set, path of a file, a :class:`WeightSet`, or a mapping of node to
            ``{child: weight}`` or ``"equal"``. A node that is mentioned names every child exactly once;
            the others keep their weights.

        Returns
        -------
        Index

        Raises
        ------
        SpecError
            Weights are missing, extra, misspelt, negative, or all zero.

        Examples
        --------
        >>> import egovindex as ei
        >>> index = ei.load_index("un-egdi-parts-2024")
        >>> half = index.with_weights({"EGDI": {"osi": 0.5, "tii": 0.25, "hci": 0.25}})
        >>> [quantity.value for quantity in half.tree.branches["EGDI"].weights]
        [0.5, 0.25, 0.25]
        """
        from egovindex.spec.vary import reweighed

        file, origins, name = reweighed(self.file, self.origins, weights)
        return self._varied(file, origins, ("weights", name))

    def with_rules(self, *names: str, only: bool = False) -> Index:
        """A copy with scoring rules laid over the default rule.

        Parameters
        ----------
        *names
            Rules of this index. Two that set the same line differently cannot be asked for together.
        only
            The rules asked for take the place of the default rule instead of being laid over it.

        Returns
        -------
        Index

        Raises
        ------
        SpecError
            A name is not a rule of this index, or two rules disagree.

        Examples
        --------
        >>> import egovindex as ei
        >>> ei.load_index("unctad-cyberlaw-2026").with_rules("graded").rules
        ('graded',)
        """
        from egovindex.spec.vary import reruled

        return self._varied(*reruled(self.file, self.origins, names, only=only), ("rules", ", ".join(names) or "none"))

    def with_points(self, points: Mapping[str | tuple[str, ...], Any]) -> Index:
        """A copy in which lines of points, or of nothing, give something else.

        The number that is in force is the one that changes: where rules are laid over, it is the number of the
        highest rule that sets the line. A rule that is laid over later sets its own lines again.

        Parameters
        ----------
        points
            New outcome by address. An address is a tuple, ``("points", map, line)``, ``("nothing", kind)``,
            ``("indicators", id, "points", line)`` or ``("nodes", id, "points", line)``, or its text where that can
            be read in one way only: ``"points.status.drafted"``, in short ``"status.drafted"``;
            ``"nothing.unknown"``. An outcome is a number, a fraction (``"1/3"``), the long form ``{value, range,
            source, ...}``, ``"skip"``, ``"void"`` or a formula. :meth:`numbers` lists every address.

        Returns
        -------
        Index

        Raises
        ------
        SpecError
            An address is unknown, can be read in several ways, or is not one of points; an outcome is ``None`` or
            cannot be read. All are told.

        Examples
        --------
        >>> import egovindex as ei
        >>> index = ei.load_index("unctad-cyberlaw-2026").with_points({"status.draft": 0.4})
        >>> index.history, index.rules
        ((('points', 'status.draft = 0.4'),), ('strict',))
        """
        from egovindex.spec.addresses import repointed

        file, origins, told = repointed(self.file, self.origins, points)
        return self._varied(file, origins, ("points", told)) if told else self

    def numbers(self) -> pd.DataFrame:
        """What every line of points and of nothing gives, with the rules in force laid over.

        Returns
        -------
        DataFrame
            Columns ``address`` (as :meth:`with_points` takes it), ``value`` (NaN where the outcome is no number),
            ``outcome`` (as it is written), ``range``, ``basis``, ``source`` (its own, or the nearest above it; none
            where it was given in a call), ``rule`` (that sets it) and ``origin`` (file and line).

        Examples
        --------
        >>> import egovindex as ei
        >>> ei.load_index("unctad-cyberlaw-2026").numbers()[["address", "value", "rule"]]
                          address  value    rule
        0     points.status.draft    0.0  strict
        1  points.status.legislation    1.0    None
        2      points.status.none    0.0    None
        3         nothing.no_data    0.0    None
        """
        from egovindex.spec.addresses import numbers_of

        return numbers_of(self.file, self.origins)

    def with_labels(self, labels: str | Path | Mapping[str, str]) -> Index:
        """A copy with labels in another language, or with other labels.

        Ids, categories and class names stay as they are; what has no label in the file keeps its own. Title,
        indicators, nodes and rules get their labels in the copy itself, so that pictures, explanations, tables and
        saved results have them. Labels of classes and categories are given by :meth:`label`.

        Parameters
        ----------
        labels
            A language, such as ``"fr"``: the file ``<id>.fr.csv`` beside the index file, else among the packaged.
            Or the path of a CSV file with the columns ``path,label``. Or a mapping of path to label. Paths are
            ``title``, ``indicators.<id>``, ``nodes.<id>``, ``rules.<name>``, ``answers.<scale>.<category>`` and
            ``classes.<id>.<class>``.

        Returns
        -------
        Index

        Raises
        ------
        SpecError
            There is no such file, it is not UTF-8, its columns are not ``path,label``, a path is unknown or stands
            twice, or a label is empty: all are told, with file and line.

        Examples
        --------
        >>> import egovindex as ei
        >>> french = ei.load_index("un-egdi-2024").with_labels("fr")
        >>> french.labels["OSI"]
        'Indice des services en ligne'
        """
        from egovindex.spec.labels import labelled

        (file, origins), words, name = labelled(self.file, self.origins, labels, self.folder)
        return replace(self._varied(file, origins, ("labels", name)), words={**self.words, **words})

    # --- compiled
    def plan(self, data: pd.DataFrame) -> Plan:
        """The index compiled against the labels of a data set; see :mod:`egovindex.plan`."""
        from egovindex.plan import compile_plan

        return compile_plan(self.file, self.tree, data)

    # --- written
    def to_yaml(self, *, origins: bool = False) -> str:
        """The merged file as YAML.

        Parameters
        ----------
        origins
            Each line ends with a comment that says where it was written.

        Examples
        --------
        >>> import egovindex as ei
        >>> print(ei.load_index("un-egdi-parts-2024").to_yaml().splitlines()[0])
        index: un-egdi-parts-2024
        """
        from egovindex.spec.write import yaml_text

        return yaml_text(self.document(), dict(self.origins) if origins else None)

    def to_frame(self) -> pd.DataFrame:
        """The index as a table of edges, one row per record and parent.

        Returns
        -------
        DataFrame
            Columns ``id, in, weight, kind, label, from, answers, points, steps, direction, aggregate,
            need, classes, measured_in, note, source``; what stands at file level is kept in ``attrs``.
        """
        from egovindex.spec.frame import frame_of

        return frame_of(self.file, self.document())

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, index: str | None = None, **keys: Any) -> Index:
        """An index out of a table of edges; COINr's iMeta columns are understood too.

        Parameters
        ----------
        frame
            Columns as :meth:`to_frame` writes them, or ``iCode, Parent, Weight, Direction, Type``.
        index
            Name of the index.
        **keys
            Keys of an index file that a table cannot say: ``nothing``, ``defaults``, ``points``, ...

        Raises
        ------
        SpecError
            With every fault, row by row.

        Examples
        --------
        >>> import pandas as pd
        >>> table = pd.DataFrame({"id": ["top", "a", "b"], "in": [None, "top", "top"], "weight": [None, 1, 2]})
        >>> Index.from_frame(table, index="demo").headline
        'top'
        """
        from egovindex.spec import load
        from egovindex.spec.frame import document_from

        name = index or frame.attrs.get("index", {}).get("index") or "from-frame"
        document, faults = document_from(frame, name, keys)
        file = load.validated_index(document, faults)
        return cls(file, document.origins, (("frame", name),))

    # --- shown
    def __repr__(self) -> str:
        tree = self.tree
        lines = [f"<Index {self.id}> {self.title}"]
        lines.append(f"  {len(tree.leaves)} indicators, {len(tree.branches)} nodes, headline {self.headline}")
        lines += [f"  {kind}: {name}" for kind, name in self.history]
        if self.rules:
            lines.append(f"  rules in force: {', '.join(self.rules)} (of {', '.join(self.file.rules)})")
        return "\n".join([*lines, *(f"  {line}" for line in self._outline(tree.headline, ""))])

    def _outline(self, node: str, indent: str, most: int = 12) -> list[str]:
        branch = self.tree.branches[node]
        found = [
            f"{indent}{node}: {branch.label} ({branch.aggregate})"
            if branch.label != node
            else f"{indent}{node} ({branch.aggregate})"
        ]
        plain: list[str] = []
        for child, weight in zip(branch.children, branch.weights, strict=True):
            share = values.write_quantity(values.Quantity(weight.value))
            if child in self.tree.branches:
                found += [f"{line}" for line in self._outline(child, indent + "  ")]
            else:
                plain.append(f"{child} x{share}" if weight.value != 1 else child)
        if plain:
            found.append(f"{indent}  {listed(plain, most=most)}")
        return found

    def _repr_html_(self) -> str:
        head, *rest = repr(self).splitlines()
        return f"<b>{html.escape(head)}</b><pre>{html.escape(chr(10).join(rest))}</pre>"

    @cached_property
    def labels(self) -> dict[str, str]:
        """Name for people of every record."""
        leaves = {name: leaf.label for name, leaf in self.tree.leaves.items()}
        return leaves | {name: branch.label for name, branch in self.tree.branches.items()}

    @cached_property
    def _label_paths(self) -> dict[str, str]:
        from egovindex.spec.labels import label_paths

        nodes = {f"nodes.{name}": branch.label for name, branch in self.tree.branches.items()}
        indicators = {f"indicators.{name}": leaf.label for name, leaf in self.tree.leaves.items()}
        return label_paths(self.file) | nodes | indicators | dict(self.words)

    def label(self, path: str) -> str:
        """The label at a path: of a class or category, or of anything else that can have one.

        Parameters
        ----------
        path
            As in a label file: ``classes.EGDI.Very high``, ``answers.status.drafted``, ``nodes.OSI``, ``title``, ...

        Returns
        -------
        str
            The label in force; without one, the name of the class, category or record itself.

        Raises
        ------
        KeyError
            There is nothing at that path.

        Examples
        --------
        >>> import egovindex as ei
        >>> index = ei.load_index("un-egdi-2024")
        >>> index.label("classes.EGDI.Very high"), index.with_labels("fr").label("classes.EGDI.Very high")
        ('Very high', 'Très élevé')
        """
        found = self._label_paths
        if path not in found:
            raise KeyError(f'nothing at "{path}" has a label{did_you_mean(path, found)}')
        return found[path]

    def record(self, name: str) -> Record:
        """The record of an indicator or node, as written.

        Raises
        ------
        KeyError
            There is none of that name.
        """
        if name in self.file.indicators:
            return self.file.indicators[name]
        if name in self.file.nodes:
            return self.file.nodes[name]
        known = [*self.file.indicators, *self.file.nodes]
        raise KeyError(f'there is no record "{name}"{did_you_mean(name, known)}')

    def classes(self, node: str) -> Mapping[str, Any] | None:
        """Bands of a node, or ``None``."""
        record = self.record(node)
        defaults = self.file.defaults
        default: Record = defaults.nodes if node in self.file.nodes else defaults.indicators
        found: Mapping[str, Any] | None = effective(record, default).get("classes")
        return found
