"""``gdgrade``'s commands around autograding, one module for what belongs together. Each has an `app` for `grading.cli`.

What a command needs is imported when it is called: all together take longer than ``gdgrade --help`` may.
"""
