"""The reference: complete, in step with the models, and its examples do what they say."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest

import egovindex as ei
from egovindex.spec import language, load, model, reference, values
from egovindex.spec.schema import VALUES
from egovindex.spec.strictyaml import read_yaml
from egovindex.spec.words import AGGREGATES, KINDS, RESERVED

TEXT = reference.markdown()
MODELS = (
    model.IndexFile,
    model.Indicator,
    model.Node,
    model.Rule,
    model.Reference,
    model.Best,
    model.Defaults,
    model.WeightSet,
    model.InstrumentBody,
    model.InstrumentFile,
    model.Item,
    model.Check,
)


def section(title: str) -> str:
    """The text below a heading, up to the next of its level."""
    level = title.split(" ", maxsplit=1)[0]
    start = TEXT.index(f"{title}\n")
    end = re.search(rf"^{level} ", TEXT[start + len(title) :], re.MULTILINE)
    return TEXT[start:] if end is None else TEXT[start : start + len(title) + end.start()]


def example(title: str) -> str:
    found = re.findall(r"```yaml\n(.*?)```", section(title), re.DOTALL)
    assert len(found) == 1, title
    return str(found[0])


def rows(title: str) -> dict[str, list[str]]:
    """The first table of a section, by its first column."""
    table = re.search(r"(?:^\|.*\n)+", section(title), re.MULTILINE)
    assert table is not None, title
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table[0].splitlines()[2:]]
    return {line[0].strip("`"): line for line in cells}


@pytest.mark.parametrize("record", MODELS, ids=lambda record: record.__name__)
def test_every_field_has_a_description(record):
    assert [name for name, field in record.model_fields.items() if not field.description] == []


def test_no_model_of_files_is_left_out():
    made = {
        thing
        for thing in vars(model).values()
        if isinstance(thing, type) and issubclass(thing, model.Frozen) and thing not in (model.Frozen, model.Record)
    }
    assert made == set(MODELS)


@pytest.mark.parametrize(
    ("title", "record"),
    [
        ("## An index file", model.IndexFile),
        ("## Indicators", model.Indicator),
        ("## Nodes", model.Node),
        ("## Rules", model.Rule),
        ("## Reference population", model.Reference),
        ("## Best of several rows", model.Best),
        ("## Defaults", model.Defaults),
        ("## A weight set", model.WeightSet),
        ("## An instrument", model.InstrumentFile),
        ("### Items", model.Item),
        ("### Checks", model.Check),
    ],
)
def test_the_keys_of_a_record_are_those_of_its_model(title, record):
    table = rows(title)
    fields = {field.alias or name: field for name, field in record.model_fields.items()}
    assert list(table) == list(fields)
    for key, field in fields.items():
        _, kind, default, meaning = table[key]
        assert meaning == field.description
        assert kind
        assert (default == "required") == field.is_required()


def test_types_and_defaults_are_told():
    nodes = rows("## Nodes")
    assert nodes["weight"][1:3] == ["number", "`1`"]
    assert nodes["aggregate"][2] == "`mean`"
    assert nodes["aggregate"][1].split() == [f"`{name}`" for name in AGGREGATES]
    assert nodes["need"][1:3] == ["need", "`0`"]
    assert rows("## An index file")["rows"][2] == "`[unit, period]`"
    assert "CSV" in rows("## An index file")["indicators"][1]
    assert rows("## Reference population")["periods"][2] == "`each`"


def test_every_type_of_the_tables_is_explained():
    explained = set(rows("## Kinds of value"))
    assert explained == set(VALUES)
    records = {"indicator", "node", "rule", "reference", "best", "defaults", "instrument", "item", "check"}
    for title in ("## An index file", "## Indicators", "## Nodes", "## Rules", "## A weight set", "### Items"):
        for _, kind, _, _ in rows(title).values():
            if kind.startswith("`"):
                continue
            for option in kind.split(", or "):
                word = re.sub(r"^((map to|list of) )+", "", option)
                assert word in explained | records | {"CSV", "the name of a CSV file"}, kind


def test_every_step_is_told_with_its_numbers_and_whether_it_learns():
    table = rows("## Steps")
    assert [written.split()[0] for written in table] == list(values.STEPS)
    for form, (written, effect, learns, moves, source) in zip(values.STEPS.values(), table.values(), strict=True):
        assert all(parameter.name.upper() in written for parameter in form.parameters)
        assert effect.startswith(form.effect.replace("|", r"\|"))
        assert (learns == "yes") == form.learns
        assert (moves, source) == (form.moves, form.source or "–")


def test_written_forms_of_steps_can_be_read():
    """``WORDS`` in brackets may be left out; capitals stand for numbers."""
    for written in rows("## Steps"):
        required = re.sub(r" \[[^]]*\]", "", written).split()
        if required[0] == "distance":
            required.append("1")
        step = values.parse_step(" ".join([required[0], *(str(n) for n in range(1, len(required)))]))
        assert step.name == required[0]


def test_every_aggregate_outcome_kind_function_and_reserved_word_is_told():
    assert list(rows("## Aggregates")) == list(AGGREGATES)
    assert list(rows("### Outcomes"))[2:] == list(values.WORDS)
    assert list(rows("### Kinds of nothing")) == list(KINDS)
    assert all(f"`{function}`" in section("### Formulas") for function in language.FUNCTIONS)
    assert all(f"`{word}`" in section("## Kinds of value") for word in RESERVED)


def test_lines_of_the_table_can_be_read():
    for cell in rows("### Lines").values():
        for line in re.findall(r"`([^`]+)`", cell[0]):
            read = language.parse_line(line)
            assert language.parse_line(str(read)) == read


def test_headings_begin_at_the_second_level_and_no_place_is_left_open():
    assert TEXT.startswith("## ")
    assert not re.search(r"^# ", TEXT, re.MULTILINE)
    assert "[[" not in TEXT
    assert TEXT.endswith(".\n")


# --- what the examples claim


DATA = pd.DataFrame({"country": ["X"], "law": ["yes"], "strategy": ["draft"], "users": [60]})


@pytest.fixture
def services(tmp_path) -> ei.Index:
    (tmp_path / "services.yaml").write_text(example("## An index file"), encoding="utf-8")
    return ei.load_index(tmp_path / "services.yaml")


def over(index: ei.Index, title: str) -> ei.Index:
    """The index of the first example with another example laid over it."""
    return index.with_(**read_yaml(example(title)).data)


def score(index: ei.Index, data: Any = DATA) -> dict[str, float]:
    return ei.compute(index, data).scores.iloc[0].to_dict()


def test_the_index(services):
    assert score(services) == pytest.approx({"services": 0.7, "rules": 0.75})


def test_the_indicator(services):
    index = over(services, "## Indicators")
    frame = pd.DataFrame(
        {
            "country": ["X", "Y", "Z"],
            "law": ["yes"] * 3,
            "strategy": ["yes"] * 3,
            "users_survey": [60, None, None],
            "users_estimate": [90, 60, 130],
        }
    )
    result = ei.compute(index, frame)
    users = 3 * result.scores["services"] - 2 * result.scores["rules"]
    assert users.tolist() == pytest.approx([0.5, 0.5, 1])


def test_the_node(services):
    result = ei.compute(over(services, "## Nodes"), DATA)
    assert result.scores["services"].tolist() == [69.6]
    assert result.classes["services"].tolist() == ["High"]
    alone = ei.compute(over(services, "## Nodes"), DATA.assign(users=None))
    assert alone.scores["services"].isna().all()


def test_the_points(services):
    index = over(services, "## Points")
    frame = pd.DataFrame(
        {
            "country": list("ABCDE"),
            "law": ["yes", "yes", "draft", "no", "unknown"],
            "strategy": ["yes", "yes", "yes", "yes", "yes"],
            "evidence": [None, "link", "link", "link", "link"],
            "users": [0] * 5,
        }
    )
    assert ei.compute(index, frame).scores["rules"].tolist() == [0, 1, 0.75, 0.5, 1]


def test_the_rule(services):
    index = over(services, "## Rules")
    assert score(index)["rules"] == pytest.approx(0.5)
    gap = DATA.assign(strategy=None)
    assert score(index, gap)["rules"] == pytest.approx(1)
    assert score(index.with_rules("silence"), gap)["rules"] == pytest.approx(0.5)
    assert index.with_rules("silence").rules == ("strict", "silence")


def test_the_reference(services):
    index = over(services, "## Reference population").with_(indicators={"users": {"steps": ["minmax"]}})
    rows_ = [("X", 10, "yes"), ("Y", 20, "yes"), ("Z", 30, "no")]
    frame = pd.concat([DATA.assign(country=c, users=u, member=m) for c, u, m in rows_])
    users = 3 * ei.compute(index, frame).scores["services"] - 2 * 0.75
    assert users.tolist() == pytest.approx([0, 1, 2])


def test_the_best_rows(services):
    index = over(services, "## Best of several rows")
    assert index.file.best.over == ("url",)


def test_the_defaults(services):
    index = over(services, "## Defaults")
    assert index.classes("services") is not None
    assert index.classes("rules") is None
    assert [str(step) for step in index.tree.leaves["law"].steps] == ["minmax"]
    assert [str(step) for step in index.tree.leaves["users"].steps] == ["out_of 100"]


def test_the_variant(services, tmp_path):
    (tmp_path / "services-2025.yaml").write_text(example("## A variant"), encoding="utf-8")
    variant = ei.load_index(tmp_path / "services-2025.yaml")
    rules = (1 + 0.25) / 2
    assert score(variant) == pytest.approx({"services": (rules + 0.6) / 2, "rules": rules})
    assert (rules, (rules + 0.6) / 2) == (0.625, 0.6125)


def test_the_weights(services, tmp_path):
    (tmp_path / "users-first.yaml").write_text(example("## A weight set"), encoding="utf-8")
    assert score(services.with_weights(tmp_path / "users-first.yaml"))["services"] == pytest.approx(0.65)


def test_the_instrument(tmp_path):
    (tmp_path / "services-questionnaire.yaml").write_text(example("## An instrument"), encoding="utf-8")
    instrument, _ = load.read_instrument(tmp_path / "services-questionnaire.yaml")
    assert len(instrument.items) == 9
    assert len(instrument.checks) == 1
