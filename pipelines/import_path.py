"""Keep Python from importing modules out of the folder that a command is run in.

Imports nothing but `os` and `sys`, which Python has loaded already: a file `json.py` in the working
folder would take the place of any other module.
"""

import os
import sys

_HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def leave_working_folder() -> None:
    """Take the working folder off the import path of this process and of those that it starts.

    The folder that newsbeam itself lies in stays: a checkout need not be installed to be run.
    """
    here = os.getcwd()
    if os.path.realpath(_HOME) == os.path.realpath(here):
        return
    os.environ["PYTHONSAFEPATH"] = "1"
    sys.path[:] = [folder for folder in sys.path if folder]
    # `python -m` puts the working folder first.
    if sys.path[:1] == [here]:
        del sys.path[0]


def is_starting() -> bool:
    """Return whether Python is loading one of these packages for `python -m`.

    The first argument is `-m` only until the module is found.
    """
    names = [word.removeprefix("-m").partition(".")[0] for word in sys.orig_argv]
    return sys.argv[:1] == ["-m"] and "pipelines" in names
