"""How results are shown: each report is made of the report's JSON form alone, with the standard library alone."""
