"""What every configuration section is: frozen, documented field by field, unknown keys refused."""

import json
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import Self

Name = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$",
        json_schema_extra={"words": "a name of letters, digits, `_`, `.` and `-` that starts with a letter or digit"},
    ),
]
"""A name that can be part of ids and file names; `words` is what messages call it."""


class Section(BaseModel):
    """A frozen record of settings that travels between processes as one canonical JSON text."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    def to_json(self) -> str:
        """The settings as JSON with sorted keys: equal settings give equal bytes."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The inverse of `to_json`."""
        return cls.model_validate_json(text)
