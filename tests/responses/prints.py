"""Printed forms of invented countries and invented persons, in layouts that differ, with what must be read out of them.

A print is one of ``LAYOUTS`` applied to the questions of one country. All questions are in our own words.
"""

from __future__ import annotations

import random
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from egovindex.instrument import Instrument, load_instrument

WIDTH = 92
COUNTRIES = ["Veldoria", "Kastavia", "The Lumen Isles", "Tarnova", "Quillonia", "Marovia", "Estavar", "Orrin Republic"]
PERSONS = ["Ada Quillfeather", "Bo Tamarind", "Cleo van der Larch", "Dag Ó Fenn", "Émile Saltmarsh", "Fay Underhill"]
AUTHORITY = [
    "I may answer: authorized, and knowledgeable about all of it",
    "Several government agencies answer collectively, as a group",
    "I am authorized, yet do not have the full information",
    "This is my opinion rather than an official position",
]
CYCLE = ["Two-year", "Three-year", "Five-year", "Ten-year"]
SECTIONS = {
    "contact": "Contact information",
    "institutions": "A. Who is in charge",
    "covid": "B. After the pandemic",
    "law": "C. Legal basis",
    "strategy": "D. Strategies",
    "inclusion": "E. Inclusion",
    "usage": "F. Use of services",
    "other": "G. Anything else",
    "consent": "Consent",
}
_SUBJECTS = ["The ministry", "A new agency", "The cabinet", "The data office", "Each province", "A task force"]
_VERBS = ["drafted", "adopted", "runs", "plans", "has reviewed", "will publish"]
_OBJECTS = ["a data-sharing platform", "the e-services act (no. 14)", "guidelines for officials", "a ten-year roadmap"]
_TAILS = [
    "since 2019, see https://law.example/acts/14",
    "with the provinces; details at www.portal.example/en/plan",
    "- first stage: 2021-2024 - second stage: open",
    "for all citizens",
]


@dataclass(frozen=True)
class Asked:
    """A question of a print with its answer; ``mark`` is the number of the option, or None."""

    item: str | None
    number: int | None
    question: str
    required: bool = False
    section: str = ""
    options: tuple[str, ...] = ()
    mark: int | None = None
    paragraphs: tuple[str, ...] = ()

    @property
    def text(self) -> str | None:
        return "\n\n".join(self.paragraphs) or None


def question_of(name: str, instrument: Instrument) -> str:
    """A question in our own words, out of the keywords."""
    item = instrument.file.items[name]
    words = list(item.match or ())
    if item.kind == "contact" or name == "q001":
        return f"What is the {words[0]} here?"
    if words == ["provide", "link", "detail"]:
        return "You may provide a link, or more detail:"
    joined = ", ".join(words)
    opening = "Do you have in your country, in whatever form it may be," if item.kind == "one" else "Tell us about:"
    return f"{opening} {joined} (all that is meant by it)?"


def sentence(rng: random.Random) -> str:
    return " ".join(rng.choice(words) for words in (_SUBJECTS, _VERBS, _OBJECTS, _TAILS)) + "."


def asked(country: str, *, paragraphs: int = 1, blank: float = 0.2) -> list[Asked]:
    """The questions of the packaged instrument with the answers of a country; always the same for the same country."""
    rng = random.Random(country)
    instrument = load_instrument("un-msq-2022")
    found = []
    for name, item in instrument.file.items.items():
        one = Asked(name, int(item.number or 0), question_of(name, instrument), item.required == "true")
        one = replace(one, section=SECTIONS[item.section or "other"])
        person = rng.choice(PERSONS)
        if name == "q001":
            one = replace(one, paragraphs=(country,))
        elif item.kind == "one":
            options = {"authority": AUTHORITY, "cycle": CYCLE}.get(item.answers or "", ["Yes", "No"])
            if item.other:
                options = [*options, "Other"]
            one = replace(one, options=tuple(options), mark=rng.randrange(len(options)))
            if options[one.mark or 0] == "Other":
                one = replace(one, paragraphs=(f"A way of our own, number {rng.randrange(100)}",))
        elif item.kind == "contact":
            mail = f"{person.split()[0].lower()}@office.example"
            text = {"name": person, "title": "Director of Services", "email": mail}.get((item.match or ("",))[0])
            one = replace(one, paragraphs=(text or f"Digital Office of {country}",))
        elif item.required == "true" or rng.random() > blank:
            count = rng.randint(1, paragraphs)
            text_of = [" ".join(sentence(rng) for _ in range(rng.randint(1, 3))) for _ in range(count)]
            one = replace(one, paragraphs=tuple(text_of))
        found.append(one)
    return found


