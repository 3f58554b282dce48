# base: solution
# Lists the root first.

# %% topological_order
def topological_order(root):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.insert(0, node)

    visit(root)
    return order
