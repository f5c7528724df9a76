"""Text files that tools of lines get wrong, translated and compared record for record."""

import random
from pathlib import Path

from translation_jobs import job, request, translated

TORTURE = (
    "",
    " ",
    "a\0b",
    "lone\rreturn",
    "line\u2028sep\u2029par\x85nel\x0bvt\x0cff",
    "\ufeffmark",
    "same",
    "same",
    "\t",
)


def torture_bytes(count: int) -> bytes:
    """Lines of all kinds, with a mark at the start, LF and CRLF ends, bytes that are not UTF-8, no end at the end."""
    draw = random.Random(7)
    parts = [b"\xef\xbb\xbf"]
    for number in range(count):
        text = draw.choice(TORTURE).replace("\t", " ").encode() + (b"" if draw.random() < 0.3 else b"%d" % number)
        text = b"\xff" + text if draw.random() < 0.01 else text
        parts.append(text + draw.choice((b"\n", b"\r\n")))
    return b"".join(parts).removesuffix(b"\n") + b"!"


def expected_lines(content: bytes) -> list[str]:
    """What a job makes of text, computed line by line."""
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    found = []
    for line in lines:
        try:
            found.append(translated(line.removesuffix(b"\r").decode()))
        except UnicodeDecodeError:
            found.append("")
    return found


def check_torture(folder: Path, count: int) -> None:
    """Translate torture and compare record for record."""
    content = torture_bytes(count)
    (folder / "in.txt").write_bytes(content)
    wanted = request(folder / "in.txt", folder / "out.txt", "text", block_records=1000)
    counts = job(wanted)["counts"]
    expected = expected_lines(content)
    with (folder / "out.txt").open(newline="\n", encoding="utf-8") as stream:
        for number, (line, should) in enumerate(zip(stream, expected, strict=True)):
            assert line == f"{should}\n", number
    assert counts["read"] == len(expected) == count
    assert counts["dead"] == expected.count("") > 0
    assert counts["translated"] + counts["reused"] + counts["dead"] == count