def wrap(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, break_long_words=False) or [""]


def star(one: Asked) -> str:
    return " *" if one.required else ""


# ------------------------------------------------------------------------------------------- parts of a print


def number_after(one: Asked) -> list[str]:
    """In three shapes: after the star, glued to the question, alone below it."""
    lines = wrap(one.question + star(one))
    if len(lines) > 1:
        return [*lines, "", f"{one.number}."]
    return [lines[0] + (f" {one.number}." if one.required else f"{one.number}.")]


def number_before(pattern: str) -> Callable[[Asked], list[str]]:
    return lambda one: wrap(pattern.format(one.number) + one.question + star(one))


def number_above(one: Asked) -> list[str]:
    return [f"{one.number}.", *wrap(one.question + star(one))]


def bare(one: Asked) -> list[str]:
    """Options without marks; words of one's own in place of the last."""
    own = one.options and one.options[-1] == "Other" and one.paragraphs
    return [*one.options[:-1], *one.paragraphs] if own else list(one.options)


def marked(filled: str, empty: str) -> Callable[[Asked], list[str]]:
    return lambda one: [f"{filled if at == one.mark else empty} {text}" for at, text in enumerate(one.options)]


def spaced(lines: Iterable[str]) -> list[str]:
    """Each line a block of its own."""
    return [part for line in lines for part in (line, "")]


def answer(one: Asked) -> list[str]:
    return [line for text in one.paragraphs for line in ([*wrap(text), ""])]


# ---------------------------------------------------------------------------------------------------- layouts


def forms_print(questions: Sequence[Asked], *, footer: bool = True) -> str:
    """Answers first, numbers after the question, marks lost, pages by a header or by one leading space."""
    lines = ["Respondent", "", "7 Anonymous", "31:05", "", "Time to complete", ""]
    section = ""
    for at, one in enumerate(questions):
        if one.section != section:
            section = one.section
            lines += [section, ""]
        lines += [] if one.options else answer(one)
        label = number_after(one)
        if footer and at % 30 == 12:
            lines += ["", "", "3/4/2031 Form Maker", "", f"https://form.example/print?id=ab12 {at // 30 + 2}/9", ""]
        elif at % 7 == 3 and one.options:
            label[0] = f" {label[0]}"
        lines += [*label, ""]
        if one.options:
            lines += spaced(bare(one))
    return "\n".join([*lines, "THANKS", "Thank you for all the answers.", ""])


def answer_last(questions: Sequence[Asked]) -> str:
    lines = ["Questionnaire on digital government", ""]
    section = ""
    for one in questions:
        if one.section != section:
            section = one.section
            lines += [section, ""]
        lines += [*number_after(one), ""]
        lines += spaced(bare(one)) if one.options else answer(one)
    return "\n".join(lines)


def circles(questions: Sequence[Asked]) -> str:
    """Numbers before, circles, form feeds with a header and a page number."""
    pages: list[list[str]] = [[]]
    for one in questions:
        part = [*number_before("{}. ")(one), "", *marked("●", "○")(one), *answer(one), ""]
        if len(pages[-1]) + len(part) > 45:
            pages.append([])
        pages[-1] += part
    many = len(pages)
    framed = [
        "\n".join(["Digital Government Form 2031", "", *page, "", f"Page {number} of {many}"])
        for number, page in enumerate(pages, start=1)
    ]
    return "\f".join(framed)


