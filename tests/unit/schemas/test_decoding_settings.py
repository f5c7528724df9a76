"""The section `decoding`: which settings of the search do not fit together."""

from pathlib import Path

import pytest

from seq2seq_tfx.schemas.config.loading import load_config
from seq2seq_tfx.schemas.errors import ConfigError

GOOD = """\
name: demo
languages: {source: en, target: es}
corpora:
  - {name: a, split: auto, path: a.tsv}
"""


@pytest.mark.parametrize(
    ("decoding", "problems"),
    [
        ("{top_k: 5}", ["top_k: must be left out for strategy beam (it belongs to sampling), got 5"]),
        ("{strategy: greedy, temperature: 0.5, seed: 3}", ["temperature: must be left out", "seed: must be left out"]),
        ("{strategy: sampling, temperature: 0.5, top_k: 5, top_p: 0.9, seed: 3}", []),
        ("{temperature: 1.0, top_k: 0}", []),  # the defaults
        ("{coverage_penalty: 0.2, strategy: greedy}", ["coverage_penalty: must be 0 for strategy greedy"]),
        ("{coverage_penalty: 0.2, strategy: sampling}", ["coverage_penalty: must be 0 for strategy sampling"]),
        ("{coverage_penalty: 0.2}", []),
        ("{min_length: 9, max_length: 8}", ["min_length: must be at most max_length, got 9 and 8"]),
        ("{min_length: 300}", ["min_length: must be at most max_length, got 300 and 256"]),
        ("{min_length_ratio: 2.0, max_length_ratio: 1.5}", ["min_length_ratio: must be at most max_length_ratio"]),
        ("{min_length_ratio: 2.0}", []),
        (
            "{min_length: many, strategy: bean, coverage_penalty: x}",
            ["strategy: ", "coverage_penalty: ", "min_length: "],
        ),
    ],
)
def test_search_options_are_refused_when_they_do_not_fit_together(
    tmp_path: Path, decoding: str, problems: list[str]
) -> None:
    path = tmp_path / "pipeline.yaml"
    path.write_text(f"{GOOD}decoding: {decoding}\n")
    if not problems:
        assert load_config(path).config.decoding is not None
        return
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    found = [line.partition("decoding.")[2] for line in caught.value.problems]
    assert [line[: len(start)] for line, start in zip(found, problems, strict=True)] == problems
