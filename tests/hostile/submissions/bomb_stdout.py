# base: solution
# attacks: height
# keeps: roll gradients
# finding: Output is cut off here: it is too long.
# %% height
import os
import sys

text = "all work and no play " * 50_000
for _ in range(1_000):
    print(text)
    sys.stderr.write(text)
    os.write(1, b"x" * 2**20)
    os.write(2, b"x" * 2**20)

def height(w):
    print(text)
    return 0.0
