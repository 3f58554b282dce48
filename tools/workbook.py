"""Copy the lessons that a student does not have yet: python tools/workbook.py COURSE WORKBOOK

A file that exists in the workbook is never overwritten, whatever it holds.
"""

import filecmp
import shutil
import sys
from pathlib import Path


def fill(course: Path, workbook: Path) -> list[str]:
    """Copy what is missing from `course` to `workbook`.

    Returns
    -------
    list of str
        One line for each file, saying whether it was added or kept.

    Raises
    ------
    SystemExit
        If `course` has no files, or `workbook` cannot be written.
    """
    sources = sorted(
        path for path in course.rglob("*") if path.is_file() and not {".ipynb_checkpoints"} & set(path.parts)
    )
    if not sources:
        raise SystemExit(f"There are no lessons in {course}/. Run `make course` to make them.")
    try:
        return [_copy(source, workbook / source.relative_to(course)) for source in sources]
    except OSError as error:
        raise SystemExit(f"{workbook}/ cannot be filled: {error.strerror}: {error.filename}") from None


def _copy(source, target):
    if target.exists():
        same = target.is_file() and filecmp.cmp(source, target, shallow=False)
        note = "" if same else f" (yours; rename it to get a fresh {target.name} next time)"
        return f"  kept   {target}{note}"
    target.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and renamed, so that an interrupted copy never looks like a lesson that is there.
    aside = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, aside)
    aside.replace(target)
    return f"  added  {target}"


if __name__ == "__main__":
    print("\n".join(fill(Path(sys.argv[1]), Path(sys.argv[2]))))
