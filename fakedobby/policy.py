"""What the system bus, which denies by default, must be told so that the fake daemon can be on it."""

import os
import pwd
from xml.sax.saxutils import quoteattr

from fakedobby.protocol import BUS_NAME

PLUGIN_NAME = "com.sky.dobby.thunder"
TOOL_NAMES = "org.rdk.dobby.test"
"""Dobby's command line tool adds .pid and its process id, a new name each time."""

_POLICY = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<!-- Save as /etc/dbus-1/system.d/{daemon}.conf; the system bus reads it again by itself, or after a reload. -->
<busconfig>
  <!-- who may be the daemon and its clients: the plugin and Dobby's command line tool -->
  <policy user={user}>
    <allow own="{daemon}"/>
    <allow own="{plugin}"/>
    <allow own_prefix="{tool}"/>
    <allow send_destination="{daemon}"/>
  </policy>
  <!-- nobody else but root may call the daemon, since it writes into bundles wherever its callers say -->
  <policy user="root">
    <allow own_prefix="{tool}"/>
    <allow send_destination="{daemon}"/>
  </policy>
</busconfig>
"""


def policy(user: str) -> str:
    """Return a D-Bus bus configuration, an XML text, that lets `user` own the names and call the daemon."""
    return _POLICY.format(user=quoteattr(user), daemon=BUS_NAME, plugin=PLUGIN_NAME, tool=TOOL_NAMES)


def current_user() -> str:
    """Return the name of the user that we are, or the number of one without a name."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
