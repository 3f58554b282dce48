# base: solution
# Forgets the seed.

# %% backward
def backward(order):
    for node in reversed(order):
        for parent, local in zip(node.parents, node.local):
            parent.grad += local * node.grad
