"""Learning curves as one SVG file, for `multi30k_quality.py`."""

from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Final, NamedTuple

WIDTH, HEIGHT, LEFT, BOTTOM, LEGEND = 720, 420, 48, 40, 150
COLOURS: Final = ("#0b6e99", "#c4541b", "#3d8b37", "#8e44ad", "#b7950b", "#c0392b", "#16a085", "#5d6d7e", "#2c3e50")
TICKS: Final = 5


class Curve(NamedTuple):
    """A named sequence of points."""

    name: str
    points: list[tuple[float, float]]
    """Minutes of training and BLEU on val."""


def draw(curves: Sequence[Curve], path: Path) -> None:
    """Write the picture, if there is anything to draw."""
    points = [point for curve in curves for point in curve.points]
    if not points:
        return
    right, top = (max(values) or 1.0 for values in zip(*points, strict=True))
    inner_width, inner_height = WIDTH - LEFT - LEGEND, HEIGHT - 2 * BOTTOM

    def place(point: tuple[float, float]) -> tuple[float, float]:
        return LEFT + inner_width * point[0] / right, HEIGHT - BOTTOM - inner_height * point[1] / top

    parts = [*_axes(right, top, place)]
    for number, (curve, colour) in enumerate(zip(curves, COLOURS * len(curves), strict=False)):
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(place, curve.points))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.8"/>')
        parts.append(
            f'<text x="{WIDTH - LEGEND + 12}" y="{BOTTOM + 18 * number}" fill="{colour}">{escape(curve.name)}</text>'
        )
    style = 'font-family="sans-serif" font-size="12"'
    picture = "\n".join(
        [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {style}>', *parts, "</svg>", ""]
    )
    path.write_text(picture, encoding="utf-8")


def _axes(right: float, top: float, place: Callable[[tuple[float, float]], tuple[float, float]]) -> Iterator[str]:
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
    for tick in range(TICKS + 1):
        minutes, bleu = right * tick / TICKS, top * tick / TICKS
        x, _ = place((minutes, 0.0))
        _, y = place((0.0, bleu))
        yield f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - LEGEND}" y2="{y:.1f}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{bleu:.0f}</text>'
        yield f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{minutes:.0f}</text>'
    yield f'<text x="{LEFT}" y="{HEIGHT - 8}">minutes of training; BLEU on val, greedy</text>'
