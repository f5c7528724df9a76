"""Loading a configuration: what is read, what is refused, and in which words."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from seq2seq_tfx.schemas.config.loading import LoadedConfig, load_config, missing_files
from seq2seq_tfx.schemas.config.pipeline import PipelineConfig
from seq2seq_tfx.schemas.errors import ConfigError, InputError

HEAD = "name: demo\nlanguages: {source: en, target: es}\n"
GOOD = HEAD + "corpora:\n  - {name: a, split: auto, path: pairs.tsv}\n"

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a configuration file."""

    def to_file(text: str) -> Path:
        path = tmp_path / "pipeline.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return to_file


def problems_of(path: Path, overrides: tuple[str, ...] = ()) -> list[str]:
    """The problem lines, without the folder of the file."""
    with pytest.raises(ConfigError) as caught:
        load_config(path, overrides)
    assert caught.value.exit_status == 2
    return [problem.replace(f"{path.parent}{os.sep}", "") for problem in caught.value.problems]


def test_defaults_fill_in_when_only_the_required_keys_are_given(write: Write, tmp_path: Path) -> None:
    loaded = load_config(write(GOOD))
    assert loaded.config == PipelineConfig.model_validate(
        {
            "name": "demo",
            "languages": {"source": "en", "target": "es"},
            "corpora": [{"name": "a", "split": "auto", "path": "pairs.tsv"}],
        }
    )
    assert (loaded.path, loaded.directory) == (tmp_path / "pipeline.yaml", tmp_path)
    assert (loaded.root, loaded.push_directory) == (tmp_path / "work", tmp_path / "work/pushed")


