"""Pure rules of intake: signatures, bodies, values and facts."""
