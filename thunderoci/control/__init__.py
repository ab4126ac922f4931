"""The control API below /emulator/: for tests and tools that move the emulator about, as no box can be.

openapi.json says what there is: document.py reads verbs, paths and the shapes of bodies from it, and operations.py has
a method for each operationId. What is asked over HTTP comes by way of api.py, what is asked otherwise goes to
Operations.perform().
"""
