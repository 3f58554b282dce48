"""A figure whose still parts are drawn once and whose moving parts are redrawn in milliseconds."""

import io
from typing import TypeVar

from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

__all__ = ["Stage"]

A = TypeVar("A", bound=Artist)


class Stage:
    """Draw a figure again and again, at the price of its moving artists only.

    Axes, ticks, data and contours are drawn once and kept as pixels. Each picture starts from these pixels, so its
    price is that of the moving artists and of one encoded image.

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

    def frame(self) -> bytes:
        """Return the picture as it is now, as a JPEG at which the eye sees no difference from a PNG.

        A PNG of the same picture takes six times as long to write, more than all the drawing.
        """
        return self._encoded("jpeg", quality=92, subsampling=0)

    def png(self) -> bytes:
        """Return the picture as it is now, as a PNG, to be kept."""
        return self._encoded("png")

    def _encoded(self, kind: str, **options: int) -> bytes:
        if self._still_pixels is None:
            self.redraw()
        self._canvas.restore_region(self._still_pixels)
        for artist in self._moving:
            self.figure.draw_artist(artist)
        size = self._canvas.get_width_height(physical=True)
        picture = Image.frombuffer("RGBA", size, self._canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
        buffer = io.BytesIO()
        picture.convert("RGB").save(buffer, kind, **options)
        return buffer.getvalue()
