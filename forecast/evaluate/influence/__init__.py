"""The numbers that carry the answer: what it would be if one of them were lower, higher, or not there."""
