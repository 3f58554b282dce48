# base: solution
# attacks: gradients
# keeps: height roll
# finding: b_grad is
# %% gradients
class Drifts:
    def __array__(self, dtype=None, copy=None):
        return np.random.rand(1)
    def __float__(self):
        return float(np.random.rand())
    def __len__(self):
        return int(np.random.randint(5))
    def __iter__(self):
        return iter(np.random.rand(2))

class Pair(tuple):
    def __iter__(self):
        return iter((np.random.rand(), np.random.rand()))

def gradients(x, y, b, w):
    return Pair((1.0, 2.0))
