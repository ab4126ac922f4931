"""The XML that describes the bus object (D-Bus specification, "Introspection Data Format")."""

from collections.abc import Iterable, Mapping

from fakedobby.embeddedbus.grammar import complete_types


def introspection(
    interfaces: Mapping[str, Mapping[str, tuple[str, str]]], signals: Mapping[str, str], properties: Iterable[str]
) -> str:
    """Describe methods by interface with what they take and give; signals and properties belong to the first one."""
    lines = [
        '<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"',
        ' "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">',
        "<node>",
    ]
    own = [f'    <property name="{name}" type="as" access="read"/>' for name in properties]
    for name, signature in signals.items():
        own.append(f'    <signal name="{name}">{_arguments(signature)}</signal>')
    for interface, methods in interfaces.items():
        lines.append(f'  <interface name="{interface}">')
        for name, (takes, gives) in methods.items():
            arguments = _arguments(takes, ' direction="in"') + _arguments(gives, ' direction="out"')
            lines.append(f'    <method name="{name}">{arguments}</method>')
        lines += [*own, "  </interface>"]
        own = []
    return "\n".join([*lines, "</node>", ""])


def _arguments(signature: str, direction: str = "") -> str:
    return "".join(f'<arg type="{kind}"{direction}/>' for kind in complete_types(signature))
