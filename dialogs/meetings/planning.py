"""Which messages on meetings wait in the outbox; planned with what causes them."""
