"""One module a row of the budgets."""