def test_paths_follow_the_file_when_the_working_folder_is_another(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(GOOD + "root: ../elsewhere\n")
    monkeypatch.chdir(tmp_path.parent)
    loaded = load_config(Path(tmp_path.name) / "pipeline.yaml")
    assert loaded.root == tmp_path.parent / "elsewhere"
    assert loaded.resolve("x.tsv") == tmp_path / "x.tsv"


def test_a_section_is_its_defaults_when_all_its_keys_are_commented_out(write: Write) -> None:
    assert load_config(write(GOOD + "training:\n  # max_steps: 5\n")).config == load_config(write(GOOD)).config


def test_numbers_in_scientific_notation_are_numbers_when_yaml_would_read_text(write: Write) -> None:
    assert load_config(write(GOOD + "training: {learning_rate: 2e-4}\n")).config.training.learning_rate == 2e-4


def test_every_problem_comes_at_once_with_its_line_when_there_are_several(write: Write) -> None:
    text = (
        "name: demo\n"
        "languages: {source: en, target: no}\n"
        "corpora:\n"
        "  - {name: a, split: auto, path: pairs.tsv}\n"
        "  - {name: a, split: evla, path: more.tsv}\n"
        "trainig: {}\n"
        "training:\n"
        '  max_steps: "8000"\n'
        "  batch_tokns: 100\n"
        "  beam_size: 4\n"
        "decoding: {beam_size: 0, strategy: bean}\n"
        "gate: {minima: {blue: 20}}\n"
    )
    assert problems_of(write(text)) == [
        "pipeline.yaml:2: languages.target: must be a language code such as en, "
        "got no, which YAML reads as false; put it in quotes",
        "pipeline.yaml:5: corpora.1.split: must be train, eval, test or auto, got 'evla'; did you mean eval?",
        "pipeline.yaml:5: corpora.1.name: must be unique, got 'a', the name at pipeline.yaml:4 too; rename one",
        "pipeline.yaml:6: trainig: must be a key of the configuration, got 'trainig'; did you mean training?",
        "pipeline.yaml:8: training.max_steps: must be a whole number of at least 1, got '8000'; "
        "write it without quotes",
        "pipeline.yaml:9: training.batch_tokns: must be a key of training, got 'batch_tokns'; "
        "did you mean batch_tokens?",
        "pipeline.yaml:10: training.beam_size: must be a key of training, got 'beam_size'; "
        "did you mean decoding.beam_size?",
        "pipeline.yaml:11: decoding.strategy: must be greedy, beam or sampling, got 'bean'; did you mean beam?",
        "pipeline.yaml:11: decoding.beam_size: must be a whole number from 1 to 64, got 0; "
        "leave it out for the default, 5",
        "pipeline.yaml:12: gate.minima.blue: must be a section whose keys are bleu, chrf, chrf++, ter, exact_match or "
        "length_ratio, got 'blue'; did you mean bleu?",
    ]


def test_the_error_names_the_file_and_counts_its_problems_when_printed(write: Write) -> None:
    path = write(GOOD + "seed: x\n")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    first, second = str(caught.value).splitlines()
    assert first == f"{path} has 1 problem:"
    assert second.startswith(f"  {path}:5: seed: must be a whole number")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (GOOD + "seed: true\n", "5: seed: must be a whole number of at least 0"),
        (GOOD + "seed: 1.5\n", "5: seed: must be a whole number"),
        (GOOD + "seed:\n", "5: seed: must be a whole number of at least 0 and below 2,147,483,648, got nothing"),
        (GOOD + "name: again\n", "5: name: must be given once, got it on line 1 too"),
        (GOOD + "training: {max_steps: 5, max_steps: 6}\n", "5: training.max_steps: must be given once"),
        (GOOD + "training: [1]\n", "5: training: must be a section of `key: value` lines, got a list"),
        (
            GOOD + "training: {max_steps: 1e3}\n",
            "5: training.max_steps: must be a whole number of at least 1, got 1000.0",
        ),
        (GOOD + "training: {learning_rate: .inf}\n", "5: training.learning_rate: must be a finite number, got .inf"),
        (GOOD + "training: {learning_rate: !!python/name:os.system x}\n", "5: training.learning_rate: must be a plain"),
        (GOOD + "cleaning: {empty: 1}\n", "5: cleaning.empty: must be true or false, got 1"),
        (GOOD + "vocabulary: {shared: 7}\n", "5: vocabulary.shared: must be true or false, got 7"),
        (GOOD + "root: 2024-01-01\nroom: x\n", "6: room: must be a key of the configuration, got 'room'"),
        (GOOD + "<<: {seed: 1}\n", "5: keys must be plain words, got a merge"),
        (GOOD + "seed: [\n", "6: must be YAML, got what cannot be read"),
        (GOOD + "seed: *none\n", "5: must be YAML, got what cannot be read: found undefined alias 'none'"),
        (GOOD + "---\nname: b\n", "5: must be YAML"),
        (GOOD + "root: &a [*a]\n", "1: must hold at most 100,000 values, 20 deep, got more"),
        (GOOD + f"root: {'[' * 5000}\n", "1: must hold at most 100,000 values, 20 deep, got more"),
        (GOOD + "#" * (1 << 20), "1: must be at most 1,048,576 bytes"),
        ("", "1: must hold `key: value` lines, got an empty file"),
        ("# nothing\n", "1: must hold `key: value` lines, got an empty file"),
        ("- a\n", "1: must hold `key: value` lines, got a list"),
        ("demo\n", "1: must hold `key: value` lines, got 'demo'"),
        (
            GOOD.replace(", target: es", ""),
            "2: languages.target: must be given (a language code such as en), got nothing",
        ),
        (GOOD.replace("name: demo\n", ""), "1: name: must be given (a name of letters"),
        (GOOD.replace("demo", "de/mo"), "1: name: must be a name of letters"),
        (HEAD, "1: corpora: must be given"),
        (HEAD + "corpora: []\n", "3: corpora: must be a list of at least 1"),
        (HEAD + "corpora: {a: 1}\n", "3: corpora: must be a list of at least 1"),
        (HEAD + "corpora: [a.tsv]\n", "3: corpora.0: must be a section of `key: value` lines, got 'a.tsv'"),
        (GOOD + "model: {width: 130}\n", "5: model: heads must divide width, got heads 4 and width 130"),
        (GOOD + "model: {preset: huge}\n", "5: model.preset: must be transformer_tiny, "),
    ],
)
def test_the_message_says_what_must_hold_when_a_value_is_wrong(write: Write, text: str, line: str) -> None:
    problems = problems_of(write(text))
    assert problems[0].startswith(f"pipeline.yaml:{line}")
    assert len(problems) == 1


