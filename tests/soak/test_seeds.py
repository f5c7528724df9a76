"""`make soak`: equal retrainings, with another seed and nothing else, pass the gate; margins go to docs/results.

The p-values of all these pairs of models are those of sacreBLEU's own tests.

One of the two alone: `-k quickstart` or `-k multi30k`. With SEQ2SEQ_SEEDS, a folder, the latter keeps its trainings
there and goes on with them when it is started again.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from retrainings import in_words, retrain
from small import InProcess

REPOSITORY = Path(__file__).parents[2]
RESULTS = REPOSITORY / "docs" / "results" / "seeds.md"
MULTI30K = Path(os.environ.get("SEQ2SEQ_DATA", REPOSITORY / "../shared/data")) / "multi30k"
TITLE = "# Equal retrainings\n"


@pytest.fixture
def inside(capfd: pytest.CaptureFixture[str]) -> InProcess:
    return InProcess(capfd)


def test_no_seed_of_the_quickstart_is_refused(
    inside: InProcess, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert inside("init", tmp_path / "quickstart").status == 0
    _none_is_refused(inside, tmp_path / "quickstart/pipeline.yaml", "The quickstart", capfd)


@pytest.mark.skipif(not MULTI30K.is_dir(), reason=f"no {MULTI30K}: set SEQ2SEQ_DATA to a folder that holds multi30k")
def test_no_seed_of_multi30k_is_refused(inside: InProcess, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = Path(os.environ.get("SEQ2SEQ_SEEDS", tmp_path))
    for path in MULTI30K.glob("*.gz"):
        shutil.copy(path, folder)
    config = Path(shutil.copy(REPOSITORY / "examples/multi30k_en_de/pipeline.yaml", folder))
    _none_is_refused(inside, config, "Multi30k, English to German", capfd)


def _none_is_refused(inside: InProcess, config: Path, title: str, capfd: pytest.CaptureFixture[str]) -> None:
    """At the configuration's policy; what was seen is written down before it is judged."""
    revision = _revision()
    retrained = retrain(inside, config)
    minutes = sum(each.minutes for each in retrained)
    text = (
        f"Measured on commit `{revision}`, by `make soak`, the five in {minutes:.0f} minutes. The model in use was\n"
        "trained with seed 1; nothing but the seed differs in the others. The policy is the configuration's:\n"
        f"all it sets of its own is `gate: {json.dumps(yaml.safe_load(config.read_text())['gate'])}`.\n\n"
        f"{in_words(retrained)}\n"
    )
    with capfd.disabled():
        print(f"\n{title}\n{text}")
    _write_section(f"## {title}\n", text)
    assert {each.seed: each.other_p_values for each in retrained if each.other_p_values} == {}
    assert {each.seed: each.reasons for each in retrained if each.verdict == "refused"} == {}


def _revision() -> str:
    return subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()


def _write_section(heading: str, text: str) -> None:
    """Replace one section of the results, or add it; the other stays."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    before = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else TITLE
    first, *sections = before.split("\n## ")
    kept = {f"## {section.partition(chr(10))[0]}\n": section.partition("\n")[2].strip("\n") for section in sections}
    kept[heading] = text.strip("\n")
    body = "".join(f"\n{name}\n{content}\n" for name, content in kept.items())
    RESULTS.write_text(f"{first.rstrip()}\n{body}", encoding="utf-8")
