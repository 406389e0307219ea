"""The learning loop: what people asked in vain, why, what is added, and what that gives."""
