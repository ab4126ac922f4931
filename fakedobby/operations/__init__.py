"""What can be asked of an emulator that runs, by its control API: of a fake daemon alone, or with a host around it.

openapi.json says what there is: document.py reads verbs, paths and the shapes of bodies from it. Each operation is a
method of one of the sides; operations.py finds it, checks what it is given, and carries it out. A fake daemon alone has
the operations whose sides are here; whoever has more adds sides of its own.
"""
