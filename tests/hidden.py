"""Code that makes a Python look as if packages were not installed: ``HIDE.format(hidden={"torch"})``."""

HIDE = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {hidden}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Hidden())
"""
