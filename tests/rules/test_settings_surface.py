"""Settings are a promise: a new, renamed or dropped one needs a reviewed line in `approved_settings.txt`."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from seq2seq_tfx.schemas.config.pipeline import PipelineConfig
from seq2seq_tfx.schemas.config.section import Section

APPROVED = Path(__file__).with_name("approved_settings.txt")


def dotted_names(section: type[Section], prefix: str = "") -> Iterator[str]:
    """Every setting as people type it, lists marked by `[]`."""
    for name, field in section.model_fields.items():
        inner = [kind for kind in (field.annotation, *get_args(field.annotation)) if is_section(kind)]
        if inner:
            mark = "[]" if get_args(field.annotation) else ""
            yield from dotted_names(inner[0], f"{prefix}{name}{mark}.")
        else:
            yield f"{prefix}{name}"


def is_section(kind: object) -> bool:
    """Whether a type is a section of the configuration."""
    return isinstance(kind, type) and issubclass(kind, Section)


def test_the_settings_are_the_approved_list() -> None:
    assert list(dotted_names(PipelineConfig)) == APPROVED.read_text(encoding="utf-8").splitlines()


def test_every_setting_is_documented() -> None:
    sections = [PipelineConfig]
    while sections:
        section = sections.pop()
        assert section.__doc__
        for name, field in section.model_fields.items():
            inner = [kind for kind in (field.annotation, *get_args(field.annotation)) if is_section(kind)]
            assert inner or field.description, f"{section.__name__}.{name} must have a docstring below it"
            sections.extend(inner)
