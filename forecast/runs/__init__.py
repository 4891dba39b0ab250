"""From a scenario to a forecast: inputs, first passage, document, run folder, and what compares them."""
