"""`score explain|diff|backtest|fit`: why a lead has its points, what another table would give, and how good a table is."""
