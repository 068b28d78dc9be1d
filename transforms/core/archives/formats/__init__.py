"""The formats of archives, one a file: how each is recognised, listed and read.

`base` defines what a format is, `registry` lists all of them; `lines` is shared by formats with
one page a line.
"""
