"""Lines that nobody would write, made from a seed."""

import random
from collections.abc import Iterator

WORDS = "the a dog cat house Straße niño façade 1,234 don't e-mail www.example.org ¿qué? 東京 привет नमस्ते مرحبا".split()
SPACES = " \t\u00a0\u2003\u3000\u2028\x0b\x85\u200b\ufeff"
MARKS = "\u0301\u0308\u0327\u200d\u200c\u20e3\ufe0f"
EMOJI = "😀👍🏽👩‍👩‍👧🇩🇪❤️"
RESERVED = ("<pad>", "<unk>", "<s>", "</s>", "<mask>", "<sep>", "▁", "▅", "\ufffd", "\ufffe", "\ufdd0")


def fuzzed_lines(count: int, seed: int = 3) -> Iterator[str]:
    """Words, spaces, controls, combining marks, emoji, any code point, reserved pieces; now and then very long."""
    draw = random.Random(seed)
    for number in range(count):
        length = draw.randrange(2000, 20_000) if number % 1000 == 999 else draw.randrange(0, 30)
        yield "".join(_piece(draw) for _ in range(length))


def _piece(draw: random.Random) -> str:
    kind = draw.random()
    if kind < 0.5:
        return draw.choice(WORDS) + " "
    if kind < 0.6:
        return draw.choice(SPACES)
    if kind < 0.65:
        return chr(draw.randrange(0x20))
    if kind < 0.72:
        return draw.choice(MARKS)
    if kind < 0.78:
        return draw.choice(EMOJI)
    if kind < 0.83:
        return draw.choice(RESERVED)
    code = draw.choice((draw.randrange(0x20, 0x250), draw.randrange(0x10FFFF + 1), draw.randrange(0xFB00, 0xFFF0)))
    return chr(code) if not 0xD800 <= code < 0xE000 else "\ufffd"


def fuzzed_punctuation(count: int, seed: int = 4) -> Iterator[str]:
    """Mostly marks, brackets and spaces, with a word or a number now and then."""
    draw = random.Random(seed)
    marks = "\"'`´“”„«»‘’‚–—…()[]<>,.;:!?%，：％（）＂\u00a0 "
    for _ in range(count):
        yield "".join(draw.choice((draw.choice(marks), draw.choice(("a", "7", " b", "cm ", " ")))) for _ in range(12))
