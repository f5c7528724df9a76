"""How a benchmark says whether a figure keeps its bound."""


def bounded(name: str, value: float, wanted: float, *, most: bool = False, unit: str = "") -> str:
    """One line.

    Args:
        name: What was measured.
        value: The figure.
        wanted: Its bound.
        most: Whether the bound is the largest value that is allowed, not the smallest.
        unit: What both are counted in.

    Example:
        >>> bounded("restart", 3.2, 10, most=True, unit="s")
        'restart: 3.20 s, wanted at most 10 s: pass'
    """
    held = value <= wanted if most else value >= wanted
    space, shown = " " if unit else "", f"{value:,.2f}" if abs(value) < 1000 else f"{value:,.0f}"
    side = "most" if most else "least"
    return f"{name}: {shown}{space}{unit}, wanted at {side} {wanted:,}{space}{unit}: {'pass' if held else 'MISS'}"
