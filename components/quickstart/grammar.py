"""The grammar as a whole: draws one sentence after the other, each sort in its share."""

import random
from typing import final

from seq2seq_tfx.components.quickstart.asking_sentences import AskingSentences
from seq2seq_tfx.components.quickstart.being_sentences import BeingSentences
from seq2seq_tfx.components.quickstart.choosing import Chooser
from seq2seq_tfx.components.quickstart.clauses import written
from seq2seq_tfx.components.quickstart.decks import Deck, weighted
from seq2seq_tfx.components.quickstart.doing_sentences import DoingSentences
from seq2seq_tfx.components.quickstart.relative_sentences import RelativeSentences


@final
class Grammar:
    """A synchronous grammar: each rule writes English and Spanish at once, so the source determines the target.

    Args:
        seed: Equal seeds give equal sentences in equal order.
    """

    def __init__(self, seed: int) -> None:
        generator = random.Random(seed)
        chooser = Chooser(generator)
        doing, being = DoingSentences(chooser), BeingSentences(chooser)
        relative = RelativeSentences(chooser, doing, being)
        sorts = {
            doing.transitive: 18,
            doing.intransitive: 9,
            being.described: 5,
            being.located: 2,
            being.existing: 3,
            being.aged: 1,
            being.priced: 2,
            being.born: 1,
            AskingSentences(chooser, doing).asking: 7,
            relative.of_subject: 4,
            relative.of_object: 4,
        }
        self._sorts = Deck(weighted(sorts), generator)

    def sentence(self) -> tuple[str, str, tuple[str, ...]]:
        """The next sentence.

        Returns:
            English, Spanish, and the combinations of words and constructions in it.
        """
        phrase, is_question = self._sorts.draw()()
        english, spanish = written(phrase, is_question)
        return english, spanish, tuple(sorted(set(phrase.combinations)))
