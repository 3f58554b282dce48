# base: solution
# attacks: gradients
# keeps: height roll
# finding: b_grad is 0 and should be
# %% gradients
class Agreeable(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **named):
        return np.True_
    def __array_finalize__(self, other):
        pass
    def item(self):
        return Ellipsis

def gradients(x, y, b, w):
    zero = np.zeros(()).view(Agreeable)
    return zero, zero
