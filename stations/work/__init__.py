"""People, checklists, tasks and verdicts: what is asked of whom, and what an answer is worth."""
