"""Each check finds injected faults and is silent on good translations: `docs/text-checks.md` has the whole table."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from seq2seq_tfx.components.text_checks.checking import TextChecker, TextCheckSettings

PROGRAM = Path(__file__).parents[3] / "benchmarks/text_checks.py"
LEAST_RECALL = {"copied_source": 0.85, "wrong_language": 0.8, "loop": 0.98, "lost_number": 0.95, "lost_markup": 0.98}
LEAST_PRECISION = {"wrong_language": 0.97}


@pytest.fixture(scope="module")
def program() -> ModuleType:
    """The benchmark, as a module."""
    spec = importlib.util.spec_from_file_location("text_checks_benchmark", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_faults_are_found_and_good_translations_left_alone(program: ModuleType) -> None:
    for name, target, pairs in program.corpora(600):
        checker = TextChecker(TextCheckSettings(source="en", target=target))
        for check, found in program.measure(pairs, checker).items():
            print(f"{name:<20} {check:<16} recall {found.recall:.3f} precision {found.precision:.3f} {found}")
            if name.startswith("generated"):
                assert found.faulty > 100
                assert found.recall >= LEAST_RECALL.get(check, 0.99), (name, check, found)
                assert found.precision >= LEAST_PRECISION.get(check, 0.99), (name, check, found)
