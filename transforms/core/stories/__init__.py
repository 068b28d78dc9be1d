"""Group copies of articles into stories, and mentions in them into events.

Read `fingerprint` first (similar texts), then `copies`, `event_clusters` and `stable_ids`, which a
merge uses; `online` is for texts that arrive one by one without a lake.
"""
