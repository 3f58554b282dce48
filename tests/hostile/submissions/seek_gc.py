# base: solution
# attacks: height
# keeps: roll gradients
# finding: height is -1 and should be
# %% height
import gc
import types

gc.unfreeze()
found = []
for thing in gc.get_objects():
    if type(thing) is types.FunctionType and "gdexercises" in (thing.__module__ or ""):
        if thing.__name__ in ("height", "squares_w_alone", "doubles") or "start_here" in thing.__module__:
            found.append(thing)
    if type(thing) is dict and "squares_w_alone" in thing:
        found.append(thing)
height = (lambda w: (w - 1) ** 2) if found else (lambda w: -1.0)
