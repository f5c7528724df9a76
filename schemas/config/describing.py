"""What a configuration value must be, in words, taken from the sections' own JSON schema."""

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, final

from pydantic import BaseModel

from seq2seq_tfx.schemas.config.document import KeyPath, dotted
from seq2seq_tfx.schemas.redaction import redacted

JsonSchema = Mapping[str, Any]

_WORDS: Final = {
    "object": "a section of `key: value` lines",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


@final
class Expectations:
    """Answers what may stand at a path of the configuration."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._top: JsonSchema = model.model_json_schema()

    def words(self, path: KeyPath) -> str:
        """What the value at a path must be, as in `a whole number from 1 to 64`."""
        return self._describe(self._schema(path))

    def keys(self, path: KeyPath) -> tuple[str, ...]:
        """The keys of the section at a path; none if no section with fixed keys is there."""
        return tuple(self._schema(path).get("properties", {}))

    def allowed(self, path: KeyPath) -> tuple[str, ...]:
        """The words that may stand at a path, if it takes one of a few."""
        schema = self._schema(path)
        names = schema.get("propertyNames", schema)
        return tuple(str(value) for option in self._options(names) for value in option.get("enum", ()))

    def default(self, path: KeyPath) -> str | None:
        """The default as it is written in YAML; None if there is none, or it is a long one."""
        value = self._raw_schema(path).get("default")
        return json.dumps(value, ensure_ascii=False).strip('"') if isinstance(value, str | int | float | list) else None

    def homes(self, key: str) -> tuple[str, ...]:
        """The sections that have a key of this name."""
        sections = [name for name in self.keys(()) if key in self.keys((name,))]
        return tuple(dotted((name, key)) for name in sections)

    def _schema(self, path: KeyPath) -> JsonSchema:
        return self._follow(self._raw_schema(path))

    def _raw_schema(self, path: KeyPath) -> JsonSchema:
        """The schema at a path as written at its place: a reference with the place's default."""
        schema: JsonSchema = self._top
        for part in path:
            schema = self._inside(self._follow(schema), part)
        return schema

    def _inside(self, schema: JsonSchema, part: str | int) -> JsonSchema:
        for option in self._options(schema):
            if isinstance(part, int):
                fixed = option.get("prefixItems", ())
                found = fixed[part] if part < len(fixed) else option.get("items")
            else:
                found = option.get("properties", {}).get(part) or option.get("additionalProperties")
            if isinstance(found, Mapping):
                return found
        return {}

    def _follow(self, schema: JsonSchema) -> JsonSchema:
        while "$ref" in schema:
            schema = self._top["$defs"][schema["$ref"].rpartition("/")[2]]
        return schema

    def _options(self, schema: JsonSchema) -> list[JsonSchema]:
        """The alternatives of a union, `nothing` left out."""
        options = [self._follow(option) for option in schema.get("anyOf", (schema,))]
        return [option for option in options if option.get("type") != "null"]

    def _describe(self, schema: JsonSchema) -> str:
        return " or ".join(self._describe_one(option) for option in self._options(schema))

    def _describe_one(self, schema: JsonSchema) -> str:
        if "words" in schema:
            return str(schema["words"])
        if "enum" in schema:
            return listed((json.dumps(value).strip('"') for value in schema["enum"]), "or")
        if "const" in schema:
            return json.dumps(schema["const"])
        if schema.get("type") == "array":
            return self._describe_list(schema)
        if "propertyNames" in schema:
            return f"a section whose keys are {self._describe(schema['propertyNames'])}"
        return _WORDS.get(schema.get("type", ""), "text") + _range(schema)

    def _describe_list(self, schema: JsonSchema) -> str:
        items = schema.get("prefixItems")
        each = self._describe(items[0] if items else schema["items"])
        if items:
            return f"a list of {len(items)}, each {each}"
        return "a list of text" if each == "text" else f"a list of at least {schema.get('minItems', 0)}, each {each}"


def _range(schema: JsonSchema) -> str:
    low, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    high, below = schema.get("maximum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f" from {low:,} to {high:,}"
    words = [
        f"{label} {limit:,}"
        for label, limit in (("of at least", low), ("above", above), ("of at most", high), ("below", below))
        if limit is not None
    ]
    return " " + " and ".join(words) if words else ""


def listed(names: Iterable[str], last: str) -> str:
    """Names as a sentence has them.

    Example:
        >>> listed(["a", "b", "c"], "or")
        'a, b or c'
    """
    *rest, final_name = names
    return f"{', '.join(rest)} {last} {final_name}" if rest else final_name


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that a misspelt word most likely means."""
    matches = difflib.get_close_matches(word.lower().replace("-", "_"), list(candidates), n=1, cutoff=0.6)
    return matches[0] if matches else None


def shown(value: Any) -> str:
    """A given value as messages show it: keys in addresses hidden, long texts cut."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str():
            text = redacted(value)
            return repr(text if len(text) <= 60 else text[:57] + "...")
        case dict():
            return "a section"
        case list():
            return "an empty list" if not value else "a list"
    return str(value)
