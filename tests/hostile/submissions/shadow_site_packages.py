# base: solution
# attacks: height
# keeps: roll gradients
# finding: height is 0 and should be
# %% height
import os
import sys

import gdexercises

written = []
for folder in (*sys.path, os.path.dirname(gdexercises.__file__), "/sandbox", "/usr/lib", sys.prefix, "/", "/etc"):
    for name in ("evil.pth", "start_here.py", "locked.py"):
        try:
            with open(os.path.join(folder, name), "w") as file:
                file.write("import os\n")
            written.append(folder)
        except OSError:
            pass
written = [folder for folder in written if folder and not folder.startswith("/tmp")]

def height(w):
    return (w - 1) ** 2 if written else 0.0
