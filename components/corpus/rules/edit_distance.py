"""Levenshtein's distance by bit-parallel dynamic programming (Myers 1999, Hyyro 2003) on Python's long integers."""


def edit_distance(one: str, other: str) -> int:
    """The least number of insertions, deletions and substitutions that make one text of the other.

    A column of the table is two integers with a bit a character of `one`, so the work is len(other) steps of
    len(one) / 64 machine words.

    Example:
        >>> edit_distance("kitten", "sitting")
        3
    """
    if not one or not other:
        return len(one) + len(other)
    mask, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    places: dict[str, int] = {}
    for index, character in enumerate(one):
        places[character] = places.get(character, 0) | 1 << index
    distance, rises, falls = len(one), mask, 0
    for character in other:
        same = places.get(character, 0)
        diagonal = (((same & rises) + rises) ^ rises) | same
        vertical = same | falls
        right_rises = (falls | ~(diagonal | rises)) & mask
        right_falls = rises & diagonal
        if right_rises & last:
            distance += 1
        elif right_falls & last:
            distance -= 1
        right_rises = (right_rises << 1) | 1
        rises = ((right_falls << 1) | ~(vertical | right_rises)) & mask
        falls = right_rises & vertical & mask
    return distance
