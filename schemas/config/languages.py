"""Section `languages`: the two sides."""

from typing import Annotated

from pydantic import Field

from seq2seq_tfx.schemas.config.section import Section

LanguageCode = Annotated[str, Field(min_length=2, json_schema_extra={"words": "a language code such as en"})]


class Languages(Section):
    """BCP 47 codes of the two sides."""

    source: LanguageCode
    """What is translated from."""
    target: LanguageCode
    """What is translated into; the scores' tokeniser follows it."""
