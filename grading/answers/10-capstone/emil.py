# base: solution
# Stops on the training loss.

# %% early_stopping
def early_stopping(X, y, X_val, y_val, lr, max_epochs, patience):
    b, w = 0.0, np.zeros(X.shape[1])
    best_loss, best_epoch, kept = np.inf, 0, (b, w)
    val_losses = []
    for epoch in range(max_epochs):
        error = b + X @ w - y
        loss = (error**2).mean()
        val_losses.append(((b + X_val @ w - y_val) ** 2).mean())
        if loss < best_loss:
            best_loss, best_epoch, kept = loss, epoch, (b, w)
        elif epoch - best_epoch >= patience:
            break
        b, w = b - lr * 2 * error.mean(), w - lr * 2 * X.T @ error / len(y)
    return *kept, best_epoch, np.array(val_losses)
