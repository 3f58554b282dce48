# base: solution
# attacks: height
# keeps: roll gradients
# finding: Your code raises PermissionError
# %% height
import mmap

def height(w):
    shared = mmap.mmap(-1, 2**31)
    for place in range(0, 2**31, 4096):
        shared[place] = 1
    return (w - 1) ** 2
