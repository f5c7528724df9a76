"""What `seq2seq init` writes, and what it refuses."""

import argparse
import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seq2seq_tfx.pipeline.commands import init
from seq2seq_tfx.pipeline.templates import commented_yaml, own_settings, quickstart_settings
from seq2seq_tfx.schemas.config.loading import load_config, missing_files
from seq2seq_tfx.schemas.config.model import PRESETS
from seq2seq_tfx.schemas.config.pipeline import PipelineConfig
from seq2seq_tfx.schemas.errors import InputError


def run_init(*words: str) -> int:
    """The verb, as the command line calls it."""
    parser = argparse.ArgumentParser()
    init.add_parser(parser.add_subparsers())
    return init.run(parser.parse_args(["init", *words]))


def refusal(*words: str) -> str:
    """The sentence with which the verb refuses."""
    with pytest.raises(InputError) as caught:
        run_init(*words)
    return str(caught.value)


@pytest.fixture
def pair(tmp_path: Path) -> list[str]:
    """Two files of one corpus, with names that ids cannot have."""
    paths = [tmp_path / "my news (1).en", tmp_path / "my news (1).de.gz"]
    for path in paths:
        path.write_text("a\n", encoding="utf-8")
    return list(map(str, paths))


@pytest.mark.parametrize("preset", PRESETS)
def test_the_written_file_means_the_intended_settings_for_each_preset(tmp_path: Path, preset: str) -> None:
    path = tmp_path / "pipeline.yaml"
    settings = quickstart_settings(preset)
    path.write_text(commented_yaml(settings), encoding="utf-8")
    assert load_config(path).config == PipelineConfig.model_validate(settings)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_defaults_in_comments_are_the_defaults_when_every_mark_is_taken_away(tmp_path: Path, preset: str) -> None:
    path = tmp_path / "pipeline.yaml"
    settings = own_settings(("en", "no"), [{"name": "a", "split": "auto", "path": "a.tsv"}], preset)
    lines = commented_yaml(settings).splitlines()
    active = [
        line.replace("#", "", 1) if line.lstrip().startswith("#") and "# " not in line[:4] else line for line in lines
    ]
    assert active != lines
    path.write_text("\n".join(active), encoding="utf-8")
    assert load_config(path).config == PipelineConfig.model_validate(settings)


def test_every_key_is_explained_when_the_file_is_written() -> None:
    text = commented_yaml(quickstart_settings())
    assert "  # Prefixes kept a sentence (strategy beam).\n  beam_size: 4\n" in text
    assert "  # Text" not in text and "# Text normalisation inside the graph" in text
    assert "  #cell:" not in text  # a key of another family
    assert max(map(len, text.splitlines())) <= 120


def test_the_quickstart_runs_as_it_is_when_no_corpus_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = tmp_path / "new" / "demo"
    assert run_init(str(directory)) == 0
    loaded = load_config(directory / "pipeline.yaml")
    assert missing_files(loaded) == ()
    assert sorted(path.name for path in directory.iterdir()) == ["corpus", "pipeline.yaml"]
    assert capsys.readouterr().out.splitlines()[-1] == f"next: seq2seq run {directory / 'pipeline.yaml'}"


def test_two_files_become_one_corpus_when_their_names_differ_in_the_language(tmp_path: Path, pair: list[str]) -> None:
    assert run_init(str(tmp_path / "p"), "--source", "en", "--target", "de", "--corpus", *pair) == 0
    loaded = load_config(tmp_path / "p/pipeline.yaml")
    (corpus,) = loaded.config.corpora
    assert (corpus.name, corpus.split) == ("my_news__1_", "auto")
    assert (corpus.source, corpus.target) == ("../my news (1).en", "../my news (1).de.gz")
    assert missing_files(loaded) == ()
    assert (loaded.config.name, loaded.config.languages.target) == ("en-de", "de")


def test_other_files_are_tab_separated_corpora_with_names_of_their_own(tmp_path: Path) -> None:
    paths = [tmp_path / "a" / "deu.tsv.gz", tmp_path / "b" / "deu.txt"]
    for path in paths:
        path.parent.mkdir()
        path.write_text("a\tb\n", encoding="utf-8")
    words = ("--source", "en", "--target", "no", "--preset", "gru_luong_small", "--corpus", *map(str, paths))
    assert run_init(str(tmp_path), *words) == 0
    config = load_config(tmp_path / "pipeline.yaml").config
    assert [(each.name, each.path) for each in config.corpora] == [("deu", "a/deu.tsv.gz"), ("deu-2", "b/deu.txt")]
    assert config.model.preset == "gru_luong_small"
    assert config.languages.target == "no"


