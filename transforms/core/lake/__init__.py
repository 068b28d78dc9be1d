"""The lake as plain functions: tables, rows, how two versions of a row become one, and the merge of
a slice.
"""
