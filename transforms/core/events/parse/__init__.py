"""From text to syntax trees.

In order: `segments` (paragraphs, sentences, quotations), `prefilter` and `sentence_filter` (which
sentences are worth parsing), `model` and `parse_fixes` (the parser and its corrections), `syntax`
(relations in a tree), `sentence_context` (a parsed sentence with what is known of its article).
"""
