"""What an answer is: given, or one of the kinds of nothing, which stay apart."""

from __future__ import annotations

__all__ = [
    "ANSWERED",
    "LOST",
    "NOTHING",
    "NOT_APPLICABLE",
    "NOT_SHOWN",
    "REFUSED",
    "SKIPPED",
    "STATES",
    "UNKNOWN",
    "WITHHELD",
]

ANSWERED = "answered"
WITHHELD = "withheld"
LOST = "lost"
SKIPPED = "skipped"
NOT_SHOWN = "not_shown"
REFUSED = "refused"
NOT_APPLICABLE = "not_applicable"
UNKNOWN = "unknown"

STATES = {
    ANSWERED: "there is an answer",
    WITHHELD: "there is an answer, and it was taken out because it names a person",
    LOST: "something was marked, and the source does not show what",
    SKIPPED: "the item was shown, and left blank",
    NOT_SHOWN: "the form did not ask, because of an earlier answer",
    REFUSED: "the respondent would not say",
    NOT_APPLICABLE: "the respondent says that the question does not apply",
    UNKNOWN: "the respondent says that it is not known",
}
# states without an answer, and what an index is told of each: its kinds are missing, unknown and not_applicable
NOTHING = {
    LOST: "unknown",
    SKIPPED: "missing",
    NOT_SHOWN: "not_applicable",
    REFUSED: "unknown",
    NOT_APPLICABLE: "not_applicable",
    UNKNOWN: "unknown",
}
