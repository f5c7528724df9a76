"""What must not stand in any file, and what the README promises."""

import re

import pytest
from rules.source import REPOSITORY, kept_files

REGISTRIES = ("py" + "pi.org", "python" + "hosted.org", "pypi.python" + ".org", "conda." + "anaconda.org")
MACHINE_PATH = re.compile(r"(?<![\w.})>*/-])/(?:" + "|".join(("work", "root", "home", "Users")) + r")/[\w.]")


def text_of(name: str) -> str:
    """A file at the top of the repository."""
    return (REPOSITORY / name).read_text(encoding="utf-8")


def all_texts() -> dict[str, str]:
    """Every text file that version control keeps."""
    texts = {}
    for path in kept_files():
        try:
            texts[path.relative_to(REPOSITORY).as_posix()] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return texts


def found(pattern: re.Pattern[str]) -> list[str]:
    """Where a pattern occurs, as lines to read."""
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in all_texts().items()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_file_has_the_address_of_a_package_registry() -> None:
    assert found(re.compile("|".join(map(re.escape, REGISTRIES)))) == []


def test_no_file_has_a_path_of_one_machine() -> None:
    assert found(MACHINE_PATH) == []


def test_no_source_has_a_mark_of_unfinished_work() -> None:
    marks = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")
    assert found(marks) == []


def make_targets() -> set[str]:
    """The targets of the Makefile."""
    return set(re.findall(r"^([a-z][a-z-]*):", text_of("Makefile"), re.MULTILINE))


def commands_of(readme: str) -> list[str]:
    """The lines of a README's code blocks, indented or fenced."""
    fenced = [
        line
        for block in re.findall(r"^```.*?\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
        for line in block.splitlines()
    ]
    indented = re.findall(r"^ {4}(.*)$", readme, re.MULTILINE)
    return [line.removeprefix("$ ").strip() for line in (*fenced, *indented)]


def test_the_readme_s_make_commands_are_the_makefile_s() -> None:
    named = {word for line in commands_of(text_of("README.md")) for word in re.findall(r"\bmake ([a-z][a-z-]*)", line)}
    assert {"demo", "test"} <= named <= make_targets()


def test_the_readme_s_first_screen_has_the_two_commands() -> None:
    first = commands_of("\n".join(text_of("README.md").splitlines()[:60]))
    for command in ("make demo", "make test"):
        assert any(line.startswith(command) for line in first), command


def test_every_target_of_the_makefile_is_declared_phony() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", text_of("Makefile"), re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == make_targets()


@pytest.mark.parametrize("target", ["demo", "test", "lint", "system", "soak", "lock", "clean"])
def test_the_makefile_has_the_target(target: str) -> None:
    assert target in make_targets()


def test_the_changelog_has_the_four_headings_of_unreleased_changes() -> None:
    unreleased = text_of("CHANGELOG.md").partition("## Unreleased")[2].partition("\n## ")[0]
    assert re.findall(r"^### (\w+)$", unreleased, re.MULTILINE) == ["Added", "Changed", "Fixed", "Removed"]
