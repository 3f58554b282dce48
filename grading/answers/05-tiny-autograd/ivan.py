# base: solution
# Goes through the order from its start, so parents have their turn before their children.

# %% backward
def backward(order):
    order[-1].grad = 1.0
    for node in order:
        for parent, local in zip(node.parents, node.local):
            parent.grad += local * node.grad
