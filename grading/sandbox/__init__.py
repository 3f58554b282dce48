"""The jail that student code runs in, and the wire across its wall.

``jail.py`` is the grader's side: it starts a bubblewrap jail with a warm Python in it, and talks to one sandbox for
each submission. ``template.py`` is that Python; each submission is a fork of it, walled in by ``walls.py`` and run by
``inside.py``. ``stripped.py`` makes the gdexercises that student code finds there, with ``locked.py`` in the place of
every exercise.
"""

from grading.sandbox.jail import MODULES, Ended, Entrance, Jail, JailError, Limits, Sandbox, Time

__all__ = ["MODULES", "Ended", "Entrance", "Jail", "JailError", "Limits", "Sandbox", "Time"]
