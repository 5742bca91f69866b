"""Raw post to clean post, purely: reading text, pay, skills, dates; deciding what to store."""
