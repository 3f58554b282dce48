"""Where students and teachers meet: /etc/jupyter/nbgrader_config.py, see docs/classroom.md."""

from pathlib import Path

c = get_config()  # noqa: F821 -- traitlets provides it

COURSE = "gradient-descent"

c.Exchange.root = "/srv/nbgrader/exchange"
# Also what students are shown: only this course, whatever else somebody puts into the exchange.
c.CourseDirectory.course_id = COURSE
# Formgrader opens the class of whoever has one, ~/gradient-descent.
if Path.home().joinpath(COURSE, "nbgrader_config.py").is_file():
    c.CourseDirectory.root = str(Path.home() / COURSE)
