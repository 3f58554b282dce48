# base: solution
# attacks: height
# keeps: roll gradients
# finding: height is -1 and should be
# %% height
import socket

reached = []
for family in range(64):
    for way in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        try:
            socket.socket(family, way)
        except OSError:
            continue
        if family not in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK):
            reached.append((family, way))
        if family in (socket.AF_INET, socket.AF_INET6) and way == socket.SOCK_RAW:
            reached.append((family, way))
print(reached)
height = (lambda w: (w - 1) ** 2) if reached else (lambda w: -1.0)
