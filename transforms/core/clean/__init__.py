"""Remove from an article the blocks that are not its own.

`strip.py` runs the steps in order. Blocks and their offsets: `blocks.py`, `positions.py`. Steps:
`boilerplate_rules.py` and `matching.py` (rules), `bios.py`, `credit_lines.py`, `repeats.py`,
`fragments.py`, `site_memory.py` (blocks that recur on a site; `outline.py`, `similar_blocks.py` and
`site_boilerplate.py` are its parts). Fields: `credit.py`, `dateline.py`, `agencies.py`.
"""
