# base: solution
# attacks: height
# keeps: roll gradients
# finding: Too many open files
# %% height
import socket

held = []

def height(w):
    while True:
        held.append(socket.socketpair())
