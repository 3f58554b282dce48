# base: solution
# Stops at the right moment and keeps the reason to himself.

# %% train_until
def train_until(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    losses = []
    for epoch in range(n_epochs):
        losses.append(mse(b + w * x, y))
        b_grad, w_grad = gradients(x, y, b, w)
        if losses[-1] < small_loss or np.hypot(b_grad, w_grad) < small_gradient:
            break
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, losses
