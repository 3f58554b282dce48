"""nbgrader's settings for this course. Copy this file into a class directory and run ``nbgrader`` there."""

from pathlib import Path

from nbgrader.converters import Autograde, GenerateAssignment

from grading.plugins import GraftSubmission, SocketKernelManager, SubmissionExporter, with_our_steps

c = get_config()  # noqa: F821 -- traitlets provides it

# The class lives where this file stands, in nbgrader's own layout: source/, release/, submitted/<student>/, ...
c.CourseDirectory.course_id = "gradient-descent"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
# What notebooks and file browsers leave behind is no part of a submission.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "__pycache__", "*.pyc", ".DS_Store", "feedback"]

# Bug cells and quizzes bring their own stubs.
c.GenerateAssignment.preprocessors = with_our_steps(GenerateAssignment().preprocessors)

# A file that is no notebook ends with a score of zero and a finding, and the class goes on.
c.Autograde.exporter_class = SubmissionExporter
# Of a submission only the text of its cells is taken; the rest of the notebook is the released one.
c.Autograde.sanitize_preprocessors = [GraftSubmission]
# Student code runs behind a wall, checks outside of it. `c.WalledExecute.sandbox = False` would take the wall down.
c.Autograde.autograde_preprocessors = with_our_steps(Autograde().autograde_preprocessors)
# Who is not on the roster (`nbgrader db student import`) is graded all the same, without a name.
c.Autograde.create_student = True

# Without the wall: kernels that start at the same time do not take each other's ports.
c.Execute.kernel_manager_class = SocketKernelManager
# Seconds for one cell; the slowest right answer of the course takes a few.
c.Execute.timeout = 60
c.Execute.startup_timeout = 120
# A student's infinite print must fill neither the gradebook's disk nor the feedback page.
c.LimitOutput.max_lines = 500
c.LimitOutput.max_traceback = 50
