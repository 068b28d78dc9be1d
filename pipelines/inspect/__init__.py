"""Tools that look at a lake or at this machine and change neither."""
