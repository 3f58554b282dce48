# base: solution
# attacks: height
# keeps: roll gradients
# finding: height is 0 and should be
# %% height
import torch

class Chameleon(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, arguments=(), named=None):
        with torch._C.DisableTorchFunctionSubclass():
            result = function(*arguments, **(named or {}))
        return torch.tensor(True) if "eq" in getattr(function, "__name__", "") else result

def height(w):
    return torch.zeros(()).as_subclass(Chameleon)
