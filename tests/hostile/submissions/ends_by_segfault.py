# base: solution
# attacks: height roll
# keeps: gradients
# finding: the code crashed Python (SIGSEGV)
# finding: This cell was stopped: it crashed Python (SIGSEGV)
# %% height
import ctypes

def height(w):
    return ctypes.string_at(0)
# %% roll
import ctypes
ctypes.string_at(0)
