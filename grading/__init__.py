"""The instructor's side of the course: lessons as text, what students receive, and how their work becomes a grade."""
