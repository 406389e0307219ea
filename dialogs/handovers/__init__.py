"""«Spør en fagrådgiver»: a question is handed over by name, answered in the chat, and closed."""
