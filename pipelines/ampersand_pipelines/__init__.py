"""What runs the Ampersand source: command line, run report, sandbox, analytics, schedules."""
