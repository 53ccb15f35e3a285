"""The base of every record of the language: frozen, strict, printed as it was written."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer

__all__ = ["Frozen", "written"]


class Frozen(BaseModel):
    """Base of all records of the language: frozen, unknown keys refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, ser_json_inf_nan="strings", defer_build=True
    )

    @model_serializer(mode="wrap")
    def _only_what_was_written(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Keys that were not written are not printed; a written ``~`` is."""
        return written(self, handler)


def written(record: BaseModel, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
    """What is printed of a record: the keys that were written."""
    keys = {type(record).model_fields[name].alias or name for name in record.model_fields_set}
    return {key: value for key, value in handler(record).items() if key in keys}
