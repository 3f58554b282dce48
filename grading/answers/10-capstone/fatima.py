# base: solution
# Keeps the array itself, which the update changes.

# %% early_stopping
def early_stopping(X, y, X_val, y_val, lr, max_epochs, patience):
    b, w = 0.0, np.zeros(X.shape[1])
    best_loss, best_epoch = np.inf, 0
    val_losses = []
    for epoch in range(max_epochs):
        val_losses.append(((b + X_val @ w - y_val) ** 2).mean())
        if val_losses[-1] < best_loss:
            best_loss, best_epoch, best_b, best_w = val_losses[-1], epoch, b, w
        elif epoch - best_epoch >= patience:
            break
        error = b + X @ w - y
        b -= lr * 2 * error.mean()
        w -= lr * 2 * X.T @ error / len(y)
    return best_b, best_w, best_epoch, np.array(val_losses)
