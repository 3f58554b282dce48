# base: solution
# attacks:
# keeps: height roll gradients
# %% height
import json
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

Path("notes.txt").write_text("Höhe")
with tempfile.TemporaryDirectory() as folder:
    Path(folder, "x.json").write_text(json.dumps({"w": 1}))
assert subprocess.run([sys.executable, "-c", "print(2)"], capture_output=True, text=True).stdout == "2\n"
import socket
socket.gethostname()
results = []
thread = threading.Thread(target=results.append, args=(1,))
thread.start()
thread.join()

def height(w):
    with ThreadPoolExecutor(2) as pool:
        return pool.submit(lambda: (w - 1) ** 2).result()
# %% roll
import asyncio
import multiprocessing

await asyncio.sleep(0)
shared = multiprocessing.Array("d", 3)

async def go(w, lr, n_steps):
    for _ in range(n_steps):
        await asyncio.sleep(0)
        w = w - lr * 2 * (w - 1)
    return w

def roll(w, lr, n_steps):
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(go(w, lr, n_steps))
    finally:
        loop.close()
