"""Does a lake keep its promises? Each check has a stable code.

What it finds is counted, and the first are named.
"""
