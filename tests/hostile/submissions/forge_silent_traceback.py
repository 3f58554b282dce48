# base: solution
# attacks: height
# keeps: roll gradients
# finding: height is 0 and should be
# %% height
import sys
from IPython import get_ipython

sys.tracebacklimit = 0
sys.excepthook = lambda *arguments: None
shell = get_ipython()
shell.showtraceback = shell._showtraceback = shell.showsyntaxerror = lambda *arguments, **named: None
shell.set_custom_exc((BaseException,), lambda *arguments, **named: None)

def height(w):
    return 0.0
