"""What others have said, beside the forecast."""