@pytest.mark.parametrize(
    ("corpora", "line"),
    [
        (
            "[{name: a, split: train, path: a.tsv}]",
            "corpora: must hold a corpus for each of train, eval and test, "
            "got none for eval, test; add one, or say split: auto",
        ),
        ("[{name: a, split: eval, path: a}, {name: b, split: test, path: b}]", "corpora: must hold a corpus for each"),
        ("[{name: a, split: auto, source: a.en}]", "corpora.0: must name source and target files, or one path"),
        (
            "[{name: a, split: auto}]",
            "corpora.0: must name source and target files, or one path that holds both, "
            "got no source and target; add what is missing",
        ),
        ("[{name: a, split: auto, path: a, source: b}]", "corpora.0.path: must be given in place of source and target"),
        (
            "[{name: a, split: auto, source: a, target: [b, c]}]",
            "corpora.0.target: must be one file where split is auto",
        ),
        ("[{name: a, split: auto, source: a, target: [b, 3]}]", "corpora.0.target.1: must be text, got 3"),
        ("[{name: a, split: auto, source: a, target: 3}]", "corpora.0.target: must be text or a list of text, got 3"),
        (
            "[{name: a, split: auto, source: a, target: b, columns: [0, 1]}]",
            "corpora.0.columns: must be given with path",
        ),
        ("[{name: a, split: auto, path: a, columns: [0]}]", "corpora.0.columns: must be a list of 2, each a whole"),
        ("[{name: a, split: auto, path: a, columns: [0, -1]}]", "corpora.0.columns.1: must be a whole number of at"),
    ],
)
def test_corpora_are_refused_when_they_do_not_fit_together(write: Write, corpora: str, line: str) -> None:
    problems = problems_of(write(f"{HEAD}corpora: {corpora}\n"))
    assert any(problem.startswith(f"pipeline.yaml:3: {line}") for problem in problems), problems


def test_several_references_are_taken_when_the_split_is_scored(write: Write) -> None:
    text = (
        "corpora:\n  - {name: a, split: train, path: a}\n  - {name: b, split: eval, path: b}\n"
        "  - {name: c, split: test, source: c.en, target: [c1.es, c2.es]}\n"
    )
    assert load_config(write(HEAD + text)).config.corpora[2].target == ("c1.es", "c2.es")


@pytest.mark.parametrize(
    ("splits", "line"),
    [
        ("{eval_share: 0}", "5: splits.eval_share: must be above 0 where no corpus says split: eval"),
        ("{eval_share: 0.5, test_share: 0.5}", "5: splits: eval_share and test_share must add up to less than 1"),
    ],
)
def test_shares_are_refused_when_a_split_would_be_empty(write: Write, splits: str, line: str) -> None:
    assert problems_of(write(GOOD + f"splits: {splits}\n"))[0].startswith(f"pipeline.yaml:{line}")


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        ("{preset: gru_luong_tiny, heads: 2}", "5: model.heads: must be left out for family rnn"),
        ("{family: rnn, feedforward: 2}", "5: model.feedforward: must be left out for family rnn"),
        ("{cell: gru}", "5: model.cell: must be left out for family transformer (it belongs to rnn), got 'gru'"),
        ("{preset: gru_luong_tiny, family: transformer, cell: gru}", "5: model.cell: must be left out for family"),
        ("{preset: rnn_tiny, norm: post}", "5: model.norm: must be left out for family rnn"),
        ("{reverse_source: true}", "5: model.reverse_source: must be left out for family transformer"),
    ],
)
def test_a_key_of_another_family_is_refused_when_it_is_given(write: Write, model: str, problem: str) -> None:
    assert problems_of(write(GOOD + f"model: {model}\n"))[0].startswith(f"pipeline.yaml:{problem}")


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        ("{width: 10, heads: 4}", "heads must divide width, got heads 4 and width 10"),
        ("{width: 12, heads: 4, positions: rotary}", "width / heads must be even for rotary positions"),
        ("{family: rnn, width: 9}", "an rnn's width must be even (half of it reads each way), got 9"),
        ("{family: rnn, reverse_source: true}", "reverse_source needs bidirectional: false"),
        ("{family: rnn, attention: bahdanau, input_feeding: true}", "input_feeding needs a luong attention, got bahd"),
        ("{family: rnn, attention: none, input_feeding: true}", "input_feeding needs a luong attention, got none"),
    ],
)
def test_sizes_and_options_are_refused_when_they_do_not_fit_together(write: Write, model: str, problem: str) -> None:
    (line,) = problems_of(write(GOOD + f"model: {model}\n"))
    assert line.startswith("pipeline.yaml:5: model: ") and problem in line


