"""The version: written here and nowhere else; a tag of the same name makes it a release."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