def test_columns_are_taken_from_the_names_in_the_files_when_these_tell(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('id,"de", en \n1,Hund,dog\n', encoding="utf-8")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b'{"translation": {"en": "dog", "de": "Hund"}}\n'))
    (tmp_path / "c.tsv").write_text("dog\tHund\n", encoding="utf-8")
    (tmp_path / "d.tmx").write_text("<tmx/>", encoding="utf-8")
    pq.write_table(pa.table({"src": ["dog"], "tgt": ["Hund"]}), tmp_path / "e.parquet")
    paths = map(str, sorted(tmp_path.iterdir()))
    assert run_init(str(tmp_path), "--source", "en", "--target", "de", "--corpus", *paths) == 0
    config = load_config(tmp_path / "pipeline.yaml").config
    assert [(each.name, each.resolved_format(), each.columns) for each in config.corpora] == [
        ("a", "csv", ("en", "de")),
        ("b", "jsonl", ("translation.en", "translation.de")),
        ("c", "tsv", (0, 1)),
        ("d", "tmx", ("en", "de")),
        ("e", "parquet", ("src", "tgt")),
    ]


def test_the_test_set_s_two_files_become_one_corpus_when_they_are_wmt_s(tmp_path: Path) -> None:
    paths = [tmp_path / "test14-ende-src.en.sgm", tmp_path / "test14-ende-ref.de.sgm.gz"]
    for path in paths:
        path.write_text("<doc/>", encoding="utf-8")
    assert run_init(str(tmp_path), "--source", "en", "--target", "de", "--corpus", *map(str, paths)) == 0
    (corpus,) = load_config(tmp_path / "pipeline.yaml").config.corpora
    assert (corpus.name, corpus.source, corpus.target) == ("test14-ende", paths[0].name, paths[1].name)
    assert corpus.resolved_format() == "sgm"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.docx", b"x", "must name files that end in .tsv, .tab, .txt, .csv, .tmx"),
        ("a.jsonl", b'{"x": 1}\n', "must name jsonl files with keys such as en and de"),
        ("a.jsonl.gz", b"{", "must name jsonl files with keys such as en and de"),
    ],
)
def test_the_file_is_named_when_its_format_cannot_be_told(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    words = refusal(str(tmp_path / "p"), "--source", "en", "--target", "de", "--corpus", str(path))
    assert sentence in words
    assert f"got {path}" in words


def test_nothing_is_overwritten_when_files_are_there(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    assert refusal(str(tmp_path)).startswith(f"{tmp_path / 'corpus'} must not exist yet")
    (tmp_path / "pipeline.yaml").write_text("mine", encoding="utf-8")
    assert refusal(str(tmp_path)).startswith(f"{tmp_path / 'pipeline.yaml'} must not exist yet")
    assert (tmp_path / "pipeline.yaml").read_text(encoding="utf-8") == "mine"
    assert refusal(str(tmp_path / "pipeline.yaml")).endswith("must be a folder, got a file; choose another name")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--preset", "transformer_tny"], "did you mean transformer_tiny?"),
        (["--source", "en"], "--source and --target must come with --corpus PATH"),
        (["--corpus", "a.tsv"], "--corpus must come with --source CODE and --target CODE"),
        (["--source", "en", "--target", "de", "--corpus", "none.tsv"], "must name files that are there, got none.tsv"),
    ],
)
def test_the_sentence_says_what_to_give_when_arguments_do_not_fit(
    tmp_path: Path, words: list[str], sentence: str
) -> None:
    assert sentence in refusal(str(tmp_path / "p"), *words)
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize("index", [0, 1])
def test_the_other_side_is_asked_for_when_one_is_given(tmp_path: Path, pair: list[str], index: int) -> None:
    sentence = refusal(str(tmp_path / "p"), "--source", "en", "--target", "de", "--corpus", pair[index])
    assert f"got {pair[index]} without my news (1).{('de', 'en')[index]}" in sentence
