"""Text to syntax: segments, sentences worth parsing, dependency trees, the context of a sentence."""
