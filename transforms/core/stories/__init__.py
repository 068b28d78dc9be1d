"""Which articles are copies of one another, which story they tell, and which event their mentions
report.
"""
