"""The instructor's side of the course: lessons as text, what students receive, and how their work becomes a grade."""

import sys

# jsonschema, which validates notebooks, uses this for IRIs if it is there. A notebook has none, and importing it takes
# as long as all else that a command needs.
sys.modules.setdefault("rfc3987_syntax", None)
