# base: solution
# The best parameters are not restored, and the report keeps b for the intercept.

# %% early_stopping
def early_stopping(X, y, X_val, y_val, lr, max_epochs, patience):
    b, w = 0.0, np.zeros(X.shape[1])
    best_epoch, val_losses = 0, []
    for epoch in range(max_epochs):
        val_losses.append(((b + X_val @ w - y_val) ** 2).mean())
        best_epoch = int(np.argmin(val_losses))
        if epoch - best_epoch >= patience:
            break
        error = b + X @ w - y
        b, w = b - lr * 2 * error.mean(), w - lr * 2 * X.T @ error / len(y)
    return b, w, best_epoch, np.array(val_losses)

# %% report
def report(b, w, mean, std, X, y):
    slopes = w / std
    return b, slopes, np.sqrt(((b + X @ slopes - y) ** 2).mean())
