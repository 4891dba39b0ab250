"""The one place that calls a sampler: compiled models kept, fits cached, diagnostics gate, where work runs."""
