"""Loads a CTranslate2 folder: a translator, or a language model that is asked as if it were one. No TensorFlow.

A language model translates by going on with a prompt: the source, what `config.json` names as the prompt's end, and
then the translation.
"""

import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple, final

Tokens = Sequence[str]

PROMPT_END: Final = "prompt_end"
"""Key in `config.json` of a folder that `ctranslate2.Generator` loads: the tokens between source and translation."""


class Generated(NamedTuple):
    """What was found for one source, the best first."""

    hypotheses: list[list[str]]
    scores: list[float]


class Scored(NamedTuple):
    """How probable a translation is."""

    log_probs: list[float]
    """Of each of its tokens (nats), and of the end mark."""


def load_folder(folder: Path, **options: Any) -> Any:
    """Load what the folder says it is: a `ctranslate2.Translator`, or a `PromptedGenerator`.

    Args:
        folder: Holds `model.bin`, `config.json` and CTranslate2's vocabularies.
        options: Device, types and threads, as both take them.

    Raises:
        OSError, RuntimeError, ValueError: If it cannot be loaded.
    """
    import ctranslate2

    config = json.loads((folder / "config.json").read_bytes())
    if PROMPT_END not in config:
        return ctranslate2.Translator(str(folder), **options)
    return PromptedGenerator(ctranslate2.Generator(str(folder), **options), config[PROMPT_END])


@final
class PromptedGenerator:
    """Has the methods of `ctranslate2.Translator` that the engine calls, and returns what they return.

    Prompts that are computed together have one length: CTranslate2 feeds the rest of longer ones token by token, and
    forgets the shortest length meanwhile.

    Args:
        generator: A `ctranslate2.Generator`.
        prompt_end: Tokens between a source and its translation; the first is the end mark.
    """

    def __init__(self, generator: Any, prompt_end: Tokens) -> None:
        self._generator, self._prompt_end = generator, list(prompt_end)

    def translate_batch(
        self, sources: Sequence[Tokens], *, min_decoding_length: int, max_decoding_length: int, **options: Any
    ) -> list[Generated]:
        """Go on with each source.

        Args:
            sources: Tokens; those of one length stand together.
            min_decoding_length: Fewest tokens, the end mark not counted.
            max_decoding_length: Most tokens.
            options: Others of `ctranslate2.Generator.generate_batch`; `max_input_length` must be 0, nothing is cut.
        """
        _require_whole(options.pop("max_input_length"))
        pending: list[Any] = []
        for _, alike in groupby(sources, key=len):
            pending += self._generator.generate_batch(
                [[*source, *self._prompt_end] for source in alike],
                min_length=min_decoding_length,
                max_length=max_decoding_length,
                include_prompt_in_result=False,
                asynchronous=True,
                **options,
            )
        results = (each.result() for each in pending)
        return [Generated(result.sequences, result.scores) for result in results]

    def score_batch(
        self, sources: Sequence[Tokens], targets: Sequence[Tokens], *, max_input_length: int, **options: Any
    ) -> list[Scored]:
        """Score given translations.

        Args:
            sources: Tokens.
            targets: Tokens of their translations, without end marks.
            max_input_length: Must be 0, nothing is cut.
            options: Others of `ctranslate2.Generator.score_batch`.
        """
        _require_whole(max_input_length)
        end, *_ = self._prompt_end
        texts = [[*source, *self._prompt_end, *target, end] for source, target in zip(sources, targets, strict=True)]
        results = self._generator.score_batch(texts, max_input_length=0, **options)
        return [
            Scored(list(result.log_probs)[-len(target) - 1 :]) for result, target in zip(results, targets, strict=True)
        ]


def _require_whole(max_input_length: int) -> None:
    if max_input_length != 0:
        raise ValueError(f"max_input_length must be 0 (a prompt is never cut), got {max_input_length}")
