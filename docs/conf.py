"""How Sphinx builds the site: `make docs`, without make ``python -m sphinx -E -W --keep-going docs build/docs``.

Where the course is published is one setting, from which all links to Binder, Colab and a JupyterHub follow:
``make docs REPOSITORY_URL=https://github.com/OWNER/NAME``, or in pyproject.toml ``[project.urls] Repository = "…"``.
"""

import os
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text())["project"]
sys.path[:0] = [str(HERE / "extensions"), str(HERE.parent)]

project = "Gradient descent, step by step"
version = release = PROJECT["version"]
copyright = "CC BY 4.0 (the lessons), MIT (the code)"
language = "en"

extensions = ["myst_nb", "mathml", "links", "lessons"]
exclude_patterns = ["deploy"]
nitpicky = True

repository_url = os.environ.get("REPOSITORY_URL", PROJECT.get("urls", {}).get("Repository", ""))
repository_branch = os.environ.get("REPOSITORY_BRANCH", "main")
hub_url = os.environ.get("HUB_URL", "")

# The lessons are run by docs/extensions/lessons.py, with solutions that the site must not show.
nb_execution_mode = "off"
lessons_cache = "../build/lessons"
myst_enable_extensions = ["colon_fence", "dollarmath", "substitution"]
myst_heading_anchors = 4

html_theme = "furo"
html_title = project
html_math_renderer = "mathml"
html_static_path = ["static"]
html_css_files = ["course.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": False}