def boxes(questions: Sequence[Asked]) -> str:
    """``Q12``, boxes of brackets, and a caption before each answer."""
    lines = []
    for one in questions:
        lines += [*number_before("Q{}) ")(one), *marked("[x]", "[ ]")(one)]
        text = answer(one)
        lines += ["Answer: " + text[0], *text[1:]] if text else [] if one.options else ["Answer:"]
        lines.append("")
    return "\n".join(lines)


def tabs(questions: Sequence[Asked]) -> str:
    rows = ["No.\tQuestion\tAnswer"]
    for one in questions:
        shown = [one.options[one.mark]] if one.options and one.mark is not None and one.text is None else []
        rows.append("\t".join([str(one.number), one.question, "\n\n".join([*shown, *one.paragraphs])]))
    return "\n".join(rows)


def pipes(questions: Sequence[Asked]) -> str:
    rows = ["| no | asked | answered |", "|---|---|---|"]
    for one in questions:
        marks = "  ".join(marked("☒", "☐")(one))
        cell = "<br><br>".join(part for part in (marks, *one.paragraphs) if part)
        rows.append(f"| {one.number} | {one.question} | {cell} |")
    return "\n".join(rows)


def alone_above(questions: Sequence[Asked]) -> str:
    """The number on a line of its own above its question; ticks."""
    lines = []
    for one in questions:
        lines += [*number_above(one), ""]
        lines += [*marked("✓", "☐")(one), ""] if one.options else []
        lines += answer(one)
    return "\n".join(lines)


def carried_over(questions: Sequence[Asked]) -> str:
    """Answers first; where the next question is a choice, a page may end before the answer, or inside it."""
    lines: list[str] = []
    held: list[str] = []
    for at, one in enumerate(questions):
        following = questions[at + 1] if at + 1 < len(questions) else None
        text = [] if one.options else answer(one)
        if following is not None and following.options and len(one.paragraphs) == 1 and not one.options:
            keep = 0 if at % 2 else len(text) // 2
            text, held = text[:keep], text[keep:]
        lines += [*text, ""] if text else []
        lines += number_after(one)
        if held:
            lines += [f" {held[0]}", *held[1:]]
            held = []
        lines.append("")
        lines += spaced(bare(one))
    return "\n".join(lines)


def unnumbered(questions: Sequence[Asked]) -> str:
    lines = []
    for one in questions:
        lines += [*wrap(one.question + star(one)), ""]
        lines += [*marked("(x)", "( )")(one), ""] if one.options else []
        lines += answer(one)
    return "\n".join(lines)


def tight(questions: Sequence[Asked]) -> str:
    """No empty line anywhere, answers first, numbers after."""
    lines: list[str] = []
    for one in questions:
        lines += [] if one.options else [line for line in answer(one) if line]
        lines += wrap(f"{one.question} * {one.number}.")
        lines += bare(one)
    return "\n".join(lines)


def in_line(questions: Sequence[Asked]) -> str:
    """The answer in the line of its question; of a choice only what was chosen."""
    lines = []
    for one in questions:
        chosen = one.options[one.mark] if one.options and one.mark is not None and not one.text else ""
        lines.append(f"{one.number}. {one.question} {chosen}{' '.join(one.paragraphs)}")
    return "\n".join(lines)


def columns(questions: Sequence[Asked]) -> str:
    """A table with a column for each of yes and no."""
    rows = ["No\tQuestion\tYes\tNo\tComments"]
    for one in questions:
        crosses = ["", ""]
        rest = list(one.paragraphs)
        if one.options[:1] == ("Yes",) and one.mark is not None and one.mark < 2:
            crosses[one.mark] = "x"
        elif one.options and one.mark is not None and not rest:
            rest = [one.options[one.mark]]
        rows.append("\t".join([str(one.number), one.question, *crosses, "\n\n".join(rest)]))
    return "\n".join(rows)


def by_section(questions: Sequence[Asked]) -> str:
    """Numbers that begin anew in each section, squares."""
    lines: list[str] = []
    counts: dict[str, int] = {}
    for one in questions:
        if one.section not in counts:
            lines += [one.section, ""]
        counts[one.section] = counts.get(one.section, 0) + 1
        numbered = replace(one, number=counts[one.section])
        lines += [*number_before("{}. ")(numbered), "", *marked("■", "□")(one), *answer(one), ""]
    return "\n".join(lines)


