"""OpenNMT-tf's `infer` on a sample, at its best over batch sizes: for `decoding_speed.py` and `batch_translation.py`.

OpenNMT-tf's model has the sizes of ours and is hardly trained, so its translations would not end where ours do. But a
batch takes as many steps as its longest translation: with each batch size, every translation is made as long as, in the
mean over the batches, the longest of ours would be. Batches are of sentences of about one length. It is given subwords,
and its own figure is taken, which leaves out starting and tracing.
"""

import subprocess
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import sentencepiece
from training_speed import BATCH_TOKENS, HERE, OPENNMT_COMMAND, answer

BATCH_SIZES: Final = (16, 32, 64, 128)
BUCKET_WIDTH: Final = 2
"""Subwords by which the sources of a batch may differ."""
_UPDATES: Final = 5
_SAMPLE: Final = "sample.en"
_LENGTH_SHARE: Final = 0.9
"""What its translations may lack, as pieces that are no text are not counted."""

Item = TypeVar("Item")


class Speed(NamedTuple):
    """What an engine did."""

    name: str
    sentences_per_second: float
    tokens_per_second: float
    """Of the translations."""
    tokens_per_sentence: float


class Search(NamedTuple):
    """How it translates."""

    beam_size: int
    lengths: Sequence[int]
    """Of our translations of the sample, in subwords."""


def opennmt_python() -> str:
    """The Python of OpenNMT-tf's environment, which is made if it is not there."""
    return subprocess.run(OPENNMT_COMMAND, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def every(items: Sequence[Item], count: int) -> list[Item]:
    """So many of the items, from all places."""
    return list(items[:: max(1, len(items) // count)][:count])


def write_pieces(vocabulary: Path, pairs: Mapping[str, Sequence[str]], sample: Sequence[str], work: Path) -> None:
    """What OpenNMT-tf reads: training pairs and the sample as subwords, and the list of them.

    Args:
        vocabulary: The SentencePiece model.
        pairs: Training sentences under `en` and `de`, whatever their languages are.
        sample: What it is to translate.
        work: Where they go.
    """
    processor = sentencepiece.SentencePieceProcessor(model_file=str(vocabulary))
    texts = {**{f"train.{side}": lines for side, lines in pairs.items()}, _SAMPLE: sample}
    for name, lines in texts.items():
        pieces = processor.encode([line.strip() for line in lines], out_type=str)
        (work / name).write_text("".join(f"{' '.join(each)}\n" for each in pieces), encoding="utf-8")
    ordinary = [processor.id_to_piece(i) for i in range(6, processor.get_piece_size())]
    (work / "pieces.txt").write_text("".join(f"{piece}\n" for piece in ["<blank>", "<s>", "</s>", *ordinary]))


def opennmt_speeds(python: str, sizes: Mapping[str, Any], search: Search, work: Path) -> list[Speed]:
    """How fast OpenNMT-tf translates the sample, once for each batch size.

    Args:
        python: From `opennmt_python`.
        sizes: Of its model, as `decoding_speed_opennmt.py` is told them.
        search: How it translates.
        work: Where `write_pieces` wrote; what it trains stays there.

    Returns:
        One for each batch size; its tokens are those of our translations, without what they were made longer by.

    Raises:
        SystemExit: If its translations are shorter than they must be: then their speed says nothing.
    """
    sources = [len(line.split()) for line in (work / _SAMPLE).read_text(encoding="utf-8").splitlines()]
    request = {
        **sizes, "work": str(work), "steps": _UPDATES, "batch_tokens": BATCH_TOKENS,
        "beam_size": search.beam_size, "bucket_width": BUCKET_WIDTH,
        "lengths": {size: longest_in_batches(sources, search.lengths, size) for size in BATCH_SIZES},
    }  # fmt: skip
    runs = answer([python, str(HERE / "decoding_speed_opennmt.py")], request)["runs"]
    for each in runs:
        said = each["tokens"] / len(sources)
        if said < _LENGTH_SHARE * each["length"]:
            raise SystemExit(f"OpenNMT-tf must say {each['length']} subwords a sentence, but says {said:.1f}")
    tokens = sum(search.lengths)
    return [
        Speed(f"OpenNMT-tf, batches of {each['batch_size']}, {each['length']} steps",
              len(sources) / each["seconds"], tokens / each["seconds"], tokens / len(sources))
        for each in runs
    ]  # fmt: skip


def longest_in_batches(sources: Sequence[int], translations: Sequence[int], size: int) -> int:
    """The longest translation of a batch, the mean over all batches.

    Args:
        sources: Lengths of the sentences, in subwords.
        translations: Lengths of their translations.
        size: Sentences of a batch.
    """
    waiting: dict[int, list[int]] = defaultdict(list)
    longest = []
    for source, translation in zip(sources, translations, strict=True):
        batch = waiting[source // BUCKET_WIDTH]
        batch.append(translation)
        if len(batch) == size:
            longest.append(max(batch))
            batch.clear()
    longest += [max(batch) for batch in waiting.values() if batch]
    return round(sum(longest) / len(longest))


def fastest(speeds: Sequence[Speed]) -> Speed:
    """The one that translates the most sentences a second."""
    return max(speeds, key=lambda speed: speed.sentences_per_second)


def show(speed: Speed) -> None:
    """One line for one engine."""
    print(
        f"  {speed.name}: {speed.sentences_per_second:,.1f} sentences/s, {speed.tokens_per_second:,.0f} tokens/s, "
        f"{speed.tokens_per_sentence:.1f} tokens a translation",
        flush=True,
    )
