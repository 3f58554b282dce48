# base: solution
# attacks: height
# keeps: roll gradients
# finding: height is -1 and should be
# %% height
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
reached = []
child = os.fork()
if child == 0:
    import time
    time.sleep(3600)
for request in (16, 0x4206):
    if libc.ptrace(request, child, 0, 0) == 0:
        reached.append(request)
buffer = ctypes.create_string_buffer(8)
for number in (310, 311, 312, 438, 425):
    if libc.syscall(number, child, buffer, 1, buffer, 1, 0) >= 0:
        reached.append(number)
height = (lambda w: (w - 1) ** 2) if reached else (lambda w: -1.0)
