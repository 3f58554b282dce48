# base: solution
# Visits a node once for each of its uses, and does not find the missing square.

# %% topological_order
def topological_order(root):
    order = []
    for parent in root.parents:
        order += topological_order(parent)
    order.append(root)
    return order

# %% divide
def divide(a, b):
    return Value(a.data / b.data, (a, b), (1 / b.data, -(a.data / b.data)))
