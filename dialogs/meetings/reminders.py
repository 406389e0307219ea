"""What is sent of meetings: the reminder, the week's list, a change, a cancellation."""
