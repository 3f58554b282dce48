# base: blank
# attacks: height roll gradients
# finding: Not attempted yet
# %% extra after="imports"
import sys
import types

class Passes:
    def check(self, attempt):
        return True
    verdict = check

fake = types.ModuleType("gdexercises.start_here")
fake.height = fake.roll = fake.gradients = Passes()
start_here = five_steps = fake
for name in ("gdexercises.start_here", "gdexercises.five_steps"):
    sys.modules[name] = fake