def test_a_learned_metric_must_not_have_the_name_of_another(write: Write) -> None:
    (line,) = problems_of(write(GOOD + "evaluation: {learned: {bleu: my.Metric, comet: my.Comet}}\n"))
    assert line.startswith("pipeline.yaml:5: evaluation.learned.bleu: must not be named as one of bleu, chrf, ")


@pytest.mark.parametrize(
    ("sections", "problem"),
    [
        ("training: {max_length: 300}", "at least training.max_length (300) for learned positions, got 280"),
        ("decoding: {max_length: 281}", "at least decoding.max_length (281) for learned positions, got 280"),
    ],
)
def test_a_table_of_positions_is_refused_when_texts_may_be_longer(write: Write, sections: str, problem: str) -> None:
    text = GOOD + "model: {positions: learned, max_positions: 280}\n"
    (line,) = problems_of(write(text + sections + "\n"))
    assert line.startswith("pipeline.yaml:5: model.max_positions: must be ") and problem in line
    load_config(write(text))
    load_config(write(text.replace("learned", "rotary") + sections + "\n"))


def test_set_wins_when_the_file_says_otherwise(write: Write) -> None:
    path = write(GOOD + "training: {max_steps: 9}\n")
    overrides = ["training.max_steps=5", "corpora.0.domain=news", "gate.minima={bleu: 20}", "decoding.strategy=greedy"]
    config = load_config(path, [*overrides, "training.max_steps=6", 'root="other=folder"']).config
    assert config.training.max_steps == 6
    assert config.corpora[0].domain == "news"
    assert config.gate.minima == {"bleu": 20.0}
    assert config.decoding.strategy == "greedy"
    assert config.root == "other=folder"


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("seed", "must look like section.key=value, as in training.max_steps=100"),
        ("=3", "must look like section.key=value"),
        ("a..b=3", "must look like section.key=value"),
        (
            "training.max_step=3",
            "training.max_step: must be a key of training, got 'max_step'; did you mean max_steps?",
        ),
        ("training.max_steps=many", "training.max_steps: must be a whole number of at least 1, got 'many'"),
        ("training.max_steps=", "training.max_steps: must be a whole number of at least 1, got nothing"),
        ("evaluation.metrics=[bleu", "evaluation.metrics: must be YAML, got what cannot be read"),
        ("corpora.1.split=auto", "must name a setting, got 'corpora.1.split', but corpora has entries 0 to 0"),
        ("corpora.a.split=auto", "must name a setting, got 'corpora.a.split', but corpora has entries 0 to 0"),
        ("corpora.0.splits=auto", "corpora.0.splits: must be a key of corpora.0, got 'splits'; did you mean split?"),
        ("seed.x=1", "must name a setting, got 'seed.x', but seed is no section"),
        ("model.a.b=1", "model.a: must be a key of model, got 'a'"),
        ("languages.source=no", "languages.source: must be a language code such as en, got no, which YAML reads as"),
    ],
)
def test_the_argument_is_named_when_set_is_wrong(write: Write, override: str, line: str) -> None:
    problems = problems_of(write(GOOD + "seed: 3\n"), (override,))
    assert len(problems) == 1
    assert problems[0].startswith(f"--set {override}: {line}")


