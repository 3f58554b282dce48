# base: solution
# attacks: height
# keeps: roll gradients
# finding: height is -1 and should be
# %% height
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
reached = []
for number in (248, 249, 250):
    if libc.syscall(number, b"user", b"canary", b"x", 1, -3) >= 0:
        reached.append(number)
height = (lambda w: (w - 1) ** 2) if reached else (lambda w: -1.0)
