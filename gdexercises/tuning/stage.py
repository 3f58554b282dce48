"""A figure whose still parts are drawn once and whose moving parts are redrawn in milliseconds."""

import io
from typing import TypeVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

__all__ = ["Stage"]

A = TypeVar("A", bound=Artist)


class Stage:
    """Draw a figure again and again, at the price of its moving artists only.

    Axes, ticks, data and contours are drawn once and kept as pixels. Each picture starts from these pixels, so its
    price is that of the moving artists and of one PNG.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure, with its still artists. Draw it in the style it is to have: ticks are laid out now.
    """

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self._canvas = FigureCanvasAgg(figure)
        self._moving: list[Artist] = []
        self._still_pixels = None

    def moving(self, artist: A) -> A:
        """Make ``artist`` one that is drawn anew in every picture, over the ones named before it. Return it."""
        artist.set_animated(True)
        self._moving.append(artist)
        return artist

    def redraw(self) -> None:
        """Draw the still parts anew: call this after changing one of them."""
        self._canvas.draw()
        self._still_pixels = self._canvas.copy_from_bbox(self.figure.bbox)

    def png(self) -> bytes:
        """Return the picture as it is now."""
        if self._still_pixels is None:
            self.redraw()
        self._canvas.restore_region(self._still_pixels)
        for artist in self._moving:
            self.figure.draw_artist(artist)
        pixels = np.asarray(self._canvas.buffer_rgba())[..., :3]
        buffer = io.BytesIO()
        # Level 1: the time saved here is larger than the time a few more kilobytes take on the wire.
        Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "png", compress_level=1)
        return buffer.getvalue()
