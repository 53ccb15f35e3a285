"""The text of a printed or exported form: which question is which item, and which text answers it."""

from egovindex.responses.formsprint.reading import looks_like, read

__all__ = ["looks_like", "read"]
