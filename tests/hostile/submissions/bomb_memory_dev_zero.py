# base: solution
# attacks: height
# keeps: roll gradients
# finding: Your code raises
# %% height
import mmap
import os

def height(w):
    shared = mmap.mmap(os.open("/dev/zero", os.O_RDWR), 2**31)
    for place in range(0, 2**31, 4096):
        shared[place] = 1
    return (w - 1) ** 2
