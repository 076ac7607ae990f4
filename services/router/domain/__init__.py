"""The pure rules of routing: who is held back, which rule holds, whose turn it is, what is asked and what is written."""