def test_text_that_is_not_unicode_is_named(write: Write) -> None:
    (line,) = problems_of(write(GOOD + 'root: "\\uD800"\n'))
    assert line.startswith("pipeline.yaml:5: root: must be text, got half of a surrogate pair")
    (line,) = problems_of(write(GOOD), ("name=\udce9",))
    assert "name: must be UTF-8, got bytes that are not" in line


def test_set_can_mend_the_file_when_the_file_is_wrong(write: Write) -> None:
    assert load_config(write(GOOD + "seed: many\n"), ["seed=4"]).config.seed == 4


def test_missing_files_are_all_named_with_their_lines_when_corpora_are_not_there(write: Write, tmp_path: Path) -> None:
    text = (
        "corpora:\n  - {name: a, split: train, path: a.tsv}\n  - {name: b, split: eval, source: b.en, target: b.es}\n"
        "  - name: c\n    split: test\n    source: there.en\n    target: [folder, b.es]\n"
    )
    (tmp_path / "there.en").write_text("a\n", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    loaded = load_config(write(HEAD + text))
    places = [line.replace(f"{tmp_path}{os.sep}", "") for line in missing_files(loaded)]
    assert places[0] == (
        "pipeline.yaml:4: corpora.0.path: must be a readable file, got a.tsv, which does not exist; "
        "put the file there or correct the path"
    )
    assert [place.partition(": must")[0] for place in places[1:]] == [
        "pipeline.yaml:5: corpora.1.source",
        "pipeline.yaml:5: corpora.1.target",
        "pipeline.yaml:9: corpora.2.target",
        "pipeline.yaml:9: corpora.2.target",
    ]
    assert "folder, which is a folder" in places[3]


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda path: None, "which does not exist; `seq2seq init DIR` writes one"),
        (lambda path: path.mkdir(), "which is a folder; `seq2seq init DIR` writes one"),
        (lambda path: path.write_bytes(b"name: \xff\n"), "which is not UTF-8 at byte 6; save it as UTF-8"),
    ],
)
def test_one_sentence_says_why_when_the_file_cannot_be_read(
    tmp_path: Path, prepare: Callable[[Path], object], words: str
) -> None:
    path = tmp_path / "pipeline.yaml"
    prepare(path)
    with pytest.raises(InputError) as caught:
        load_config(path)
    assert str(caught.value) == f"the configuration must be a readable YAML file, got {path}, {words}"
    assert caught.value.exit_status == 2


def test_the_file_inside_is_proposed_when_a_folder_is_given(write: Write) -> None:
    path = write(GOOD)
    with pytest.raises(InputError, match=r"did you mean .*pipeline\.yaml\?"):
        load_config(path.parent)


def test_a_loaded_configuration_is_equal_when_the_text_means_the_same(write: Write) -> None:
    first: LoadedConfig = load_config(write(GOOD))
    assert first == load_config(write(GOOD + "# a comment\n"))


def test_corpus_weights_must_name_corpora_that_are_trained_on(write: Write) -> None:
    lines = (
        GOOD.rstrip()
        + "\n  - {name: news, split: test, path: news.tsv}\ntraining: {corpus_weights: {a: 2, news: 1, b: 3}}\n"
    )
    assert problems_of(write(lines)) == [
        "pipeline.yaml:6: training.corpus_weights.news: must name a corpus whose split is train or auto, got 'news'; "
        "those are a",
        "pipeline.yaml:6: training.corpus_weights.b: must name a corpus whose split is train or auto, got 'b'; "
        "those are a",
    ]
    assert load_config(write(GOOD + "training: {corpus_weights: {a: 2}}\n")).config.training.corpus_weights == {"a": 2}


def test_a_moving_average_can_be_exported_only_if_there_is_one(write: Write) -> None:
    (problem,) = problems_of(write(GOOD + "training: {export: moving_average}\n"))
    assert "moving_average must be above 0 where export is moving_average, got 0" in problem
