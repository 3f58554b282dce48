# base: solution
# Never resets the gradients in step; both trainings carry it on.

# %% step
def step(x, y, b, w, lr):
    loss = criterion(forward(x, b, w), y)
    loss.backward()
    with torch.no_grad():
        b -= lr * b.grad
        w -= lr * w.grad
    return loss.item()