def tasks(questions: Sequence[Asked]) -> str:
    """Headings and lists of tasks, as text processors export them, with lines across the page."""
    lines: list[str] = []
    for one in questions:
        lines += [f"### {one.number}. {one.question}", "", *marked("- [x]", "- [ ]")(one), "", *answer(one), "-----"]
    return "\n".join(lines)


def bare_pages(questions: Sequence[Asked]) -> str:
    """Form feeds with nothing but a number at the end of a page; the name of a contact in the line of its question."""
    pages: list[list[str]] = [[]]
    for one in questions:
        in_its_line = one.text is not None and ("name is" in one.question or "is the title" in one.question)
        part = [f"{one.number}. {one.question} {one.text}"] if in_its_line else number_before("{}. ")(one)
        part += [] if in_its_line else ["", *marked("◉", "◯")(one), *answer(one)]
        if len(pages[-1]) + len(part) > 40:
            pages.append([])
        pages[-1] += [*part, ""]
    return "\f".join("\n".join([*page, "", str(number)]) for number, page in enumerate(pages, start=1))


def running_title(questions: Sequence[Asked]) -> str:
    """A title in the middle of nowhere, again and again, and short lines."""
    lines: list[str] = []
    for at, one in enumerate(questions):
        lines += ["", "How we are governed by machines", ""] if at % 9 == 4 else []
        lines += [*textwrap.wrap(f"{one.number}. {one.question}", 42, break_long_words=False), ""]
        lines += [*marked("(x)", "( )")(one), ""]
        for text in one.paragraphs:
            lines += [*textwrap.wrap(text, 42, break_long_words=False), ""]
    return "\n".join(lines)


LAYOUTS: dict[str, Callable[[Sequence[Asked]], str]] = {
    "forms_print": forms_print,
    "answer_last": answer_last,
    "circles": circles,
    "boxes": boxes,
    "tabs": tabs,
    "pipes": pipes,
    "alone_above": alone_above,
    "carried_over": carried_over,
    "unnumbered": unnumbered,
    "tight": tight,
    "in_line": in_line,
    "columns": columns,
    "by_section": by_section,
    "tasks": tasks,
    "bare_pages": bare_pages,
    "running_title": running_title,
}
# layouts that lose the marks, and those that show only what was chosen
LOST = {"forms_print", "answer_last", "carried_over", "tight"}
CHOSEN = {"tabs", "in_line", "columns"}
# layouts without paragraphs
IN_ONE = {"tight", "in_line"}


def expected(questions: Sequence[Asked], layout: str) -> dict[str, tuple[str | None, str | None]]:
    """Mark and text of each item, as a reader must find them."""
    found: dict[str, tuple[str | None, str | None]] = {}
    for one in questions:
        if one.item is None:
            continue
        mark = None
        if one.options and layout not in LOST and not (layout in CHOSEN and one.text):
            mark = "" if one.mark is None else one.options[one.mark]
        found[one.item] = mark, one.text
    return found


def another_edition(questions: Sequence[Asked]) -> list[Asked]:
    """Two questions left out, three put in, all numbered anew."""
    kept = [one for one in questions if one.item not in ("q010", "q058", "q059")]
    fresh = [
        (
            "q008",
            Asked(None, 0, "How many kiosks with touch screens stand in town halls?", False, "", (), None, ("Nine.",)),
        ),
        ("q037", Asked(None, 0, "Are drones flown by the post office?", True, "", ("Yes", "No"), 0)),
        ("q080", Asked(None, 0, "Which colour has the logo of the portal?", True, "", (), None, ("Green and blue.",))),
    ]
    for after, new in fresh:
        at = next(at for at, one in enumerate(kept) if one.item == after)
        kept.insert(at + 1, replace(new, section=kept[at].section))
    return [replace(one, number=number) for number, one in enumerate(kept, start=1)]
