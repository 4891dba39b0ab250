"""What is trained on its own output: one kind of learner a file."""
