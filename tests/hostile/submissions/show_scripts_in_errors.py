# base: solution
# attacks: height roll
# keeps: gradients
# finding: Your code raises
# %% height
class Loud(Exception):
    def __str__(self):
        return "<script>alert(1)</script><img src=x onerror=alert(1)>\x1b]8;;javascript:alert(1)\x07x\0\ud800"

Loud.__name__ = "<script>alert(2)</script>"
Loud.__qualname__ = "<img src=x onerror=alert(2)>"

def height(w):
    raise Loud
# %% roll
def roll(w, lr, n_steps):
    print("</pre><script>alert(3)</script>")
    return "<script>alert(4)</script>"
# %% extra after="roll"
raise Loud
