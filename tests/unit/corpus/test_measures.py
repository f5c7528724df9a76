"""Numbers about texts: counted one by one here, at once there."""

import random
import unicodedata

from seq2seq_tfx.components.corpus.measures import measure


def test_counts_are_those_of_a_loop() -> None:
    draw = random.Random(2)
    alphabet = "ab \u00e9\u00df\u0130\u0434\u03b1\u4f60\u0663\U0001d7d8\U0001f600\uff21.-\u0301"
    texts = ["", *("".join(draw.choices(alphabet, k=draw.randrange(20))) for _ in range(300)), ""]
    found = measure(texts)
    for place, text in enumerate(texts):
        letters = [character for character in text if character.isalpha()]
        latin = [each for each in letters if "LATIN" in unicodedata.name(each)]
        assert found.characters[place] == len(text)
        assert found.digits[place] == sum(character.isdecimal() for character in text)
        assert (found.letters[place], found.latin[place]) == (len(letters), len(latin))
        assert found.latin_share[place] == (len(latin) / len(letters) if letters else 0)


def test_nothing_is_counted_in_no_texts() -> None:
    assert measure([]).characters.tolist() == []
