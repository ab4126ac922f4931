"""The control API below /emulator/: for tests and tools that move the emulator about, as no box can be.

What a fake daemon alone can do, too, is in fakedobby/operations, with the document that says what there is; here is
what has to do with the plugin host. What is asked over HTTP comes by way of api.py, what is asked otherwise goes to
Operations.call().
"""
