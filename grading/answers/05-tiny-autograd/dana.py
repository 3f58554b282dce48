# base: solution
# Overwrites where shares have to add up.

# %% backward
def backward(order):
    order[-1].grad = 1.0
    for node in reversed(order):
        for parent, local in zip(node.parents, node.local):
            parent.grad = local * node.grad
