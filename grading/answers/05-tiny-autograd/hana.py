# base: solution
# Lets the gradients of all epochs add up.

# %% train_neuron
def train_neuron(params, loss_of, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        loss = loss_of(params)
        losses.append(loss.data)
        loss.backward()
        for p in params:
            p.data -= lr * p.grad
    return losses
