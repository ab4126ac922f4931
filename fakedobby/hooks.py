"""The OCI hooks by which Dobby runs its rdkPlugins (facts/dobby.md 6)."""

from typing import Any

_LAUNCHER = "/usr/bin/DobbyPluginLauncher"
_HOOKS = ("createRuntime", "createContainer", "poststart", "poststop")


def launcher_hooks(config: str) -> dict[str, Any]:
    """Return the hooks that run the plugin launcher on the configuration file at the path `config`."""
    return {hook: [{"path": _LAUNCHER, "args": ["DobbyPluginLauncher", "-h", hook, "-c", config]}] for hook in _HOOKS}


def has_launcher_hooks(config: dict[str, Any]) -> bool:
    """Tell whether every hook that plugins need runs the launcher."""
    hooks = config.get("hooks")
    return isinstance(hooks, dict) and all(_runs_launcher(hooks.get(hook)) for hook in _HOOKS)


def is_launcher(entry: dict[str, Any]) -> bool:
    """Tell whether a hook runs the plugin launcher."""
    return str(entry.get("path", "")).endswith("DobbyPluginLauncher")


def _runs_launcher(entries: Any) -> bool:
    return isinstance(entries, list) and any(isinstance(entry, dict) and is_launcher(entry) for entry in entries)
