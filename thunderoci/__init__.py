"""An emulator of Thunder, the plugin host of RDK set-top boxes, with its plugin org.rdk.OCIContainer."""

__version__ = "0.1.0"
