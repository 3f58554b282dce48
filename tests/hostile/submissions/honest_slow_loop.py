# base: solution
# attacks:
# keeps: height roll gradients
# %% gradients
def gradients(x, y, b, w):
    b_grad = w_grad = 0.0
    for _ in range(2_000):
        b_grad = w_grad = 0.0
        for one, other in zip(x.ravel().tolist(), y.ravel().tolist()):
            error = b + w * one - other
            b_grad += 2 * error / len(x)
            w_grad += 2 * one * error / len(x)
    return b_grad, w_grad
