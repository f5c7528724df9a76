"""The section `vocabulary`: what goes together, and what a symbol may be."""

from pathlib import Path

import pytest

from seq2seq_tfx.schemas.config.loading import LoadedConfig, load_config, missing_files
from seq2seq_tfx.schemas.errors import ConfigError

GOOD = """\
name: demo
languages: {source: en, target: es}
corpora:
  - {name: a, split: auto, path: a.tsv}
"""


def _load(folder: Path, vocabulary: str) -> LoadedConfig:
    path = folder / "pipeline.yaml"
    path.write_text(f"{GOOD}vocabulary: {vocabulary}\n")
    return load_config(path)


@pytest.mark.parametrize(
    ("vocabulary", "problem"),
    [
        ("{source_size: 4000}", "source_size: must be left out where the vocabulary is shared, got 4000; leave it"),
        ("{pretrained: [a.model, b.model]}", "pretrained: must be one file where the vocabulary is shared, got a list"),
        ("{shared: false, pretrained: a.model}", "pretrained: must be two files, [source, target], where"),
        ("{pretrained: a.model, kind: bpe}", "kind: must be left out beside pretrained, whose file says it, got 'bpe'"),
        ("{pretrained: a.model, size: 400}", "size: must be left out beside pretrained, whose file says it, got 400"),
        ("{kind: word, byte_fallback: true}", "byte_fallback: must be false for kind word (a spelled word would lose"),
        ("{kind: word, split_digits: true}", "split_digits: must be false for kind word (a number is one word), got"),
        ("{pretrained: a.model, split_digits: true}", "split_digits: must be left out beside pretrained, whose file"),
        ("{symbols: [BT]}", "symbols.0: must be a name in angle brackets such as <BT>, of letters, digits"),
        ("{symbols: ['<a b>']}", "symbols.0: must be a name in angle brackets"),
        ("{symbols: ['<unk>']}", "symbols.0: must not be one of the vocabulary's own pieces, got '<unk>'; choose"),
        ("{symbols: ['<0x41>']}", "symbols.0: must not be one of the vocabulary's own pieces, got '<0x41>'"),
        ("{kind: wordpiece}", "kind: must be unigram, bpe, char or word, got 'wordpiece'"),
    ],
)
def test_what_does_not_go_together_is_refused_with_its_line(tmp_path: Path, vocabulary: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, vocabulary)
    (line,) = caught.value.problems
    assert line.startswith(f"{tmp_path / 'pipeline.yaml'}:5: vocabulary.{problem}")


def test_symbols_and_given_files_are_taken_when_they_fit(tmp_path: Path) -> None:
    config = _load(tmp_path, "{symbols: ['<BT>', '<2es>', '<domain:news>'], pretrained: a.model}").config.vocabulary
    assert config.symbols == ("<BT>", "<2es>", "<domain:news>")
    assert config.pretrained_names == ("a.model",)
    separate = _load(tmp_path, "{shared: false, pretrained: [a.model, b.model]}").config.vocabulary
    assert separate.pretrained_names == ("a.model", "b.model")
    assert _load(tmp_path, "{shared: false, source_size: 400}").config.vocabulary.source_size == 400


def test_a_given_vocabulary_that_is_not_there_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("a\tb\n")
    (line,) = missing_files(_load(tmp_path, "{pretrained: lost.model}"))
    start = f"{tmp_path / 'pipeline.yaml'}:5: vocabulary.pretrained: must be a readable file, got"
    assert line.startswith(f"{start} {tmp_path / 'lost.model'}, which does not exist")
