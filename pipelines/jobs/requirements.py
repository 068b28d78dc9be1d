"""What every job needs of the machine, checked before it asks a publisher for anything."""

from transforms.core.clean.boilerplate_rules import load_rules as load_boilerplate_rules
from transforms.core.events.parse.model import find_model
from transforms.core.events.rules.event_rules import load_rules as load_event_rules
from transforms.core.events.rules.rule_files import languages
from transforms.machine_faults import JOB_MEGABYTES, require_address_space


def require_coder() -> None:
    """Raise MachineError if this machine cannot code events: no model, or broken rules, or less
    address space than its processes need.

    Without the model, a run would keep its articles without events, and no later run would code
    them. The model is found and its weights are checked, which takes some hundredths of a second;
    the processes of the pool load it.
    """
    require_address_space(JOB_MEGABYTES)
    for language in sorted(languages()):
        find_model(language)
        load_event_rules(language)
        load_boilerplate_rules(language)
